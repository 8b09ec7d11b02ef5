#include "fault/sweep.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "fault/mutations.h"

namespace godwit::test {

inline void PrintTo(const FixtureKind& kind, std::ostream* out) { *out << kind.name; }

namespace {

class FaultSweep : public testing::TestWithParam<FixtureKind> {
protected:
    void SetUp() override {
        Result<std::unique_ptr<TargetFixture>> made = GetParam().make();
        if (made) {
            fixture_ = std::move(made).value();
        } else if (servers_are_required()) {
            FAIL() << "NOT TESTED on " << GetParam().name << ": " << made.error().message;
        } else {
            GTEST_SKIP() << "NOT TESTED on " << GetParam().name << ": " << made.error().message;
        }
    }

    bool can(Ability ability) const { return fixture_->can(ability); }

    Tally sweep(const char* what, SweepOptions options) {
        const Tally tally = Sweep(*fixture_, std::move(options)).run();
        std::cout << "    " << GetParam().name << ", " << what << ": " << to_string(tally) << std::endl;
        return tally;
    }

    // Each point needs a database of its own, which takes a server its time: all
    // kinds of blows go to one server, and there to the usual way of running.
    void spare_servers(SweepOptions& options) const {
        if (!can(Ability::kDisconnects) && GetParam().name != "dynamodb") return;
        if (GetParam().name == "postgresql" && options.transaction_mode == TransactionMode::kFile) return;
        options.blows = {Blow::kInDoubt, Blow::kCrash};
    }

    void expect_all_survived(const char* what, SweepOptions options) {
        spare_servers(options);
        const Tally tally = sweep(what, std::move(options));
        EXPECT_GE(tally.tried, 100);
        EXPECT_EQ(tally.survived, tally.tried) << to_string(tally);
    }

    // The sweep must notice that a protection is gone.
    template <typename Mutant>
    void expect_found_out(const char* what, Blow blow = Blow::kCrash, SweepOptions options = {}) {
        options.mutation = [](std::unique_ptr<Target> target) { return std::make_unique<Mutant>(std::move(target)); };
        options.blows = {blow};
        const Tally tally = sweep(what, std::move(options));
        EXPECT_LT(tally.survived, tally.tried) << "nothing failed without the protection";
    }

private:
    std::unique_ptr<TargetFixture> fixture_;
};

#define REQUIRES(ability)                                                             \
    if (!can(ability)) {                                                              \
        std::cout << "[  NOT FOR ] " << GetParam().name << ", which has no "          \
                  << ::godwit::test::to_string(ability) << std::endl;                 \
        return;                                                                       \
    }                                                                                 \
    static_assert(true)

TEST_P(FaultSweep, Up) { expect_all_survived("up", {}); }

TEST_P(FaultSweep, Down) {
    SweepOptions options;
    options.direction = Direction::kDown;
    expect_all_survived("down", options);
}

// What has no transactions runs so anyway; a server is spared the repetition.
#define REQUIRES_ANOTHER_WAY()                                                                          \
    if (GetParam().name == "dynamodb") {                                                                \
        std::cout << "[  NOT FOR ] dynamodb, which always runs step by step" << std::endl;              \
        return;                                                                                         \
    }                                                                                                   \
    static_assert(true)

TEST_P(FaultSweep, UpStepByStep) {
    REQUIRES_ANOTHER_WAY();
    SweepOptions options;
    options.transaction_mode = TransactionMode::kNone;
    expect_all_survived("up, step by step", options);
}

TEST_P(FaultSweep, DownStepByStep) {
    REQUIRES_ANOTHER_WAY();
    SweepOptions options;
    options.direction = Direction::kDown;
    options.transaction_mode = TransactionMode::kNone;
    expect_all_survived("down, step by step", options);
}

TEST_P(FaultSweep, UpInOneTransaction) {
    REQUIRES(Ability::kTransactions);
    SweepOptions options;
    options.transaction_mode = TransactionMode::kAll;
    spare_servers(options);
    const Tally tally = sweep("up, in one transaction", options);
    EXPECT_GE(tally.tried, 40);
    EXPECT_EQ(tally.survived, tally.tried) << to_string(tally);
}

TEST_P(FaultSweep, UpAndBackByInverses) {
    REQUIRES(Ability::kInverses);
    SweepOptions options;
    options.by_inverses = true;
    expect_all_survived("up and back by inverses", options);
}

TEST_P(FaultSweep, DownByInverses) {
    REQUIRES(Ability::kInverses);
    SweepOptions options;
    options.by_inverses = true;
    options.direction = Direction::kDown;
    expect_all_survived("down by inverses", options);
}

// Without transactions an INSERT that was interrupted can be settled by nobody
// but a person: the run must stop for one, and never insert twice.
TEST(UnknowableSteps, AreNeverRepeated) {
    auto fixture = make_step_by_step_memory_fixture();
    ASSERT_TRUE(fixture.has_value());
    SweepOptions options;
    options.with_unknowable_steps = true;
    const Tally tally = Sweep(**fixture, options).run();
    std::cout << "    memory, steps of unknowable effect: " << to_string(tally) << std::endl;
    EXPECT_EQ(tally.survived, tally.tried) << to_string(tally);
    EXPECT_GT(tally.left_to_a_person, 0);
    EXPECT_LT(tally.left_to_a_person, tally.tried / 2) << "most points leave nothing in doubt";
}

TEST_P(FaultSweep, FindsARecordOutsideOfTheTransaction) {
    REQUIRES(Ability::kTransactions);
    expect_found_out<RecordsAfterTheCommit>("record after the commit");
}

TEST_P(FaultSweep, FindsTransactionsThatKeepHalf) {
    REQUIRES(Ability::kTransactions);
    // A process that is gone commits nothing, so only a refusal shows it.
    expect_found_out<KeepsHalfTransactions>("half of a transaction kept", Blow::kRefused);
}

// Where steps may be repeated, whatever is forgotten does no harm.
TEST_P(FaultSweep, FindsAnEffectThatIsNotAskedFor) {
    REQUIRES(Ability::kRefusedRepeats);
    if (GetParam().name == "sqlite") {
        std::cout << "[  NOT FOR ] sqlite: what it refuses inside a transaction may be repeated" << std::endl;
        return;
    }
    expect_found_out<NeverAsksForTheEffect>("effect not asked for");
}

TEST_P(FaultSweep, FindsAMissingJournal) {
    REQUIRES(Ability::kRefusedRepeats);
    expect_found_out<KeepsNoJournal>("no journal");
}

INSTANTIATE_TEST_SUITE_P(Targets, FaultSweep, testing::ValuesIn(fixture_kinds()),
                         [](const testing::TestParamInfo<FixtureKind>& kind) { return kind.param.name; });

}  // namespace
}  // namespace godwit::test
