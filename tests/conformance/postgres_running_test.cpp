// Messages of many statements: their errors, their data, their limits.
#include <fmt/format.h>

#include <csignal>
#include <thread>

#include "conformance/postgres_case.h"

namespace godwit::test {
namespace {

using std::chrono::milliseconds;

class PostgresRunning : public PostgresTest {};

TEST_F(PostgresRunning, AnErrorNamesTheVeryPlace) {
    struct Case {
        std::string text;
        std::string place;
        std::string sqlstate;
    };
    const std::vector<Case> cases = {
        {"SELECT 1;\nALTER TABLE nobody ADD COLUMN a int;", "0001_case.sql:2:1", "42P01"},
        {"SELECT 1;\nSELECT nothing;", "0001_case.sql:2:8", "42703"},
        // Characters count, not bytes.
        {"SELECT 'äöü€😀';\nSELECT 'ä€😀', nothing;", "0001_case.sql:2:15", "42703"},
        {"CREATE TABLE ä (b int); SELECT 'é', nothing;", "0001_case.sql:1:37", "42703"},
        {"SELECT 1;\r\nSELECT\r\n  nothing;\r\n", "0001_case.sql:3:3", "42703"},
        // Syntax errors are found before anything of the message runs.
        {"SELECT 1/0;\nSELECT 2;\nSELEC 3;", "0001_case.sql:3:1", "42601"},
        {"SELECT 1;\nSELECT 1 +;\nSELECT 2;", "0001_case.sql:2:11", "42601"},
        // Without a position: the statement.
        {"SELECT 1;\n  SELECT 1/0;\nSELECT 2;", "0001_case.sql:2:3", "22012"},
        {"CREATE TABLE t (a int PRIMARY KEY);\nINSERT INTO t VALUES (1);\nINSERT INTO t VALUES (1);", "0001_case.sql:3:1", "23505"},
        {"SELECT 1;\n\nDO $$ BEGIN RAISE EXCEPTION 'no'; END $$;", "0001_case.sql:3:1", "P0001"},
        // Inside a block: its line.
        {"SELECT 1;\nDO $$\nBEGIN\n  RAISE EXCEPTION 'no';\nEND $$;", "0001_case.sql:4:3", "P0001"},
        {"DO LANGUAGE plpgsql $x$ BEGIN\n\tPERFORM 1/0; END $x$;", "0001_case.sql:2:2", "22012"},
        {"/* é */ SET standard_conforming_strings = off;\nSELECT 'a\\'b', nothing;", "0001_case.sql:2:16", "42703"},
    };
    const auto target = open_ready();
    for (const Case& c : cases) {
        const auto done = migrate(*target, c.text);
        ASSERT_FALSE(done.has_value()) << c.text;
        EXPECT_EQ(to_string(done.error().where), c.place) << c.text << "\n" << done.error().message;
        EXPECT_EQ(done.error().native_code, c.sqlstate) << c.text;
        EXPECT_EQ(done.error().code, ErrorCode::kRejected) << c.text;
    }
    EXPECT_EQ(fixture().contents(), "");
}

// Whatever message it travels in, and whatever else travels with it.
TEST_F(PostgresRunning, AnErrorNamesItsLineInALongScript) {
    const auto target = open_ready();
    for (const int bad : {1, 700, 2'345, 6'000}) {
        std::string text = "CREATE TABLE t (a int, b text);";
        for (int line = 2; line <= 6'001; ++line) {
            text += fmt::format("\n INSERT INTO t VALUES ({}, '{}');", line == bad + 1 ? "'ü', x" : "1", std::string(200, 'y'));
        }
        const auto done = migrate(*target, text);
        ASSERT_FALSE(done.has_value());
        EXPECT_EQ(done.error().where.line, bad + 1);
        EXPECT_EQ(done.error().where.column, 29) << done.error().message;
    }
    EXPECT_EQ(fixture().contents(), "");
}

TEST_F(PostgresRunning, DetailHintAndContextAreKept) {
    const auto target = open_ready();
    const auto done = migrate(*target, "CREATE TABLE t (a int UNIQUE);\nINSERT INTO t VALUES (7), (7);");
    ASSERT_FALSE(done.has_value());
    EXPECT_TRUE(any_contains(done.error().details, "DETAIL: Key (a)=(7) already exists."));
    const auto other = migrate(*target, "CREATE TABLE colour (a int); SELECT colur FROM colour;");
    ASSERT_FALSE(other.has_value());
    const auto third = migrate(*target, "DO $$ BEGIN\n PERFORM 1/0;\nEND $$;");
    ASSERT_FALSE(third.has_value());
    EXPECT_TRUE(any_contains(third.error().details, "CONTEXT: "));
}

TEST_F(PostgresRunning, AFailureAtCommitLeavesNothing) {
    const auto target = open_ready();
    const auto done = migrate(*target, "CREATE TABLE p (a int PRIMARY KEY);\n"
                                       "CREATE TABLE c (a int REFERENCES p DEFERRABLE INITIALLY DEFERRED);\n"
                                       "INSERT INTO c VALUES (1);");
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().native_code, "23503");
    EXPECT_EQ(fixture().contents(), "");
    EXPECT_EQ(sql("SELECT count(*) FROM schema_migrations"), (std::vector<std::string>{"0"}));
    EXPECT_DONE(migrate(*target, "CREATE TABLE p (a int);"));
}

TEST_F(PostgresRunning, RowsOfSelectsAreDropped) {
    const auto target = open_ready();
    EXPECT_DONE(migrate(*target, "SELECT repeat('x', 1000) FROM generate_series(1, 20000); CREATE TABLE t (a int);"
                                 "SELECT generate_series(1, 50000); INSERT INTO t VALUES (1);"));
    EXPECT_EQ(sql("SELECT count(*) FROM t"), (std::vector<std::string>{"1"}));
}

TEST_F(PostgresRunning, DataHasNowhereToGo) {
    const auto target = open_ready();
    const auto done = migrate(*target, "CREATE TABLE t (a int);\nCOPY t TO STDOUT;\n");
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, ErrorCode::kInvalidInput);
    EXPECT_EQ(to_string(done.error().where), "0001_case.sql:2:1");
    EXPECT_EQ(fixture().contents(), "");
}

