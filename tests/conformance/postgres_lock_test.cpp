// The runner's lock, of a session and behind a transaction pooler, and the locks
// of others that a statement meets.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "conformance/postgres_case.h"
#include "target/postgres/lease.h"

namespace godwit::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Rows = std::vector<std::string>;

class PostgresLock : public PostgresTest {};

TEST_F(PostgresLock, TheHolderIsNamed) {
    const auto holder = open(config());
    const auto lease = holder->try_lock();
    ASSERT_DONE(lease);
    TargetConfig other_config = config();
    other_config.owner = "other@there pid 2";
    const auto other = open(other_config);
    const auto refused = other->try_lock();
    EXPECT_FAILS(refused, ErrorCode::kLocked);
    EXPECT_EQ(refused.error().details.at(0), "tester@here pid 1");
    EXPECT_TRUE(contains(refused.error().details.at(1), "PostgreSQL session "));
    const auto status = other->lock_status();
    ASSERT_DONE(status);
    EXPECT_TRUE(status->held);
    EXPECT_EQ(status->holder, "tester@here pid 1");
    EXPECT_EQ(status->since.size(), 20u) << status->since;
    EXPECT_TRUE(contains(status->detail, "of user " + fixture().config().url.user + " from 127.0.0.1")) << status->detail;
}

TEST_F(PostgresLock, HistoriesDoNotExcludeEachOther) {
    const auto first = open(config());
    const auto lease = first->try_lock();
    ASSERT_DONE(lease);
    TargetConfig config = PostgresTest::config();
    config.history = "other_migrations";
    const auto second = open(config);
    EXPECT_DONE(second->try_lock());
    config.history = "public.schema_migrations";
    const auto same = open(config);
    EXPECT_FAILS(same->try_lock(), ErrorCode::kLocked);  // The same table by its full name.
}

TEST_F(PostgresLock, WithoutForceALivingHolderStays) {
    const auto holder = open(config());
    const auto lease = holder->try_lock();
    ASSERT_DONE(lease);
    const auto other = open(config());
    EXPECT_FAILS(other->release_lock(false), ErrorCode::kLocked);
    EXPECT_DONE((*lease)->check());
    EXPECT_EQ(open(config())->release_lock(true).value().substr(0, 25), "ended PostgreSQL session ");
    EXPECT_FAILS((*lease)->check(), ErrorCode::kLocked);
    EXPECT_FAILS(migrate(*holder, "CREATE TABLE t (a int);"), ErrorCode::kUnavailable);
    EXPECT_EQ(fixture().contents(), "");
}

// Freed with its session, it is not to be freed again by another: the server
// would warn of that.
TEST_F(PostgresLock, ALockThatWentWithItsSessionIsNotFreedAgain) {
    const auto target = open_ready();
    auto lease = target->try_lock();
    ASSERT_DONE(lease);
    fixture().disconnect_all();
    EXPECT_FAILS((*lease)->check(), ErrorCode::kLocked);
    lease->reset();
    EXPECT_EQ(sql("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'godwit tester%' AND datname = current_database()"),
              Rows{"0"})
        << "a new session was begun for nothing";
    auto again = target->try_lock();
    ASSERT_DONE(again);
    fixture().disconnect_all();
    ASSERT_DONE(target->reconnect());
    again->reset();
    EXPECT_FALSE(any_contains(words().notices, "own a lock"));
    EXPECT_DONE(target->try_lock());
}

// An audit of a forced unlock counts for the runs that were at work then, and
// only when it came off.
TEST_F(PostgresLock, WhoWasForcedOutIsTold) {
    const auto target = open_ready();
    AuditRecord audit;
    audit.user = "ann";
    audit.host = "ci-7";
    audit.result = "running";
    const auto note = [&](const std::string& run_id, const std::string& command) {
        audit.run_id = run_id;
        audit.command = command;
        EXPECT_DONE(target->audit_begin(audit));
    };
    note("earlier", "unlock");
    note("mine", "up");
    EXPECT_EQ(target->forced_out_by("mine").value(), "");
    note("of another history", "unlock");
    sql("UPDATE godwit_audit SET history = 'other' WHERE run_id = 'of another history'");
    EXPECT_EQ(target->forced_out_by("mine").value(), "");
    note("now", "unlock");
    EXPECT_EQ(target->forced_out_by("mine").value(), "ann@ci-7");
    EXPECT_EQ(target->forced_out_by("never begun").value(), "");
    audit.result = "failed";
    EXPECT_DONE(target->audit_end(audit));
    EXPECT_EQ(target->forced_out_by("mine").value(), "");
}

