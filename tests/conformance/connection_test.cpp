// Connecting, losing the connection, stopping, and what a target tells.
#include <csignal>
#include <fmt/format.h>
#include <future>
#include <thread>

#include "conformance/conformance.h"

namespace godwit::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Strings = std::vector<std::string>;

TEST_P(Conformance, SaysWhatItIs) {
    const auto target = fixture().open();
    EXPECT_NE(target->kind(), "");
    EXPECT_NE(target->describe(), "");
    ASSERT_DONE(target->ping());
    EXPECT_NE(target->server_version(), "");
    EXPECT_EQ(target->transactional(), can(Ability::kTransactions));
}

TEST_P(Conformance, ThePasswordIsNeverShown) {
    REQUIRES(Ability::kPasswords);
    TargetConfig config = fixture().config();
    const std::string& password = config.url.password.expose();
    ASSERT_FALSE(password.empty());
    EXPECT_EQ(fixture().open(config)->describe().find(password), std::string::npos);

    TargetConfig nowhere = *fixture().unreachable();
    nowhere.url.password = Secret("planted-secret");
    const auto target = fixture().open(nowhere);
    const auto done = target->ping();
    EXPECT_FAILS(done, ErrorCode::kUnavailable);
    std::string said = target->describe() + done.error().message + done.error().remedy;
    for (const std::string& line : done.error().details) said += line;
    EXPECT_EQ(said.find("planted-secret"), std::string::npos) << said;
    EXPECT_NE(said.find(nowhere.url.host), std::string::npos) << said;
    EXPECT_NE(said.find(nowhere.url.port), std::string::npos) << said;
    EXPECT_NE(said.find(nowhere.url.user), std::string::npos) << said;
}

TEST_P(Conformance, WhatCannotBeReachedIsUnavailable) {
    const std::optional<TargetConfig> nowhere = fixture().unreachable();
    if (!nowhere) {
        std::cout << "[  NOT FOR ] " << GetParam().name << ", which is always there" << std::endl;
        return;
    }
    const auto target = fixture().open(*nowhere);
    EXPECT_FAILS(target->ping(), ErrorCode::kUnavailable);
    EXPECT_FAILS(target->read_ledger(), ErrorCode::kUnavailable);
    EXPECT_FAILS(target->try_lock(), ErrorCode::kUnavailable);
}

TEST_P(Conformance, ACutConnectionIsNoticedAndMadeAnew) {
    REQUIRES(Ability::kDisconnects);
    const auto target = open_ready();
    auto lease = target->try_lock();
    ASSERT_DONE(lease);
    ASSERT_DONE(target->record(applied("1")));
    fixture().disconnect_all();
    EXPECT_FAILS((*lease)->check(), ErrorCode::kLocked);
    EXPECT_DONE(target->reconnect());
    lease->reset();
    EXPECT_DONE(target->try_lock());
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), Strings{"1"});
}

// Lost before the commit was asked for: the transaction is gone, and the error
// must not claim that the statement was refused.
TEST_P(Conformance, AConnectionCutInATransactionLeavesNothing) {
    REQUIRES(Ability::kDisconnects);
    const auto target = open_ready();
    const std::string before = fixture().contents();
    const Body body = fixture().write({fixture().create("a"), fixture().insert("a", "1")}).body;
    const auto done = target->in_transaction(Execution{}, [&]() -> Result<void> {
        const auto reader = TRY(target->read_steps(body));
        CHECK(target->apply(*TRY(reader->next())));
        fixture().disconnect_all();
        CHECK(target->apply(*TRY(reader->next())));
        return target->record(applied("1"));
    });
    ASSERT_FALSE(done.has_value());
    const ErrorCode code = done.error().code;
    EXPECT_TRUE(code == ErrorCode::kUnavailable || code == ErrorCode::kInDoubt) << outcome(done);
    ASSERT_DONE(target->reconnect());
    EXPECT_EQ(fixture().contents(), before);
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), Strings{});
    EXPECT_DONE(run(*target, body, applied("1")));
}

// A stop is asked for while a statement of 20 seconds runs.
void expect_stopped(Cancellation& cancellation, const std::function<Result<void>()>& work, ErrorCode code) {
    std::future<void> stopper;
    if (!cancellation.deadline()) {
        stopper = std::async(std::launch::async, [&cancellation] {
            std::this_thread::sleep_for(milliseconds(300));
            cancellation.request(SIGTERM);
        });
    }
    const auto done = work();
    EXPECT_FAILS(done, code);
}