TEST_F(PostgresRunning, CopyCarriesItsData) {
    const auto target = open_ready();
    std::string text = "CREATE TABLE t (a int, b text);\nINSERT INTO t VALUES (0, 'before');\nCOPY t FROM stdin;\n";
    for (int row = 1; row <= 50'000; ++row) text += fmt::format("{}\tvalue \\\\ {}\n", row, row);
    text += "\\.\nINSERT INTO t VALUES (-1, 'after');\nCOPY t FROM stdin WITH (FORMAT csv, HEADER);\na,b\n-2,\"x, y\"\n\\.\n";
    ASSERT_DONE(migrate(*target, text));
    EXPECT_EQ(sql("SELECT count(*), sum(a) FROM t"), (std::vector<std::string>{"50003|1250024997"}));
    EXPECT_EQ(sql("SELECT b FROM t WHERE a IN (7, -2) ORDER BY a"), (std::vector<std::string>{"x, y", "value \\ 7"}));
}

TEST_F(PostgresRunning, AnErrorInDataNamesItsLine) {
    const auto target = open_ready();
    std::string text = "CREATE TABLE t (\n a int);\nCOPY t\nFROM stdin;\n";
    for (int row = 1; row <= 30'000; ++row) text += row == 17'000 ? "oops\n" : fmt::format("{}\n", row);
    const auto done = migrate(*target, text + "\\.\nSELECT 1;\n");
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().native_code, "22P02");
    EXPECT_EQ(to_string(done.error().where), "0001_case.sql:17004:1");
    EXPECT_EQ(fixture().contents(), "");
    EXPECT_DONE(migrate(*target, "CREATE TABLE t (a int);"));
}

TEST_F(PostgresRunning, ManyMigrationsInOneTransactionAreMeasuredEach) {
    const auto target = open_ready();
    ASSERT_DONE(target->in_transaction(Execution{}, [&]() -> Result<void> {
        CHECK(apply_all(*target, script("SELECT pg_sleep(0.3);")));
        CHECK(target->record(applied("1")));
        CHECK(apply_all(*target, script("SELECT 1;")));
        CHECK(target->record(applied("2")));
        CHECK(apply_all(*target, script("SELECT pg_sleep(0.2);")));
        return target->record(applied("3"));
    }));
    EXPECT_EQ(sql("SELECT string_agg((execution_time_ms / 100)::text, ',' ORDER BY applied_at) FROM schema_migrations"),
              (std::vector<std::string>{"3,0,2"}));
}

TEST_F(PostgresRunning, AStatementTimeoutNamesItself) {
    const auto target = open_ready();
    Execution execution;
    execution.statement_timeout = milliseconds(150);
    const auto done = migrate(*target, "SELECT 1;\nSELECT pg_sleep(10);", "1", execution);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, ErrorCode::kRejected);
    EXPECT_EQ(done.error().where.line, 2);
    EXPECT_TRUE(contains(done.error().remedy, "statement_timeout"));
}

