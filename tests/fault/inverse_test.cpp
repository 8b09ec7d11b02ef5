// The way down of migrations without a down part: what the record kept.
#include <gtest/gtest.h>

#include "faulty_target.h"
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

// A way back that was made of kept inverses is made anew after each loss: it is the
// same migration, still under way.
TEST_F(Inverses, AreFinishedOnceThoughTheConnectionWasLost) {
    const Graph graph = graph_of({{"set", "a=x", {}}, {"set", "b=y", {}}});
    int survived = 0;
    for (const Blow blow : {Blow::kLost, Blow::kInDoubt}) {
        for (int32_t at = 0; at < 20; ++at) {
            values().clear();
            ASSERT_EQ(failure_of(travel(graph, Direction::kUp)), "");
            Cancellation stop;
            FaultyTarget target(std::make_unique<MemoryTarget>(store_, TargetConfig{}), {at, When::kBefore, blow}, stop);
            Silent silent;
            Goal goal;
            goal.direction = Direction::kDown;
            goal.address = "base";
            const Report report = reach(graph, {{"main", &target}}, goal, silent, RunOptions{});
            if (report.error) {  // Before any migration began.
                EXPECT_TRUE(report.finished.empty()) << to_string(blow) << " at " << at;
                ASSERT_EQ(failure_of(travel(graph, Direction::kDown)), "");
                continue;
            }
            survived += target.struck();
            EXPECT_EQ(report.finished.size(), 1u) << to_string(blow) << " at " << at;
            EXPECT_TRUE(values().empty()) << to_string(blow) << " at " << at;
        }
    }
    EXPECT_GT(survived, 4);
}

}  // namespace
}  // namespace godwit::test
