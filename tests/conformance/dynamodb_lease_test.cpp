// The lease: who may take it, and what becomes of a holder that has lost it.
#include <algorithm>
#include <array>

#include "conformance/dynamodb_case.h"

namespace godwit::test {
namespace {

using std::chrono::milliseconds;
using Strings = std::vector<std::string>;

class DynamodbLease : public DynamodbTest {
protected:
    // Tries until the lease is free, as a run that waits does.
    std::unique_ptr<Lease> take(Target& target) {
        std::unique_ptr<Lease> lease;
        wait_until("the lease can be taken", [&] {
            auto taken = target.try_lock();
            if (taken) lease = std::move(*taken);
            return lease != nullptr;
        });
        return lease;
    }

    Strings versions() {
        const auto ledger = fixture().open()->read_ledger();
        EXPECT_DONE(ledger);
        return ledger ? versions_of(*ledger) : Strings{"no ledger"};
    }
};

// All but UpdateItem: the heartbeat goes on, and is refused.
bool writes(const std::string& action) {
    constexpr std::array<std::string_view, 8> kHarmless{"GetItem", "BatchGetItem", "Scan",       "Query", "DescribeTable",
                                                        "DescribeTimeToLive",     "ListTables", "UpdateItem"};
    return std::find(kHarmless.begin(), kHarmless.end(), action) == kHarmless.end();
}

Fate cut(const std::string&) { return Fate::kDrop; }
Fate pass(const std::string&) { return Fate::kPass; }

// Cut off, as if its process were stopped: no heartbeat arrives, and afterwards all
// would get through.
TEST_F(DynamodbLease, APausedHolderThatWakesTooLateWritesNothing) {
    Relay relay(server());
    const auto holder = open_ready(through(relay, "2s"));
    auto lease = holder->try_lock();
    ASSERT_DONE(lease);
    ASSERT_DONE(carry_out(*holder, fixture().create("kept")));
    ASSERT_DONE(holder->record(applied("1")));
    relay.decide(cut);

    const auto other = fixture().open(config("2s"));
    EXPECT_FAILS(other->try_lock(), ErrorCode::kLocked);  // It was seen once only.
    auto taken = take(*other);
    ASSERT_NE(taken, nullptr);

    relay.decide(pass);
    relay.passed();
    const std::string before = fixture().contents();
    EXPECT_FAILS(carry_out(*holder, fixture().create("late")), ErrorCode::kLocked);
    EXPECT_FAILS(carry_out(*holder, fixture().insert("kept", "late")), ErrorCode::kLocked);
    EXPECT_FAILS(holder->record(applied("2")), ErrorCode::kLocked);
    EXPECT_FAILS(holder->record(progress("2", Direction::kUp, 0, 1)), ErrorCode::kLocked);
    AuditRecord audit;
    audit.run_id = std::string(32, 'a');
    EXPECT_FAILS(holder->audit_begin(audit), ErrorCode::kLocked);
    EXPECT_FAILS((*lease)->check(), ErrorCode::kLocked);
    const Strings passed = relay.passed();
    EXPECT_EQ(std::count_if(passed.begin(), passed.end(), writes), 0);
    EXPECT_EQ(fixture().contents(), before);
    EXPECT_EQ(versions(), Strings{"1"});

    lease->reset();
    EXPECT_DONE(taken->check());  // Giving up what is lost takes nothing from the other.
}

// Before its own next heartbeat tells it, so that only the check in the transaction
// stands in the way.
TEST_F(DynamodbLease, WritesOfTheRecordCheckTheToken) {
    const auto holder = open_ready(config());
    auto lease = holder->try_lock();
    ASSERT_DONE(lease);
    ASSERT_DONE(holder->record(applied("1")));
    ASSERT_DONE(fixture().open()->release_lock(true));

    EXPECT_FAILS(holder->record(applied("2")), ErrorCode::kLocked);
    EXPECT_FAILS(holder->record(reverted("1")), ErrorCode::kLocked);
    EXPECT_FAILS(holder->record(purged()), ErrorCode::kLocked);
    EXPECT_FAILS(holder->record(progress("2", Direction::kUp, 0, 1)), ErrorCode::kLocked);
    AuditRecord audit;
    audit.run_id = std::string(32, 'a');
    EXPECT_FAILS(holder->audit_begin(audit), ErrorCode::kLocked);
    EXPECT_EQ(versions(), Strings{"1"});
    EXPECT_EQ(fixture().audit_rows(), Strings{});
}

TEST_F(DynamodbLease, WhoTookItByForceIsNamed) {
    const auto holder = open_ready(config());
    auto lease = holder->try_lock();
    ASSERT_DONE(lease);
    auto who = holder->forced_out_by("a run");
    ASSERT_DONE(who);
    EXPECT_EQ(*who, "");
    TargetConfig strong = config();
    strong.owner = "admin@office pid 7";
    ASSERT_DONE(fixture().open(strong)->release_lock(true));
    who = holder->forced_out_by("a run");
    ASSERT_DONE(who);
    EXPECT_EQ(*who, "admin@office");
    lease->reset();
    // A lease that is taken later is not the one that was taken away.
    lease = holder->try_lock();
    ASSERT_DONE(lease);
    who = holder->forced_out_by("a run");
    ASSERT_DONE(who);
    EXPECT_EQ(*who, "");
}

TEST_F(DynamodbLease, ALivingHolderKeepsItBeyondItsTime) {
    const auto holder = open_ready(config("3s"));
    auto lease = holder->try_lock();
    ASSERT_DONE(lease);
    const auto other = fixture().open(config("3s"));
    for (int turn = 0; turn < 45; ++turn) {
        EXPECT_FAILS(other->try_lock(), ErrorCode::kLocked);
        std::this_thread::sleep_for(milliseconds(100));
    }
    EXPECT_DONE((*lease)->check());
    EXPECT_DONE(holder->record(applied("1")));
}

// It lasts as long as its holder says, whatever others are set to.
TEST_F(DynamodbLease, TheHoldersOwnTimeCounts) {
    Relay relay(server());
    const auto holder = open_ready(through(relay, "600s"));
    auto lease = holder->try_lock();
    ASSERT_DONE(lease);
    relay.decide(cut);
    const auto other = fixture().open(config("2s"));
    for (int turn = 0; turn < 15; ++turn) {
        EXPECT_FAILS(other->try_lock(), ErrorCode::kLocked);
        std::this_thread::sleep_for(milliseconds(100));
    }
    relay.decide(pass);
}

TEST_F(DynamodbLease, TheLockOfADeadHolderIsReleasedOnceItHasBeenWatched) {
    Relay relay(server());
    const auto holder = open_ready(through(relay, "2s"));
    auto lease = holder->try_lock();
    ASSERT_DONE(lease);
    relay.decide(cut);
    const auto other = fixture().open();
    const auto released = other->release_lock(false);
    ASSERT_DONE(released);
    EXPECT_NE(released->find("tester@here"), std::string::npos) << *released;
    const auto status = other->lock_status();
    ASSERT_DONE(status);
    EXPECT_FALSE(status->held);
    EXPECT_DONE(other->try_lock());
    relay.decide(pass);
    EXPECT_FAILS(holder->record(applied("1")), ErrorCode::kLocked);
}

// What could not be given back, for want of a connection, is nobody else's yet.
TEST_F(DynamodbLease, ItsOwnLeaseIsTakenAgainAtOnce) {
    Relay relay(server());
    TargetConfig relayed = through(relay);
    setenv("AWS_MAX_ATTEMPTS", "1", 1);
    const auto holder = fixture().open(relayed);
    ASSERT_DONE(holder->create_ledger());
    auto lease = holder->try_lock();
    ASSERT_DONE(lease);
    relay.decide(cut);
    lease->reset();
    relay.decide(pass);
    EXPECT_FAILS(fixture().open()->try_lock(), ErrorCode::kLocked);
    EXPECT_DONE(holder->try_lock());
}

TEST_F(DynamodbLease, ALostAnswerLeavesNoLeaseWithoutHolder) {
    Relay relay(server());
    const auto target = open_ready(through(relay));
    int losses = 1;
    relay.decide([&](const std::string& action) {
        return action == "UpdateItem" && losses-- > 0 ? Fate::kLoseReply : Fate::kPass;
    });
    auto lease = target->try_lock();
    ASSERT_DONE(lease);
    EXPECT_DONE((*lease)->check());
    EXPECT_DONE(target->record(applied("1")));
}

}  // namespace
}  // namespace godwit::test