TEST_P(Conformance, AStopInterruptsASlowStatementAndLeavesNothing) {
    REQUIRES(Ability::kSlowSteps);
    open_ready();
    Cancellation cancellation;
    TargetConfig config = fixture().config();
    config.cancellation = &cancellation;
    const auto target = fixture().open(config);
    ASSERT_DONE(target->ping());
    const std::string before = fixture().contents();
    const Body body = fixture().write({fixture().create("a"), fixture().slow(20), fixture().create("b")}).body;
    expect_stopped(cancellation, [&] { return run(*target, body, applied("1")); }, ErrorCode::kCancelled);
    if (can(Ability::kTransactions)) {
        EXPECT_EQ(fixture().contents(), before);
    }
    const auto ledger = fixture().open()->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), Strings{});
}

TEST_P(Conformance, AStopInterruptsAStepThatRunsAlone) {
    REQUIRES(Ability::kSlowSteps);
    open_ready();
    Cancellation cancellation;
    TargetConfig config = fixture().config();
    config.cancellation = &cancellation;
    const auto target = fixture().open(config);
    ASSERT_DONE(target->ping());
    const Body body = fixture().write({fixture().slow(20)}).body;
    expect_stopped(cancellation, [&] { return run_alone(*target, body); }, ErrorCode::kCancelled);
}

TEST_P(Conformance, TheRunsOwnTimeLimitIsToldFromAStop) {
    REQUIRES(Ability::kSlowSteps);
    open_ready();
    Cancellation cancellation;
    cancellation.set_deadline(steady_clock::now() + milliseconds(600));
    TargetConfig config = fixture().config();
    config.cancellation = &cancellation;
    const auto target = fixture().open(config);
    ASSERT_DONE(target->ping());
    const Body body = fixture().write({fixture().slow(20)}).body;
    expect_stopped(cancellation, [&] { return run(*target, body); }, ErrorCode::kTimedOut);
}

// The runner still has to write the journal and free the lock after a stop.
TEST_P(Conformance, TheRecordCanBeWrittenAfterAStop) {
    Cancellation cancellation;
    TargetConfig config = fixture().config();
    config.cancellation = &cancellation;
    const auto target = fixture().open(config);
    ASSERT_DONE(target->create_ledger());
    auto lease = target->try_lock();
    ASSERT_DONE(lease);
    cancellation.request(SIGTERM);
    EXPECT_DONE(target->record(progress("1", Direction::kUp, 1, 2)));
    AuditRecord audit;
    audit.run_id = std::string(32, 'c');
    audit.result = "cancelled";
    EXPECT_DONE(target->audit_end(audit));
    lease->reset();
    const auto ledger = fixture().open()->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), Strings{"1"});
}

TEST_P(Conformance, NoticesAreHeard) {
    REQUIRES(Ability::kNotices);
    open_ready();
    KeptWords words;
    TargetConfig config = fixture().config();
    config.listener = &words;
    const auto target = fixture().open(config);
    ASSERT_DONE(run_statements(*target, {fixture().notice("hello from the server")}));
    ASSERT_EQ(words.notices, Strings{"hello from the server"});
    ASSERT_DONE(run_alone(*target, fixture().write({fixture().notice("and again")}).body));
    EXPECT_EQ(words.notices.back(), "and again");
    EXPECT_EQ(words.statements, Strings{}) << "no echo was asked for";
}

TEST_P(Conformance, EchoShowsEachStatement) {
    open_ready();
    KeptWords words;
    TargetConfig config = fixture().config();
    config.listener = &words;
    config.echo = true;
    const auto target = fixture().open(config);
    ASSERT_DONE(run_statements(*target, {fixture().create("a"), fixture().insert("a", "seen")}, applied("1")));
    const std::string all = fmt::format("{}", fmt::join(words.statements, "\n"));
    const size_t create = all.find(fixture().create("a").substr(0, 8));
    const size_t insert = all.find("seen");
    EXPECT_NE(create, std::string::npos) << all;
    EXPECT_NE(insert, std::string::npos) << all;
    EXPECT_LT(create, insert);
}

}  // namespace
}  // namespace godwit::test
