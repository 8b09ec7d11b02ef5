#include "plan/plan.h"

#include <gtest/gtest.h>

#include "support/graph_text.h"

namespace godwit {
namespace {

using testing::graph_of;
using testing::ledgers_of;
using testing::text_of;

struct PlanCase {
    const char* graph;
    const char* record;
    const char* goal;  // "up 3", "down", "up --allow-out-of-order", "down 1 in main"
    const char* plan;  // "3 (pending), ..." with "-row +row" for Alembic and "; note"; or "conflict: ..."
};

Goal goal_of(std::string_view text, PlanOptions& options) {
    Goal goal;
    const auto words = split_any(text, " ");
    goal.direction = words[0] == "up" ? Direction::kUp : Direction::kDown;
    for (size_t place = 1; place < words.size(); ++place) {
        if (words[place] == "--allow-out-of-order") {
            options.allow_out_of_order = true;
        } else if (words[place] == "--show-unfinished") {
            options.show_unfinished = true;
        } else if (words[place] == "in") {
            goal.databases.assign(words.begin() + static_cast<std::ptrdiff_t>(place) + 1, words.end());
            break;
        } else {
            goal.address = words[place];
        }
    }
    return goal;
}

std::string describe(const Graph& graph, const Plan& plan, Direction direction) {
    std::string text;
    for (const PlannedMigration& each : plan.migrations) {
        EXPECT_EQ(each.direction, direction);
        EXPECT_EQ(&graph.at(graph.index_of(*each.migration)), each.migration);
        if (!text.empty()) text += ", ";
        text += graph.name(each.migration->id) + " (" + each.why + ")";
        if (each.resuming) text += " from " + std::to_string(each.steps_done) + " " + each.step_hash;
        for (const std::string& row : each.heads_removed) text += " -" + row;
        for (const std::string& row : each.heads_added) text += " +" + row;
    }
    for (const std::string& note : plan.notes) text += "; " + note;
    return text;
}

std::string plan_of(const PlanCase& each) {
    const Graph graph = graph_of(each.graph);
    Ledgers ledgers = ledgers_of(graph, each.record);
    for (const std::string& database : graph.databases()) {
        // "-items" in a record: nobody read that database's.
        if (ledgers["-" + database].layout == HistoryLayout::kAlembic) ledgers.erase(database);
        ledgers.erase("-" + database);
    }
    PlanOptions options;
    const Goal goal = goal_of(each.goal, options);
    const auto plan = make_plan(graph, ledgers, goal, options);
    if (plan) return describe(graph, *plan, goal.direction);
    const ErrorCode code = plan.error().code;
    EXPECT_TRUE(code == ErrorCode::kConflict || code == ErrorCode::kInvalidInput ||
                code == ErrorCode::kNeedsRepair);
    const char* kind = code == ErrorCode::kConflict       ? "conflict: "
                       : code == ErrorCode::kInvalidInput ? "invalid: "
                                                          : "repair: ";
    return kind + text_of(plan.error());
}

void check(const std::vector<PlanCase>& cases) {
    for (const PlanCase& each : cases) {
        EXPECT_EQ(plan_of(each), each.plan) << each.graph << " with " << each.record << ": " << each.goal;
    }
}

constexpr const char* kLine = "#1, #2, #3, #4";
constexpr const char* kFork = "a, a<-b@left, a<-c@right, b<-d, c<-e";
constexpr const char* kJoin = "a, a<-b, a<-c, b&c<-d, d<-e";
constexpr const char* kTwo = "main/#1, main/#2, items/#1~main/1, items/#2~main/2";

TEST(PlanUp, TakesWhatIsNeededAndNotApplied) {
    check({
        {"", "", "up", ""},
        {kLine, "", "up", "1 (pending), 2 (pending), 3 (pending), 4 (pending)"},
        {kLine, "1, 2", "up", "3 (pending), 4 (pending)"},
        {kLine, "1, 2, 3, 4", "up", ""},
        {kLine, "1", "up 3", "2 (pending), 3 (pending)"},
        {kLine, "1, 2, 3", "up 2", ""},
        {kLine, "1", "up +2", "2 (pending), 3 (pending)"},
        {kLine, "1", "up head", "2 (pending), 3 (pending), 4 (pending)"},
        {kLine, "1", "up base", ""},
        {kLine, "1", "up current", ""},
        {kLine, "1", "up current+1", "2 (pending)"},
        {kFork, "a", "up heads", "b (pending), c (pending), d (pending), e (pending)"},
        {kFork, "a", "up",
         "conflict: there are several heads, d or e | d: d.sql | e: e.sql"
         " || name one of them, take all with `godwit up heads`, or join them with `godwit merge heads`"},
        {kFork, "", "up d", "a (parent of b), b (parent of d), d (pending)"},
        {kFork, "", "up left@head", "a (parent of b), b (parent of d), d (pending)"},
        {kFork, "a", "up right@+2", "c (parent of e), e (pending)"},
        {kJoin, "a, b", "up", "c (pending), d (pending), e (pending)"},
        {"a, x, a<-b~x, b<-c", "a", "up c", "x (required by b), b (parent of c), c (pending)"},
        {kTwo, "", "up items:2",
         "main:1 (pending), items:1 (pending), main:2 (required by items:2), items:2 (pending)"},
        {kTwo, "", "up 2", "main:1 (pending), items:1 (pending), main:2 (pending), items:2 (pending)"},
        {kTwo, "main/1, main/2", "up in items", "items:1 (pending), items:2 (pending)"},
        {kFork, "a", "up head",
         "conflict: there are several heads, d or e | d: d.sql | e: e.sql"
         " || name one of them, take all with `godwit up heads`, or join them with `godwit merge heads`"},
        {kLine, "1", "up -1", "invalid: \"-1\" does not lead up || use `godwit down -1`"},
        {kTwo, "", "up in items",
         "invalid: items/1.sql:1: items:1 needs main:1, which is not applied, and main is not selected"
         " | items/2.sql:1: items:2 needs main:2, which is not applied, and main is not selected"
         " || select it as well: --databases items main"},
        {kTwo, "-main alembic", "up in items",
         "invalid: items/1.sql:1: items:1 needs main:1, which is not applied, and main is not selected"
         " | items/2.sql:1: items:2 needs main:2, which is not applied, and main is not selected"
         " || select it as well: --databases items main"},
        {kTwo, "", "up in mein", "invalid: there is no database \"mein\" || did you mean main?"},
    });
}

TEST(PlanUp, RunsRepeatablesOnceTheRestIsThere) {
    check({
        {"#1, %v", "", "up", "1 (pending), v (pending)"},
        {"#1, %v", "1, v", "up", ""},
        {"#1, %v", "1, v*", "up",
         "v (changed since it was applied (repeatable)); v.sql changed since it was applied and runs again"},
        {"#1, #2, %v", "1, v*", "up 1", ""},  // 2 is still missing.
        {"#1, #2, %v", "1, v", "up", "2 (pending)"},
        {"#1, #2, %v", "", "up 2", "1 (pending), 2 (pending), v (pending)"},
        {"#1, #2, %v", "1", "up +1", "2 (pending), v (pending)"},
        {"%v", "", "up", "v (pending)"},
        {"%v, %w~v", "v*", "up",
         "v (changed since it was applied (repeatable)), w (pending); v.sql changed since it was applied and "
         "runs again"},
        {"#1, #2, %v", "", "up v", "v (pending)"},  // Asked for by name.
        {"main/#1, items/%v~main/1, items/#1", "", "up in items",
         "invalid: items/v.sql:1: items:v needs main:1, which is not applied, and main is not selected"
         " || select it as well: --databases items main"},
        {"main/%v, items/#1", "", "up items:head", "items:1 (pending)"},
        {"main/%v, items/%w", "", "up main:heads", "main:v (pending)"},
    });
}

TEST(PlanUp, RefusesAHistoryThatTheFilesContradict) {
    check({
        {kLine, "1, 2*", "up",
         "conflict: 2.sql: 2 was edited after it was applied"
         " || restore the file and put the change into a new migration, or accept the file as it is with"
         " `godwit repair --accept-checksum 2`"},
        {kLine, "1, 9", "up",
         "conflict: 9 is recorded as applied, but no file has it"
         " || restore its file, or forget it with `godwit repair --reverted 9`"},
        {kLine, "1*, 9", "up 2",
         "conflict: 9 is recorded as applied, but no file has it | 1.sql: 1 was edited after it was applied"
         " || restore its file, or forget it with `godwit repair --reverted 9`"},
        {"a, a<-b", "alembic zzzz", "up",
         "conflict: zzzz is recorded as applied, but no file has it"
         " || restore its file, or forget it with `godwit repair --reverted zzzz`"},
        {kLine, "1, 3", "up",
         "conflict: 2.sql:1: 2 is pending, but the newer 3 is already applied"
         " || apply it all the same with --allow-out-of-order, or give it a newer version"},
        {kLine, "4, 1", "up",
         "conflict: 2.sql:1: 2 is pending, but the newer 4 is already applied"
         " | 3.sql:1: 3 is pending, but the newer 4 is already applied"
         " || apply it all the same with --allow-out-of-order, or give it a newer version"},
        {kLine, "1, 3", "up --allow-out-of-order",
         "2 (out of order, allowed by --allow-out-of-order), 4 (pending)"},
        {kLine, "1, 3", "up +1 --allow-out-of-order", "2 (out of order, allowed by --allow-out-of-order)"},
        {kLine, "1, 3", "up 1", ""},  // Not in the way.
        {"main/#1, main/#2, items/#1", "main/1*, main/9", "up in items", "items:1 (pending)"},
        {"main/#1, main/#2, items/#1", "main/2", "up in items", "items:1 (pending)"},
    });
}

TEST(PlanUp, ResumesWhatStoppedHalfway) {
    check({
        {kLine, "1, 2>2/5", "up 2", "2 (resumes after step 2 of 5) from 2 hash of 2"},
        {kLine, "1, 2>0/5", "up +1", "2 (resumes after step 0 of 5) from 0 hash of 2"},
        {"#1, %v", "1, v>1/2", "up", "v (resumes after step 1 of 2) from 1 hash of v"},
        {kLine, "1, 2>2/5", "up 1",
         "repair: 2.sql:1: 2 is half applied: a run stopped after step 2 of 5, and this goal does not "
         "include it"
         " || carry it on with `godwit up`, or settle it with `godwit repair`"},
        {kLine, "1, 2*>2/5", "up 2",
         "2 (resumes after step 2 of 5) from 2 hash of 2"},  // Who repairs a step edits it.
        {kLine, "1, 9>2/5", "up",
         "repair: 9 is half applied: a run stopped after step 2 of 5, and no file has it"
         " || restore its file, or settle it with `godwit repair`"},
        {kLine, "1, 2<1/2", "up",
         "repair: 2.sql:1: 2 is half reverted: a run stopped after step 1 of 2"
         " || carry it on with `godwit down`, or settle it with `godwit repair`"},
        {"main/#1, items/#1, items/#2", "main/1<1/2, items/1", "up in items", "items:2 (pending)"},
    });
}

TEST(PlanDown, TakesWhatCannotStay) {
    check({
        {kLine, "1, 2, 3", "down", "3 (one step down)"},
        {kLine, "1, 2, 3", "down -2", "3 (one step down), 2 (one step down)"},
        {kLine, "1, 2, 3", "down 1", "3 (after 1), 2 (after 1)"},
        {kLine, "1, 2, 3", "down 3", ""},
        {kLine, "1, 2, 3", "down base", "3 (down to base), 2 (down to base), 1 (down to base)"},
        {kLine, "", "down base", ""},
        {kLine, "1, 2, 3", "down 3-2", "3 (after 1), 2 (after 1)"},
        {kLine, "1, 2, 3", "down 1-1", "3 (down to base), 2 (down to base), 1 (down to base)"},
        {kLine, "1, 3", "down", "3 (one step down)"},
        {kLine, "1, 3", "down 1", "3 (after 1)"},
        {kLine, "1, 2", "down current", ""},
        {kLine, "1, 2", "down 3",
         "invalid: 3.sql:1: 3 is not applied, so it cannot be what stays"
         " || name an applied migration, or base; `godwit current` shows the newest"},
        {kLine, "1, 3", "down 2",
         "invalid: 2.sql:1: 2 is not applied, so it cannot be what stays"
         " || name an applied migration, or base; `godwit current` shows the newest"},
        {kLine, "", "down", ""},
        {kLine, "1", "down -2",
         "invalid: \"-2\" goes too far: only 1 migration can be reverted || say base to revert all"},
        {kLine, "1", "down +1", "invalid: \"+1\" does not lead down || use `godwit up +1`"},
        {kFork, "a, b, c, d", "down a", "d (after a), c (after a), b (after a)"},
        {kFork, "a, b, c, d", "down left@a", "d (after a), b (after a)"},
        {kFork, "a, b, c, d", "down b", "d (after b)"},
        {kFork, "a, b, c, d", "down c", ""},
        {kFork, "a, b, c, d", "down left@-1", "d (one step down)"},
        {kFork, "a, b, d", "down", "d (one step down)"},
        {"x@l, x<-y, a~y", "x, y, a", "down l@-1", "a (depends on y), y (one step down)"},
        {kFork, "a, b, c, d", "down",
         "invalid: \"-1\" is ambiguous: it could start from c or d, which are all newest"
         " || name the version that stays, or a branch: LABEL@-1"},
        {kFork, "a, b, c, d", "down heads",
         "conflict: \"heads\" could mean d or e: there are several heads | d: d.sql | e: e.sql || name the one "
         "that stays"},
        {"a, x, a<-b, x<-y", "a, b, x, y", "down b@base", "b (down to base), a (down to base)"},
        {kJoin, "a, b, c, d", "down", "d (one step down)"},
        {kJoin, "a, b, c, d", "down b", "d (after b)"},
        {"a, x, a<-b~x, b<-c, x<-y", "a, x, b, c, y", "down x@base",
         "y (down to base), c (after b), b (depends on x), x (down to base)"},
    });
}

TEST(PlanDown, MindsTheOtherDatabases) {
    check({
        {kTwo, "main/1, items/1, main/2, items/2", "down 1",
         "items:2 (after items:1), main:2 (after main:1)"},
        {kTwo, "main/1, items/1, main/2, items/2", "down main:1",
         "items:2 (depends on main:2), main:2 (after main:1)"},
        {kTwo, "main/1, items/1, main/2, items/2", "down main:base",
         "items:2 (depends on main:2), main:2 (down to base), items:1 (depends on main:1), main:1 (down to "
         "base)"},
        {kTwo, "main/1, items/1, main/2, items/2", "down main:-1",
         "items:2 (depends on main:2), main:2 (one step down)"},
        {kTwo, "main/1, items/1, main/2", "down main:-1", "main:2 (one step down)"},
        {kTwo, "main/1, items/1, main/2, items/2", "down -1 in items", "items:2 (one step down)"},
        {kTwo, "main/1, items/1, main/2, items/2", "down -1 in main",
         "invalid: items/2.sql:1: items:2 depends on main:2 and is applied, and items is not selected"
         " || select it as well: --databases main items"},
        {kTwo, "main/1, main/2, -items alembic", "down -1 in main",
         "invalid: items/2.sql:1: items:2 depends on main:2 and may be applied, but items is not selected"
         " || select it as well: --databases main items"},
        {kTwo, "main/1, main/2", "down -1 in main", "main:2 (one step down)"},
        {kTwo, "main/1, items/1, main/2, items/2", "down",
         "invalid: \"-1\" could begin with items:2 or main:2: several databases "
         "have applied"
         " migrations || name the database: items:-1"},
        {kTwo, "main/1, main/2", "down", "main:2 (one step down)"},
        // The version is applied in one of them only: the other has nothing to go back from.
        {kTwo, "main/1, main/2, items/1", "down 2", ""},
        {"main/#1, main/#2, items/#1, items/#2, items/#3", "main/1, main/2, items/1, items/3", "down 2",
         "invalid: items/2.sql:1: items:2 is not applied, so it cannot be what stays"
         " || name an applied migration, or base; `godwit current` shows the newest"},
    });
}

TEST(PlanDown, RefusesWhatCannotBeReverted) {
    check({
        {"#1, #2!, #3", "1, 2, 3", "down 1",
         "conflict: 2.sql:1: 2 cannot be reverted: it has no down part"
         " || add a down part and accept it with `godwit repair --accept-checksum 2`, or write a new "
         "migration that"
         " undoes it"},
        {"#1!, #2!, #3", "1, 2, 3", "down base",
         "conflict: 2.sql:1: 2 cannot be reverted: it has no down part | 1.sql:1: 1 cannot be reverted: it "
         "has no down part"
         " || add a down part and accept it with `godwit repair --accept-checksum 2`, or write a new "
         "migration that"
         " undoes it"},
        {"#1, #2!, #3", "1, 2, 3", "down", "3 (one step down)"},
        {kLine, "1, 2*, 3", "down", "3 (one step down)"},
        {kLine, "1, 2*, 3", "down 1",
         "conflict: 2.sql: 2 was edited after it was applied"
         " || restore the file and put the change into a new migration, or accept the file as it is with"
         " `godwit repair --accept-checksum 2`"},
        {"#1, #2, #4", "1, 2, 3, 4", "down 2",
         "conflict: 3 would have to be reverted, but no file has it"
         " || restore its file, or forget it with `godwit repair --reverted 3`"},
        {"#1, #2, #4", "1, 2, 3, 4", "down", "4 (one step down)"},
        {"#1, #2", "1, 2, 3", "down 2",
         "conflict: 3 would have to be reverted, but no file has it"
         " || restore its file, or forget it with `godwit repair --reverted 3`"},
        {"#1, #2", "1, 2, 3", "down",
         "conflict: 3 would have to be reverted, but no file has it"
         " || restore its file, or forget it with `godwit repair --reverted 3`"},
        {"#2, #3", "1, 2, 3", "down base",
         "conflict: 1 would have to be reverted, but no file has it"
         " || restore its file, or forget it with `godwit repair --reverted 1`"},
        {"#2, #3", "1, 2, 3", "down 2", "3 (after 2)"},
        {"a, a<-b", "a, b, z", "down",  // Nobody knows where z hung.
         "conflict: z would have to be reverted, but no file has it"
         " || restore its file, or forget it with `godwit repair --reverted z`"},
        {"main/#1, items/#1", "main/1, items/1, items/9", "down main:base", "main:1 (down to base)"},
    });
}

TEST(PlanDown, LeavesRepeatablesUnlessTheyDepend) {
    check({
        {"#1, %v!", "1, v", "down", "1 (one step down)"},
        {"#1, %v!", "1, v", "down base",
         "1 (down to base); v.sql is repeatable and has no down part: what it made stays, and it runs again "
         "once it"
         " changes"},
        {"#1, %v", "1, v", "down base", "v (down to base), 1 (down to base)"},
        {"#1, %v~1", "1, v", "down", "v (depends on 1), 1 (one step down)"},
        {"#1, %v!~1", "1, v", "down",
         "conflict: v.sql:1: v cannot be reverted: it has no down part"
         " || add a down part and accept it with `godwit repair --accept-checksum v`, or write a new "
         "migration that"
         " undoes it"},
        {"#1, #2", "1, 2, R__gone", "down 1", "2 (after 1)"},
    });
}

TEST(PlanDown, ResumesWhatStoppedHalfway) {
    check({
        {kLine, "1, 2<1/3", "down", "2 (resumes after step 1 of 3) from 1 hash of 2"},
        {kLine, "1, 2<1/3", "down base", "2 (resumes after step 1 of 3) from 1 hash of 2, 1 (down to base)"},
        {kLine, "1, 2<1/3", "down 2",
         "repair: 2.sql:1: 2 is half reverted: a run stopped after step 1 of 3, and this goal does not "
         "include it"
         " || carry it on with `godwit down`, or settle it with `godwit repair`"},
        {kLine, "1, 2>1/3", "down",
         "repair: 2.sql:1: 2 is half applied: a run stopped after step 1 of 3"
         " || carry it on with `godwit up`, or settle it with `godwit repair`"},
        {kLine, "1, 2*<1/3", "down", "2 (resumes after step 1 of 3) from 1 hash of 2"},
    });
}

TEST(PlanAlembic, KeepsTheRowsAsAlembicDoes) {
    check({
        {"a, a<-b", "alembic", "up", "a (pending) +a, b (pending) -a +b"},
        {"a, a<-b", "alembic b", "down base", "b (down to base) -b +a, a (down to base) -a"},
        {kFork, "alembic a", "up heads", "b (pending) -a +b, c (pending) +c, d (pending) -b +d, e (pending) -c +e"},
        {kJoin, "alembic b, c", "up d", "d (pending) -b -c +d"},
        {kJoin, "alembic d", "down", "d (one step down) -d +b +c"},
        {kJoin, "alembic d", "down b", "d (after b) -d +b +c"},
        {kJoin, "alembic d", "down a", "d (after a) -d +b +c, c (after a) -c, b (after a) -b +a"},
        {"a, x, a<-b~x", "alembic a, x", "up heads", "b (pending) -a -x +b"},
        {"a, x, a<-b~x", "alembic b", "down", "b (one step down) -b +a +x"},
        {"a, x, x<-y, a<-b~x", "alembic b", "up heads", "y (pending) +y"},
        {"a, x, x<-y, a<-b~x", "alembic b, y", "down y", ""},
        {"a, x, x<-y, a<-b~x", "alembic b, y", "down x", "y (after x) -y"},
        // A dependency of another database has no row to go.
        {"items/x, a~items/x", "alembic, items alembic items/x", "up", "main:a (pending) +a"},
        {"items/x, a~items/x", "alembic a, items alembic items/x", "down main:base",
         "main:a (down to base) -a"},
        {"#1, %v", "alembic", "up", "1 (pending) +1, v (pending)"},
        {"a, a<-b", "a", "up", "b (pending)"},  // The other layout keeps a row for each.
    });
}

struct PinCase {
    const char* graph;
    const char* record;
    const char* goal;
    const char* pinned;  // "-" where the address is left as it is.
    const char* later;   // A record after part of the work was done,
    const char* then;    // and what the pinned goal still asks for.
};

TEST(Pin, KeepsTheMeaningWhileTheRecordMoves) {
    const std::vector<PinCase> cases = {
        {kLine, "1", "up +2", "3", "1, 2", "3 (pending)"},
        {kLine, "1", "up +2", "3", "1, 2, 3", ""},
        {kLine, "1", "up", "-", "1, 2, 3", "4 (pending)"},
        {kLine, "1", "up 3", "-", "1, 2", "3 (pending)"},
        {kLine, "1", "up current+1", "2", "1, 2", ""},
        {kLine, "1, 2, 3", "down", "3", "1, 2", ""},
        {kLine, "1, 2, 3", "down -2", "3 2", "1, 2", "2 (one step down)"},
        {kLine, "1, 2, 3", "down 1", "-", "1, 2", "2 (after 1)"},
        {kLine, "1, 2, 3", "down -2", "3 2", "1, 2<1/2", "2 (resumes after step 1 of 2) from 1 hash of 2"},
        {kJoin, "alembic d", "down", "d", "alembic b, c", ""},
        {kTwo, "main/1, main/2, items/1, items/2", "down main:-1", "main:2", "main/1, main/2, items/1",
         "main:2 (one step down)"},
    };
    for (const PinCase& each : cases) {
        SCOPED_TRACE(std::string(each.graph) + " with " + each.record + ": " + each.goal);
        const Graph graph = graph_of(each.graph);
        PlanOptions options;
        const Goal goal = goal_of(each.goal, options);
        const auto pinned = pin(graph, ledgers_of(graph, each.record), goal);
        ASSERT_TRUE(pinned.has_value()) << pinned.error().message;
        std::string names = pinned->pinned ? "" : "-";
        if (pinned->pinned) {
            for (const MigrationId& id : *pinned->pinned)
                names += (names.empty() ? "" : " ") + graph.name(id);
        }
        EXPECT_EQ(names, each.pinned);
        const Ledgers later = ledgers_of(graph, each.later);
        const auto plan = make_plan(graph, later, *pinned, options);
        ASSERT_TRUE(plan.has_value()) << plan.error().message;
        EXPECT_EQ(describe(graph, *plan, goal.direction), each.then);
        const auto again = pin(graph, later, *pinned);
        ASSERT_TRUE(again.has_value());
        EXPECT_EQ(again->pinned, pinned->pinned);
    }
}

TEST(Pin, FailsAsThePlanWould) {
    const Graph graph = graph_of(kFork);
    const auto pinned = pin(graph, ledgers_of(graph, "a"), {Direction::kUp, "+1", {}, {}});
    ASSERT_FALSE(pinned.has_value());
    EXPECT_EQ(pinned.error().code, ErrorCode::kInvalidInput);
}

TEST(PlanErrors, TellWhatIsKnownOfTheRunThatStopped) {
    const Graph graph = graph_of("#1");
    Ledgers ledgers;
    LedgerEntry entry = testing::entry_of("1>1/2");
    entry.step_text = "ALTER TABLE user\nADD x";
    entry.error = "relation \"user\" does not exist";
    entry.owner = "ann@build pid 7";
    ledgers["main"].add(entry);
    const auto plan = make_plan(graph, ledgers, {Direction::kDown, "base", {}, {}}, {});
    ASSERT_FALSE(plan.has_value());
    EXPECT_EQ(plan.error().details, (std::vector<std::string>{"next step: ALTER TABLE user\\nADD x",
                                                              "last error: relation \"user\" does not exist",
                                                              "last run by ann@build pid 7"}));
}

TEST(PlanUp, RefusesWhatNobodyHasWrittenYet) {
    check({
        {"#1, #2?, #3", "1", "up",
         "invalid: 2.sql: the file holds no statement to apply"
         " || Write the change into it; if it is meant to do nothing, say so in a line `-- godwit: no-op`."},
        {"#1, #2?, #3?", "1", "up",
         "invalid: 2.sql: the file holds no statement to apply"
         " | 3.sql: the file holds no statement to apply"
         " || Write the change into it; if it is meant to do nothing, say so in a line `-- godwit: no-op`."},
        {"#1, #2?, #3", "", "up 1", "1 (pending)"},
        {"#1, #2?", "1, 2", "up", ""},
        {"#1, #2?", "1, 2", "down", "2 (one step down)"},
        {"#1, #2?, #3", "1", "up --show-unfinished",
         "2 (pending, but unfinished: `godwit up` refuses it), 3 (pending)"},
    });
}

}  // namespace
}  // namespace godwit
