#include <gtest/gtest.h>

#include "support/graph_text.h"

namespace godwit {
namespace {

using testing::graph_of;
using testing::ledgers_of;
using testing::names_of;

// "1 applied, 2 pending": every row that is not plainly applied, or all of them.
std::string describe(const Graph& graph, const State& state) {
    std::vector<std::string> rows;
    for (const StandingRow& row : state.rows) {
        rows.push_back(graph.name(row.id) + " " + std::string(to_string(row.standing)));
    }
    return join(rows, ", ");
}

struct StateCase {
    const char* graph;
    const char* record;
    const char* rows;
    const char* heads;  // State::applied_heads of main.
};

const std::vector<StateCase> kCases = {
    {"", "", "", ""},
    {"#1, #2", "", "1 pending, 2 pending", ""},
    {"#1, #2", "1", "1 applied, 2 pending", "1"},
    {"#1, #2", "1, 2", "1 applied, 2 applied", "2"},
    {"#1, #2, #3", "1, 3", "1 applied, 2 out of order, 3 applied", "3"},
    {"#1, #2, #3", "3", "1 out of order, 2 out of order, 3 applied", "3"},
    {"#1, #2", "1*", "1 edited, 2 pending", "1"},
    {"#1, #2, #3", "1, 2*, 3", "1 applied, 2 edited, 3 applied", "3"},
    {"#1, #2", "1, 9", "9 missing, 1 applied, 2 pending", "1"},
    {"#1", "10, 9, 1", "9 missing, 10 missing, 1 applied", "1"},
    {"#1, #2", "1, 2>1/3", "1 applied, 2 failed", "1"},
    {"#1, #2", "1, 2<1/3", "1 applied, 2 failed", "2"},
    {"#1, #2", "1, 9>1/3", "9 failed, 1 applied, 2 pending", "1"},
    {"#1, #2", "1<0/1", "1 failed, 2 pending", "1"},
    // 1 is being applied although 2 is there: it failed, which says more.
    {"#1, #2", "2, 1>0/1", "1 failed, 2 applied", "2"},
    {"#1, %v", "1, v", "1 applied, v applied", "1"},
    {"#1, %v", "1, v*", "1 applied, v outdated", "1"},
    {"#1, %v", "1", "1 applied, v pending", "1"},
    {"#1, %v", "v>1/2", "1 pending, v failed", ""},
    // Explicit parents: a branch that is behind is only pending.
    {"a, a<-b, a<-c", "a, c", "a applied, b pending, c applied", "c"},
    {"a, a<-b, a<-c", "a, b, c", "a applied, b applied, c applied", "b c"},
    {"a, a<-b", "b", "a out of order, b applied", "b"},
    {"a, b~a", "a, b", "a applied, b applied", "b"},
    // Alembic's rows imply what lies below them.
    {"a, a<-b, a<-c", "alembic b", "a applied, b applied, c pending", "b"},
    {"a, a<-b, a<-c", "alembic b, c", "a applied, b applied, c applied", "b c"},
    {"a, a<-b, a<-c, b&c<-d", "alembic d", "a applied, b applied, c applied, d applied", "d"},
    {"a, x, a<-b~x", "alembic b", "a applied, x applied, b applied", "b"},
    {"a, a<-b", "alembic", "a pending, b pending", ""},
    {"a, a<-b", "alembic zzzz", "zzzz missing, a pending, b pending", ""},
    {"a, a<-b", "alembic a, b", "a applied, b applied", "b"},  // A row too many.
    {"a, a<-b", "alembic b<0/1", "a applied, b failed", "b"},
    {"a, a<-b", "alembic a, b>0/1", "a applied, b failed", "a"},
    // Each database by itself.
    {"items/#1, main/#1, items/#2", "items/2, main/1*",
     "items:1 out of order, items:2 applied, main:1 edited", "main:1"},
    {"items/x, a~items/x", "alembic a", "items:x pending, main:a applied", "main:a"},
    {"main/#1", "items/1", "items:1 missing, 1 pending", ""},
    {"main/#1, items/#2", "items/1", "items:1 missing, items:2 pending, main:1 pending", ""},
};

TEST(Examine, TellsWhatStandsWhere) {
    for (const StateCase& each : kCases) {
        SCOPED_TRACE(std::string(each.graph) + " with " + each.record);
        const Graph graph = graph_of(each.graph);
        const Ledgers ledgers = ledgers_of(graph, each.record);
        const State state = examine(graph, ledgers);
        std::string rows = describe(graph, state);
        EXPECT_EQ(rows, each.rows);
        EXPECT_EQ(names_of(graph, state.applied_heads(graph, "main")), each.heads);
        for (Graph::Index index = 0; index < graph.size(); ++index) {
            EXPECT_EQ(state.row(graph, index).migration, &graph.at(index));
        }
    }
}

TEST(Examine, UnderstandsChecksumsOfOthers) {
    auto migrations = testing::migrations_of("#1, #2");
    migrations[0].checksum = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
    const Graph graph = *Graph::build(std::move(migrations));
    Ledgers ledgers = ledgers_of(graph, "1, 2");
    LedgerEntry entry = *ledgers["main"].find("1");
    entry.checksum = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
    ledgers["main"].add(entry);
    entry.version = "2";
    entry.checksum = "";  // Who wrote none has nothing to compare.
    ledgers["main"].add(entry);
    EXPECT_EQ(describe(graph, examine(graph, ledgers)), "1 applied, 2 applied");
}

// What the own table knows of Alembic's implied revisions counts where they are applied.
TEST(Examine, ComparesImpliedRevisionsWithTheirDetails) {
    const Graph graph = graph_of("a, a<-b, b<-c");
    Ledgers ledgers = ledgers_of(graph, "alembic b");
    ledgers["main"].add_details(testing::entry_of("a*"));
    ledgers["main"].add_details(testing::entry_of("c*"));
    EXPECT_EQ(describe(graph, examine(graph, ledgers)), "a edited, b applied, c pending");
}

// alembic_version has no column for a checksum; the head's own details have.
TEST(Examine, ComparesTheHeadOfAlembicWithItsDetails) {
    const Graph graph = graph_of("a, a<-b");
    Ledgers ledgers = ledgers_of(graph, "");
    LedgerEntry head = testing::entry_of("b");
    head.checksum = "";
    ledgers["main"].layout = HistoryLayout::kAlembic;
    ledgers["main"].add(head);
    ledgers["main"].add_details(testing::entry_of("b*"));
    EXPECT_EQ(describe(graph, examine(graph, ledgers)), "a applied, b edited");
}

TEST(Examine, TellsWhichStandingsOccur) {
    const Graph graph = graph_of("#1, #2");
    const Ledgers ledgers = ledgers_of(graph, "1*, 9");
    const State state = examine(graph, ledgers);
    EXPECT_TRUE(state.has(Standing::kEdited));
    EXPECT_TRUE(state.has(Standing::kMissing));
    EXPECT_TRUE(state.has(Standing::kPending));
    EXPECT_FALSE(state.has(Standing::kApplied));
    EXPECT_EQ(state.rows[0].entry->version, "9");
    EXPECT_EQ(state.rows[0].migration, nullptr);
    EXPECT_EQ(state.rows[2].entry, nullptr);
}

TEST(Examine, KnowsDatabasesOfFilesAndOfRecords) {
    const Graph graph = graph_of("main/#1, items/#1");
    Ledgers ledgers;
    ledgers["search"].exists = true;
    EXPECT_EQ(examine(graph, ledgers).databases, (std::vector<std::string>{"items", "main", "search"}));
}

}  // namespace
}  // namespace godwit
