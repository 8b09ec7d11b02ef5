// The way down of migrations without a down part: what the record kept.
#include <gtest/gtest.h>

#include "run/run.h"
#include "target/memory/memory_target.h"

namespace godwit::test {
namespace {

class Silent final : public EventSink {
public:
    void on(const Event&) override {}
};

class Inverses : public testing::Test {
protected:
    std::shared_ptr<MemoryStore> store_ = std::make_shared<MemoryStore>(MemoryKind::kStepByStep);

    static Graph graph_of(std::vector<Step> steps) {
        Migration migration;
        migration.id = {"main", "1"};
        migration.where = {"1.json", 1, 1, 0};
        migration.checksum = "sha256-1";
        migration.up = std::move(steps);
        return *Graph::build({std::move(migration)});
    }
    Report travel(const Graph& graph, Direction direction) {
        MemoryTarget target(store_, TargetConfig{});
        Silent silent;
        Goal goal;
        goal.direction = direction;
        goal.address = direction == Direction::kUp ? "heads" : "base";
        return reach(graph, {{"main", &target}}, goal, silent, RunOptions{});
    }
    static std::string failure_of(const Report& report) {
        return report.error ? std::string(to_string(report.error->code)) + ": " + report.error->message : "";
    }
    std::map<std::string, std::string>& values() { return store_->committed.values; }
};

TEST_F(Inverses, BringBackWhatWasThereBefore) {
    values() = {{"kept", "1"}, {"changed", "2"}, {"gone", "3"}};
    const auto before = values();
    const Graph graph = graph_of({{"create", "made", {}}, {"set", "changed=x", {}}, {"append", "changed=y", {}}, {"drop", "gone", {}}});
    ASSERT_EQ(failure_of(travel(graph, Direction::kUp)), "");
    EXPECT_EQ(values(), (std::map<std::string, std::string>{{"kept", "1"}, {"changed", "xy"}, {"made", ""}}));
    ASSERT_EQ(failure_of(travel(graph, Direction::kDown)), "");
    EXPECT_EQ(values(), before);
}

TEST_F(Inverses, NameTheStepThatHasNone) {
    const Graph graph = graph_of({{"create", "a", {}}, {"wait", "0", {}}});
    ASSERT_EQ(failure_of(travel(graph, Direction::kUp)), "");
    EXPECT_EQ(failure_of(travel(graph, Direction::kDown)),
              "conflict: 1 cannot be reverted: it has no down part, and its step 2 cannot be taken back automatically");
    EXPECT_TRUE(values().contains("a"));
}

// A step that has begun may have changed what the database showed before.
TEST_F(Inverses, OfAStepInDoubtIsTheOneFoundBeforeIt) {
    values() = {{"a", "half"}};
    {
        MemoryTarget target(store_, TargetConfig{});
        ASSERT_TRUE(target.create_ledger());
        RecordChange change;
        change.kind = RecordChange::Kind::kProgress;
        change.version = "1";
        change.checksum = "sha256-1";
        change.steps_total = 1;
        change.step_text = "a=whole";
        change.keeps_inverse = true;
        change.inverse = "set a=before";
        ASSERT_TRUE(target.record(change));
    }
    const Graph graph = graph_of({{"set", "a=whole", {}}});
    ASSERT_EQ(failure_of(travel(graph, Direction::kUp)), "");
    EXPECT_EQ(values()["a"], "whole");
    ASSERT_EQ(failure_of(travel(graph, Direction::kDown)), "");
    EXPECT_EQ(values()["a"], "before");
}

}  // namespace
}  // namespace godwit::test