TEST_F(PostgresRunning, InheritedLimitsDoNotCount) {
    const std::string database = sql("SELECT current_database()").front();
    for (const char* setting : {"statement_timeout = 100", "lock_timeout = 100", "idle_in_transaction_session_timeout = 100",
                                "standard_conforming_strings = off"}) {
        sql(fmt::format("ALTER DATABASE {} SET {}", database, setting));
    }
    const auto target = open_ready();
    ASSERT_DONE(target->in_transaction(Execution{}, [&]() -> Result<void> {
        CHECK(apply_all(*target, script("CREATE TABLE t (a text); SELECT pg_sleep(0.3); INSERT INTO t VALUES ('a\\');"
                                        "SET standard_conforming_strings = on;")));
        std::this_thread::sleep_for(milliseconds(300));
        return target->record(applied("1"));
    }));
    EXPECT_EQ(sql("SELECT a FROM t"), (std::vector<std::string>{"a\\"}));
}

TEST_F(PostgresRunning, AStopInterruptsTheStatement) {
    Cancellation cancellation;
    TargetConfig with_stop = config();
    with_stop.cancellation = &cancellation;
    const auto target = open_ready(with_stop);
    std::thread stopper([&] {
        wait_until("EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND state = 'active'"
                   " AND pid <> pg_backend_pid())");
        cancellation.request(SIGINT);
    });
    const auto done = migrate(*target, "CREATE TABLE t (a int);\nSELECT pg_sleep(60);");
    stopper.join();
    EXPECT_FAILS(done, ErrorCode::kCancelled);
    EXPECT_EQ(fixture().contents(), "");
    // What puts the record in order goes through even so.
    EXPECT_DONE(target->record(progress("1", Direction::kUp, 0, 2)));
    EXPECT_DONE(target->try_lock());
}

TEST_F(PostgresRunning, NothingToDoSendsNothing) {
    const auto target = open_ready();
    const auto before = sql("SELECT pg_current_xact_id()::text::bigint").front();
    EXPECT_DONE(target->in_transaction(Execution{}, [] { return Result<void>(); }));
    EXPECT_EQ(std::stoll(sql("SELECT pg_current_xact_id()::text::bigint").front()), std::stoll(before) + 1);
}

TEST_F(PostgresRunning, AProcedureMayCommitOnlyAlone) {
    const auto target = open_ready();
    sql("CREATE TABLE t (a int); CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO t VALUES (1); COMMIT; END $$");
    const auto done = migrate(*target, "CALL p();");
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().native_code, "2D000");
    EXPECT_TRUE(contains(done.error().remedy, "transaction=off"));
    EXPECT_DONE(alone(*target, "CALL p();"));
    EXPECT_EQ(sql("SELECT count(*) FROM t"), (std::vector<std::string>{"1"}));
}

}  // namespace
}  // namespace godwit::test
