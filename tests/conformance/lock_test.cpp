// The runner's lock.
#include <atomic>
#include <thread>

#include "conformance/conformance.h"

namespace godwit::test {
namespace {

using Strings = std::vector<std::string>;

TEST_P(Conformance, OneHandleHoldsTheLock) {
    const auto first = fixture().open();
    const auto second = fixture().open();
    auto lease = first->try_lock();
    ASSERT_DONE(lease);
    EXPECT_DONE((*lease)->check());
    EXPECT_FAILS(second->try_lock(), ErrorCode::kLocked);
    lease->reset();
    auto other = second->try_lock();
    EXPECT_DONE(other);
    EXPECT_FAILS(first->try_lock(), ErrorCode::kLocked);
}

// The lock is taken before the first table is created.
TEST_P(Conformance, LockingCreatesNoHistory) {
    const auto target = fixture().open();
    const auto lease = target->try_lock();
    ASSERT_DONE(lease);
    const auto ledger = fixture().open()->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_FALSE(ledger->exists);
}

TEST_P(Conformance, TheHolderIsNamed) {
    TargetConfig config = fixture().config();
    config.owner = "deploy@ci-7 pid 4711";
    const auto holder = fixture().open(config);
    const auto lease = holder->try_lock();
    ASSERT_DONE(lease);
    ASSERT_DONE(holder->create_ledger());
    AuditRecord run;
    run.run_id = std::string(32, '0');
    run.command = "up";
    run.user = "deploy";
    run.host = "ci-7";
    run.pid = 4711;
    run.plan = "[]";
    run.result = "running";
    ASSERT_DONE(holder->audit_begin(run));

    const auto other = fixture().open();
    const auto refused = other->try_lock();
    EXPECT_FAILS(refused, ErrorCode::kLocked);
    std::string said = refused.error().message;
    for (const std::string& line : refused.error().details) said += "\n" + line;
    EXPECT_NE(said.find("deploy@ci-7"), std::string::npos) << said;
    EXPECT_NE(said.find("4711"), std::string::npos) << said;

    const auto status = other->lock_status();
    ASSERT_DONE(status);
    EXPECT_TRUE(status->held);
    EXPECT_NE(status->holder.find("deploy@ci-7"), std::string::npos) << status->holder;
    EXPECT_NE(status->since, "");
    EXPECT_NE(status->detail, "");
}

TEST_P(Conformance, AFreeLockSaysSo) {
    const auto target = open_ready();
    auto status = target->lock_status();
    ASSERT_DONE(status);
    EXPECT_FALSE(status->held);
    { const auto lease = target->try_lock(); }
    status = fixture().open()->lock_status();
    ASSERT_DONE(status);
    EXPECT_FALSE(status->held);
    const auto released = target->release_lock(false);
    ASSERT_DONE(released);
    EXPECT_NE(*released, "");
}

TEST_P(Conformance, TheDeathOfItsHolderFreesTheLock) {
    auto first = fixture().open();
    auto lease = first->try_lock();
    ASSERT_DONE(lease);
    const auto second = fixture().open();
    EXPECT_FAILS(second->try_lock(), ErrorCode::kLocked);
    lease->reset();
    first.reset();
    EXPECT_DONE(second->try_lock());
}

TEST_P(Conformance, ALivingHoldersLockIsNotReleasedUnasked) {
    const auto holder = open_ready();
    const auto lease = holder->try_lock();
    ASSERT_DONE(lease);
    const auto other = fixture().open();
    EXPECT_FAILS(other->release_lock(false), ErrorCode::kLocked);
    EXPECT_DONE((*lease)->check());
    EXPECT_FAILS(other->try_lock(), ErrorCode::kLocked);
}

TEST_P(Conformance, ForceFreesTheLockAndItsHolderNotices) {
    REQUIRES(Ability::kFreedByForce);
    const auto holder = open_ready();
    const auto lease = holder->try_lock();
    ASSERT_DONE(lease);
    const auto other = fixture().open();
    const auto released = other->release_lock(true);
    ASSERT_DONE(released);
    EXPECT_NE(*released, "");
    EXPECT_FAILS((*lease)->check(), ErrorCode::kLocked);
    EXPECT_DONE(other->try_lock());
}

TEST_P(Conformance, OneOfTenAtOnceGetsTheLock) {
    std::vector<std::unique_ptr<Target>> targets;
    for (int handle = 0; handle < 10; ++handle) {
        targets.push_back(fixture().open());
        ASSERT_DONE(targets.back()->ping());
    }
    std::atomic<int> held{0};
    std::atomic<int> refused{0};
    std::vector<std::unique_ptr<Lease>> leases(targets.size());
    std::vector<std::thread> threads;
    for (size_t i = 0; i < targets.size(); ++i) {
        threads.emplace_back([&, i] {
            auto lease = targets[i]->try_lock();
            if (lease) {
                ++held;
                leases[i] = std::move(*lease);
            } else if (lease.error().code == ErrorCode::kLocked) {
                ++refused;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(held, 1);
    EXPECT_EQ(refused, 9);
}

TEST_P(Conformance, TheLockOutlivesTransactionsAndFailures) {
    const auto holder = open_ready();
    const auto lease = holder->try_lock();
    ASSERT_DONE(lease);
    const auto other = fixture().open();
    EXPECT_DONE(run_statements(*holder, {fixture().create("a")}, applied("1")));
    EXPECT_FAILS(run_statements(*holder, {fixture().rejected()}, applied("2")), ErrorCode::kRejected);
    EXPECT_DONE((*lease)->check());
    EXPECT_FAILS(other->try_lock(), ErrorCode::kLocked);
}

}  // namespace
}  // namespace godwit::test