TEST_F(PostgresLock, AStatementThatIsBlockedNamesTheBlocker) {
    const auto target = open_ready();
    sql("CREATE TABLE t (a int)");
    sql("BEGIN; LOCK TABLE t");
    Execution execution;
    execution.lock_timeout = milliseconds(400);
    const auto done = migrate(*target, "SELECT 1;\nALTER TABLE t ADD COLUMN b int;", "1", execution);
    const std::string pid = sql("SELECT pg_backend_pid()").front();
    sql("ROLLBACK");
    EXPECT_FAILS(done, ErrorCode::kBlocked);
    EXPECT_EQ(done.error().native_code, "55P03");
    EXPECT_EQ(done.error().where.line, 2);
    const std::string& detail = done.error().details.at(0);
    EXPECT_TRUE(detail.starts_with("blocked by session " + pid + " of user " + fixture().config().url.user + " (godwit test fixture), idle in transaction"))
        << detail;
    EXPECT_TRUE(contains(detail, "LOCK TABLE t")) << detail;
    EXPECT_DONE(migrate(*target, "ALTER TABLE t ADD COLUMN b int;", "1", execution));
}

TEST_F(PostgresLock, ADeadlockMayBeTriedAgain) {
    const auto target = open_ready();
    sql("CREATE TABLE t (a int); CREATE TABLE u (a int)");
    sql("BEGIN; LOCK TABLE t");
    std::thread opponent([&] {
        wait_until("EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 't'::regclass)");
        try {
            sql("LOCK TABLE u");
        } catch (const std::exception&) {
            // The server chose this side.
        }
    });
    const auto done = migrate(*target, "LOCK TABLE u;\nLOCK TABLE t;");
    opponent.join();
    sql("ROLLBACK");
    if (!done) {
        EXPECT_FAILS(done, ErrorCode::kBlocked);
        EXPECT_EQ(done.error().native_code, "40P01");
    }
}

TEST_F(PostgresLock, ConcurrentBuildsWaitAsLongAsItTakes) {
    const auto target = open_ready();
    sql("CREATE TABLE t (a int)");
    sql("BEGIN; INSERT INTO t VALUES (1)");
    TargetConfig usual = config();
    std::atomic<bool> done{false};
    std::thread writer([&] {
        std::this_thread::sleep_for(milliseconds(700));
        EXPECT_FALSE(done.load());
        sql("COMMIT");
    });
    Execution execution;
    execution.lock_timeout = usual.lock_timeout;
    TargetConfig impatient = config();
    impatient.lock_timeout = execution.lock_timeout = milliseconds(100);
    const auto impatient_target = open(impatient);
    EXPECT_DONE(alone(*impatient_target, "CREATE INDEX CONCURRENTLY i ON t (a);", execution));
    done = true;
    writer.join();
    EXPECT_EQ(sql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"), Rows{"t"});
}

// Behind PgBouncer in transaction mode.
class PostgresPooled : public PostgresTest {
protected:
    void SetUp() override {
        PostgresTest::SetUp();
        if (HasFatalFailure() || IsSkipped()) return;
        const char* url = std::getenv("GODWIT_TEST_PGBOUNCER");
        if (url == nullptr || *url == '\0') {
            if (servers_are_required()) FAIL() << "GODWIT_TEST_PGBOUNCER is not set (script/servers starts one and prints it)";
            GTEST_SKIP() << "NO SERVER: GODWIT_TEST_PGBOUNCER is not set";
        }
        auto parsed = parse_database_url(url);
        ASSERT_DONE(parsed);
        pooler_ = std::move(*parsed);
    }
    void TearDown() override {
        // The pooler keeps connections to the database, which is dropped by force.
        PostgresTest::TearDown();
    }
    TargetConfig pooled(const std::string& owner = "tester@here pid 1") {
        TargetConfig config = PostgresTest::config();
        const std::string database = config.url.name;
        config.url = pooler_;
        config.url.name = database;
        config.owner = owner;
        return config;
    }
    void expire_lease() { sql("UPDATE godwit_lease SET expires_at = now() - interval '1 second'"); }

private:
    DatabaseUrl pooler_;
};

TEST_F(PostgresPooled, ALeaseTakesTheLocksPlace) {
    const auto first = open(pooled());
    auto lease = first->try_lock();
    ASSERT_DONE(lease);
    EXPECT_EQ(sql("SELECT history || ' ' || owner || ' ' || token FROM godwit_lease"), Rows{"schema_migrations tester@here pid 1 1"});
    EXPECT_EQ(sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), Rows{"0"});
    const auto second = open(pooled("other@there pid 2"));
    const auto refused = second->try_lock();
    EXPECT_FAILS(refused, ErrorCode::kLocked);
    EXPECT_EQ(refused.error().details.at(0), "tester@here pid 1");
    EXPECT_TRUE(second->lock_status()->held);
    lease->reset();
    EXPECT_FALSE(second->lock_status()->held);
    const auto again = second->try_lock();
    ASSERT_DONE(again);
    EXPECT_EQ(sql("SELECT owner || ' ' || token FROM godwit_lease"), Rows{"other@there pid 2 2"});
}

