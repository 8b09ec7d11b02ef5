// A line that breaks: what is certain afterwards, and what is not.
#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "conformance/postgres_case.h"
#include "support/wire_proxy.h"

namespace godwit::test {
namespace {

using Rows = std::vector<std::string>;

class PostgresDoubt : public PostgresTest {
protected:
    void SetUp() override {
        PostgresTest::SetUp();
        if (HasFatalFailure() || IsSkipped()) return;
        const TargetConfig direct = config();
        proxy_ = std::make_unique<WireProxy>("127.0.0.1", static_cast<uint16_t>(std::stoi(direct.url.port)));
    }
    TargetConfig through_proxy() {
        TargetConfig config = PostgresTest::config();
        config.url.host = "127.0.0.1";
        config.url.port = std::to_string(proxy_->port());
        config.url.parameters["sslmode"] = "disable";
        return config;
    }
    WireProxy& proxy() { return *proxy_; }

private:
    std::unique_ptr<WireProxy> proxy_;
};

TEST_F(PostgresDoubt, ASmallMigrationIsOneRoundTrip) {
    const auto target = open_ready(through_proxy());
    ASSERT_DONE(target->read_ledger());
    const size_t before = proxy().queries().size();
    ASSERT_DONE(migrate(*target, "CREATE TABLE t (a int);\nCREATE INDEX i ON t (a);\nINSERT INTO t VALUES (1);"));
    ASSERT_EQ(proxy().queries().size(), before + 1);
    const std::string query = proxy().queries().back();
    EXPECT_TRUE(query.starts_with("BEGIN;"));
    EXPECT_TRUE(contains(query, "INSERT INTO \"public\".\"schema_migrations\""));
    EXPECT_TRUE(query.ends_with("COMMIT;\n"));
    EXPECT_FALSE(contains(query, "godwit_journal")) << "the journal is known to be empty";
}

TEST_F(PostgresDoubt, ReadingTheRecordIsOneRoundTrip) {
    ASSERT_DONE(migrate(*open_ready(), "SELECT 1;"));
    const auto target = open(through_proxy());
    ASSERT_DONE(target->read_ledger());
    EXPECT_EQ(proxy().queries().size(), 1u);
    ASSERT_DONE(target->read_ledger());
    EXPECT_EQ(proxy().queries().size(), 2u);
}

TEST_F(PostgresDoubt, ReadingARecordOfAnotherShapeIsThreeRoundTrips) {
    sql("CREATE TABLE schema_migrations (version text PRIMARY KEY)");
    const auto target = open(through_proxy());
    ASSERT_DONE(target->read_ledger());
    EXPECT_EQ(proxy().queries().size(), 3u);
}

TEST_F(PostgresDoubt, ACommitWithoutReplyIsInDoubtAndTheHistoryTells) {
    const auto target = open_ready(through_proxy());
    proxy().cut(CutPoint::kBeforeReply, "COMMIT");
    EXPECT_FAILS(migrate(*target, "CREATE TABLE t (a int);"), ErrorCode::kInDoubt);
    ASSERT_DONE(target->reconnect());
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), Rows{"1"});
    EXPECT_EQ(sql("SELECT count(*) FROM t"), Rows{"0"});
}

TEST_F(PostgresDoubt, ACommitThatNeverArrivedIsInDoubtToo) {
    const auto target = open_ready(through_proxy());
    for (const CutPoint point : {CutPoint::kBeforeQuery, CutPoint::kMidQuery}) {
        proxy().cut(point, "COMMIT");
        EXPECT_FAILS(migrate(*target, "CREATE TABLE t (a int);"), ErrorCode::kInDoubt);
        ASSERT_DONE(target->reconnect());
        const auto ledger = target->read_ledger();
        ASSERT_DONE(ledger);
        EXPECT_EQ(versions_of(*ledger), Rows{});
        EXPECT_EQ(fixture().contents(), "");
    }
    EXPECT_DONE(migrate(*target, "CREATE TABLE t (a int);"));
}

TEST_F(PostgresDoubt, BeforeTheCommitNothingIsInDoubt) {
    const auto target = open_ready(through_proxy());
    std::string large = "CREATE TABLE t (a text);\nSELECT 'here';\n";
    for (int row = 0; row < 3'000; ++row) large += fmt::format("INSERT INTO t VALUES ('{}');\n", std::string(200, 'x'));
    proxy().cut(CutPoint::kBeforeReply, "SELECT 'here'");
    EXPECT_FAILS(migrate(*target, large), ErrorCode::kUnavailable);
    ASSERT_DONE(target->reconnect());
    EXPECT_EQ(fixture().contents(), "");
}

TEST_F(PostgresDoubt, ALoneStatementWithoutReplyIsInDoubt) {
    const auto target = open_ready(through_proxy());
    sql("CREATE TABLE t (a int)");
    proxy().cut(CutPoint::kBeforeReply, "CREATE INDEX CONCURRENTLY");
    EXPECT_FAILS(alone(*target, "CREATE INDEX CONCURRENTLY i ON t (a);"), ErrorCode::kInDoubt);
    ASSERT_DONE(target->reconnect());
    const auto found = effect(*target, "CREATE INDEX CONCURRENTLY i ON t (a);");
    ASSERT_DONE(found);
    EXPECT_EQ(*found, Effect::kPresent);
}

// The server works on although its client is gone: the new session must not
// look before that has ended.
TEST_F(PostgresDoubt, ReconnectingWaitsForTheOrphan) {
    const auto target = open_ready(through_proxy());
    proxy().cut(CutPoint::kLeaveOrphan, "COMMIT");
    EXPECT_FAILS(migrate(*target, "CREATE TABLE t (a int);\nSELECT pg_sleep(2);"), ErrorCode::kInDoubt);
    // The line is cut at once, so the server may take a moment to begin.
    wait_until("EXISTS (SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(2)%'"
               " AND pid <> pg_backend_pid())");
    ASSERT_DONE(target->reconnect());
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), Rows{"1"});
    EXPECT_EQ(sql("SELECT count(*) FROM t"), Rows{"0"});
}

// It would work for an hour: after a while it is told to end.
TEST_F(PostgresDoubt, AnOrphanThatTakesTooLongIsEnded) {
    const auto target = open_ready(through_proxy());
    proxy().cut(CutPoint::kLeaveOrphan, "COMMIT");
    EXPECT_FAILS(migrate(*target, "CREATE TABLE t (a int);\nSELECT pg_sleep(3600);"), ErrorCode::kInDoubt);
    ASSERT_DONE(target->reconnect());
    EXPECT_TRUE(any_contains(words().remarks, "left behind by the lost connection"));
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), Rows{});
    EXPECT_DONE(target->try_lock());
}

TEST_F(PostgresDoubt, AServerThatIsAwayIsUnavailable) {
    const auto target = open_ready(through_proxy());
    fixture().disconnect_all();
    proxy().refuse(true);
    const auto gone = target->reconnect();
    EXPECT_FAILS(gone, ErrorCode::kUnavailable);
    EXPECT_TRUE(contains(gone.error().message, fmt::format("cannot connect to 127.0.0.1:{} as ", proxy().port())));
    proxy().refuse(false);
    EXPECT_DONE(target->reconnect());
    EXPECT_DONE(target->read_ledger());
}

}  // namespace
}  // namespace godwit::test
