// Compares addresses, ranges and rows with what Alembic itself answered; see
// alembic_compare.py for how alembic_golden.txt is made.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "plan/plan.h"
#include "support/graph_text.h"

namespace godwit {
namespace {

struct Question {
    std::string kind;  // "up", "down", "at" or "range".
    std::string address;
    std::string answer;  // Alembic's.
};

std::string joined(const std::set<std::string>& names) {
    return names.empty() ? "-" : join({names.begin(), names.end()}, " ");
}

// The rows of Alembic's table, as this program keeps them.
struct Rows {
    std::set<std::string> rows;

    Ledgers ledgers() const {
        Ledgers ledgers;
        ledgers["main"].layout = HistoryLayout::kAlembic;
        for (const std::string& row : rows) ledgers["main"].add(testing::entry_of(row));
        return ledgers;
    }

    // Carries out a plan; after each step the rows must be the newest applied.
    std::string move(const Graph& graph, Direction direction, const std::string& address) {
        const auto plan = make_plan(graph, ledgers(), {direction, address, {}, {}}, {});
        if (!plan) return "! " + plan.error().message;
        for (const PlannedMigration& each : plan->migrations) {
            for (const std::string& row : each.heads_removed) EXPECT_EQ(rows.erase(row), 1u) << row;
            for (const std::string& row : each.heads_added) EXPECT_TRUE(rows.insert(row).second) << row;
            const Ledgers now = ledgers();
            const State state = examine(graph, now);
            EXPECT_EQ(state.is_applied(graph.index_of(*each.migration)), direction == Direction::kUp);
            std::set<std::string> newest;
            for (const Graph::Index index : state.applied_heads(graph, "main"))
                newest.insert(graph.at(index).id.version);
            EXPECT_EQ(joined(newest), joined(rows));
        }
        return joined(rows);
    }

    std::string look(const Graph& graph, const Question& question) const {
        const Ledgers now = ledgers();
        const State state = examine(graph, now);
        const auto found = question.kind == "at" ? resolve(graph, state, question.address, {})
                                                 : resolve_range(graph, state, question.address, {});
        if (!found) return "! " + found.error().message;
        std::set<std::string> names;
        for (const Graph::Index index : *found) names.insert(graph.at(index).id.version);
        return joined(names);
    }
};

// Where the answers differ on purpose, why; empty where they must not.
std::string deliberate(const Question& question, const std::string& ours) {
    const std::string& theirs = question.answer;
    const auto refused_with = [](const std::string& answer, std::string_view text) {
        return answer.starts_with("!") && answer.find(text) != std::string::npos;
    };
    const bool down = question.kind == "down" && !ours.starts_with("!");
    if (question.kind == "at" && question.address == "heads" && !ours.starts_with("!")) {
        const std::string all = " " + ours + " ";
        for (const std::string_view head : split_any(theirs, " ")) {
            if (all.find(" " + std::string(head) + " ") == std::string::npos) return "";
        }
        return "a head stays one when another branch depends on it: `merge heads` must join it, too";
    }
    if (down && refused_with(theirs, "ot a valid downgrade target")) {
        return "nothing that is applied lies above what stays: there is nothing to do, which is no error";
    }
    if (down && refused_with(theirs, "Multiple head revisions") &&
        question.address.find("@head") != std::string::npos) {
        return "BRANCH@head has one meaning even where other branches have heads";
    }
    if (down && refused_with(theirs, "Ambiguous walk")) {
        return "one step down from a merge takes the merge away, and leaves what it joined";
    }
    if (refused_with(ours, "does not share the lineage of")) return "BRANCH@REVISION is on the branch";
    if (question.kind == "up" && refused_with(theirs, "overlaps with other requested revisions")) {
        return "two heads may be asked for although one depends on the other";
    }
    return "";
}

// Reads alembic_golden.txt question by question.
class Golden {
public:
    explicit Golden(const std::string& path) : file_(path) {}
    bool is_open() const { return file_.is_open(); }

    bool next() {
        std::string line;
        while (std::getline(file_, line)) {
            if (line.starts_with("#")) continue;
            if (!line.starts_with("graph ")) {
                const size_t space = line.find(' ');
                const size_t equals = line.find(" = ");
                question = {line.substr(0, space), line.substr(space + 1, equals - space - 1),
                            line.substr(equals + 3)};
                return true;
            }
            graph_text = line.substr(6);
            graph = testing::graph_of(graph_text);
            database.rows.clear();
        }
        return false;
    }

    std::string ask() const {
        Rows ours = database;
        if (question.kind == "up") return ours.move(graph, Direction::kUp, question.address);
        if (question.kind == "down") return ours.move(graph, Direction::kDown, question.address);
        return ours.look(graph, question);
    }

    // The next question finds the rows that Alembic left.
    void take_answer() {
        if ((question.kind != "up" && question.kind != "down") || question.answer.starts_with("!")) return;
        database.rows.clear();
        for (const std::string_view row : split_any(question.answer, " ")) {
            if (row != "-") database.rows.emplace(row);
        }
    }

    std::string graph_text;
    Graph graph = testing::graph_of("");
    Rows database;
    Question question;

private:
    std::ifstream file_;
};

TEST(AlembicGolden, AnswersAsAlembicDoes) {
    const char* other = std::getenv("GODWIT_ALEMBIC_GOLDEN");  // A longer file of one's own.
    Golden golden(other != nullptr ? other : GODWIT_SOURCE_DIR "/tests/random/alembic_golden.txt");
    ASSERT_TRUE(golden.is_open());
    int same = 0;
    int unanswered = 0;
    std::map<std::string, int> differences;
    for (; golden.next(); golden.take_answer()) {
        const Question& question = golden.question;
        SCOPED_TRACE("graph " + golden.graph_text + "\nrows " + joined(golden.database.rows) + "\n" +
                     question.kind + " " + question.address);
        const std::string ours = golden.ask();
        const bool refused = question.answer.starts_with("!");
        if (question.answer.starts_with("!!")) {
            ++unanswered;
        } else if (refused ? ours.starts_with("!") : ours == question.answer) {
            ++same;
        } else {
            const std::string reason = deliberate(question, ours);
            EXPECT_NE(reason, "") << "Alembic says " << question.answer << "\nbut we say " << ours;
            ++differences[reason];
        }
    }
    std::printf("%d answers as Alembic's, %d questions at which it stumbles\n", same, unanswered);
    for (const auto& [reason, count] : differences) std::printf("%4d differ: %s\n", count, reason.c_str());
    EXPECT_GE(same, 1'500);
}

}  // namespace
}  // namespace godwit