TEST_F(PostgresPooled, MigrationsRun) {
    const auto target = open(pooled());
    const auto lease = target->try_lock();
    ASSERT_DONE(lease);
    ASSERT_DONE(target->create_ledger());
    ASSERT_DONE(migrate(*target, "CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);\nSET LOCAL work_mem = '1MB';"));
    ASSERT_DONE(migrate(*target, "BEGIN ISOLATION LEVEL SERIALIZABLE;\nINSERT INTO t VALUES (2);\nCOMMIT;", "2"));
    ASSERT_DONE(alone(*target, "CREATE INDEX CONCURRENTLY i ON t (a);"));
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), (Rows{"1", "2"}));
    EXPECT_EQ(sql("SELECT sum(a) FROM t"), Rows{"3"});
}

TEST_F(PostgresPooled, ASleeperWritesNothingOnceItsLeaseIsTaken) {
    const auto sleeper = open(pooled());
    const auto lease = sleeper->try_lock();
    ASSERT_DONE(lease);
    ASSERT_DONE(sleeper->create_ledger());
    expire_lease();
    const auto other = open(pooled("other@there pid 2"));
    const auto taken = other->try_lock();
    ASSERT_DONE(taken);
    EXPECT_FAILS(migrate(*sleeper, "CREATE TABLE t (a int);"), ErrorCode::kLocked);
    EXPECT_FAILS(sleeper->record(applied("1")), ErrorCode::kLocked);
    EXPECT_FAILS(alone(*sleeper, "VACUUM;"), ErrorCode::kLocked);
    EXPECT_EQ(fixture().contents(), "");
    EXPECT_EQ(sql("SELECT count(*) FROM schema_migrations"), Rows{"0"});
    EXPECT_DONE(migrate(*other, "CREATE TABLE t (a int);"));
}

// Run out, but a transaction under it is still at work: it cannot be taken over.
TEST_F(PostgresPooled, ALeaseIsNotTakenFromUnderATransaction) {
    const auto holder = open(pooled());
    const auto lease = holder->try_lock();
    ASSERT_DONE(lease);
    ASSERT_DONE(holder->create_ledger());
    const auto other = open(pooled("other@there pid 2"));
    const auto done = holder->in_transaction(Execution{}, [&]() -> Result<void> {
        // Large enough to be sent at once.
        CHECK(apply_all(*holder, script("CREATE TABLE t AS SELECT length('" + std::string(600'000, 'x') + "') AS a;"
                                        "SET LOCAL standard_conforming_strings = on;")));
        expire_lease();
        EXPECT_FAILS(other->try_lock(), ErrorCode::kLocked);
        return holder->record(applied("1"));
    });
    ASSERT_DONE(done);
    EXPECT_EQ(sql("SELECT count(*) FROM schema_migrations"), Rows{"1"});
    EXPECT_DONE(other->try_lock());
}

TEST_F(PostgresPooled, LeaseAndSessionLockExcludeEachOther) {
    const auto direct = open(config());
    const auto through = open(pooled("other@there pid 2"));
    {
        const auto lease = through->try_lock();
        ASSERT_DONE(lease);
        const auto refused = direct->try_lock();
        EXPECT_FAILS(refused, ErrorCode::kLocked);
        EXPECT_EQ(refused.error().details.at(0), "other@there pid 2");
        EXPECT_TRUE(direct->lock_status()->held);
    }
    const auto lease = direct->try_lock();
    ASSERT_DONE(lease);
    const auto refused = through->try_lock();
    EXPECT_FAILS(refused, ErrorCode::kLocked);
    EXPECT_EQ(refused.error().details.at(0), "tester@here pid 1");
    EXPECT_DONE((*lease)->check());
}

TEST_F(PostgresPooled, ForceTakesTheLease) {
    const auto holder = open(pooled());
    const auto lease = holder->try_lock();
    ASSERT_DONE(lease);
    const auto other = open(pooled("other@there pid 2"));
    EXPECT_FAILS(other->release_lock(false), ErrorCode::kLocked);
    EXPECT_EQ(other->release_lock(true).value(), "took the lease from tester@here pid 1");
    EXPECT_DONE(other->try_lock());
    EXPECT_FAILS(holder->in_transaction(Execution{}, [&] { return apply_all(*holder, script("CREATE TABLE t (a int);")); }),
                 ErrorCode::kLocked);
}

TEST_F(PostgresPooled, SearchPathAndLimitsTravelWithEachTransaction) {
    sql("CREATE SCHEMA app");
    TargetConfig in_schema = pooled();
    in_schema.url.parameters["search_path"] = "app";
    const auto target = open(in_schema);
    const auto lease = target->try_lock();
    ASSERT_DONE(lease);
    ASSERT_DONE(target->create_ledger());
    Execution execution;
    execution.statement_timeout = milliseconds(30'000);
    execution.lock_timeout = milliseconds(7'000);
    ASSERT_DONE(migrate(*target, "CREATE TABLE t AS SELECT current_setting('statement_timeout') AS a, current_setting('lock_timeout') AS b;",
                        "1", execution));
    EXPECT_EQ(sql("SELECT a, b FROM app.t"), Rows{"30s|7s"});
    EXPECT_EQ(sql("SELECT count(*) FROM app.schema_migrations"), Rows{"1"});
}

TEST_F(PostgresPooled, AHeartbeatKeepsTheLease) {
    const postgres::LeaseSql lease("public", "schema_migrations", {milliseconds(1'500), milliseconds(200)});
    sql(lease.create());
    ASSERT_EQ(sql(lease.take("a")), Rows{"1"});
    const auto settings = postgres::ConnectionSettings::make(pooled());
    ASSERT_DONE(settings);
    postgres::ConnectionPool pool(PoolConfig{}, [&] { return postgres::Connection::open(*settings, nullptr); });
    {
        auto connection = pool.acquire();
        ASSERT_DONE(connection);
        const postgres::Heartbeat heartbeat(lease, 1, pool, std::move(*connection));
        std::this_thread::sleep_for(milliseconds(3'000));
        EXPECT_DONE(heartbeat.check());
        EXPECT_EQ(sql(lease.take("b")), Rows{});
        // Someone else has it now: noticed at the next beat.
        expire_lease();
        const auto deadline = steady_clock::now() + std::chrono::seconds(10);
        std::string taken = "none";
        while (taken == "none" && steady_clock::now() < deadline) {
            expire_lease();
            if (const auto rows = sql(lease.take("b")); !rows.empty()) taken = rows.front();
        }
        ASSERT_NE(taken, "none");
        while (heartbeat.check() && steady_clock::now() < deadline) std::this_thread::sleep_for(milliseconds(20));
        EXPECT_FAILS(heartbeat.check(), ErrorCode::kLocked);
    }
    EXPECT_EQ(pool.in_use(), 0);
}

}  // namespace
}  // namespace godwit::test
