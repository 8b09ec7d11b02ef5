// Which statements PostgreSQL refuses inside a transaction, and which a
// migration must not hold: found by reading alone.
#include <gtest/gtest.h>

#include "support/scratch_folder.h"
#include "support/sql_fixture.h"
#include "target/postgres/parser.h"
#include "target/postgres/reader.h"

namespace godwit::test {
namespace {

class Written {
public:
    explicit Written(const std::string& text) : path_(folder_.write("0001_case.sql", text)) {}
    Body body() const { return script_of(path_, "0001_case.sql"); }

private:
    ScratchFolder folder_;
    std::string path_;
};

// "plain", "alone", "begin", "commit", "session", "may commit", or the error.
std::string kind_of(const std::string& statement) {
    const Written written(statement + ";");
    auto reader = postgres::read_steps(written.body(), {});
    if (!reader) return reader.error().message;
    const auto step = (*reader)->next();
    if (!step) return step.error().message + " @" + std::to_string(step.error().where.line);
    switch ((*step)->kind) {
        case StepKind::kAlone: return "alone";
        case StepKind::kBegin: return "begin";
        case StepKind::kCommit: return "commit";
        case StepKind::kPlain: break;
    }
    return (*step)->session_only ? "session" : (*step)->may_commit ? "may commit" : "plain";
}

TEST(PostgresReading, KindsOfStatements) {
    struct Case {
        const char* statement;
        const char* kind;
    };
    const std::vector<Case> cases = {
        {"CREATE TABLE t (a int)", "plain"},
        {"INSERT INTO t VALUES ('CREATE INDEX CONCURRENTLY')", "plain"},
        {"CREATE INDEX i ON t (a)", "plain"},
        {"CREATE INDEX CONCURRENTLY i ON t (a)", "alone"},
        {"create unique index concurrently if not exists i on t (a)", "alone"},
        {"CREATE /* x */ INDEX -- y\n CONCURRENTLY i ON t (a)", "alone"},
        {"CREATE INDEX \"concurrently\" ON t (a)", "plain"},
        {"DROP INDEX i", "plain"},
        {"DROP INDEX CONCURRENTLY IF EXISTS i", "alone"},
        {"DROP INDEX \"concurrently\"", "plain"},
        {"REINDEX TABLE t", "plain"},
        {"REINDEX INDEX i", "plain"},
        {"REINDEX (VERBOSE) TABLE t", "plain"},
        {"REINDEX TABLE CONCURRENTLY t", "alone"},
        {"REINDEX (CONCURRENTLY) INDEX i", "alone"},
        {"REINDEX (CONCURRENTLY FALSE) INDEX i", "plain"},
        {"REINDEX SCHEMA s", "alone"},
        {"REINDEX DATABASE d", "alone"},
        {"REINDEX SYSTEM d", "alone"},
        {"VACUUM", "alone"},
        {"VACUUM (FULL, ANALYZE) t", "alone"},
        {"ANALYZE t", "plain"},
        {"CLUSTER", "alone"},
        {"CLUSTER VERBOSE", "alone"},
        {"CLUSTER t USING i", "plain"},
        {"CLUSTER \"t\"", "plain"},
        {"CREATE DATABASE d", "alone"},
        {"DROP DATABASE IF EXISTS d", "alone"},
        {"ALTER DATABASE d SET TABLESPACE s", "alone"},
        {"ALTER DATABASE d RENAME TO tablespace_test", "plain"},
        {"ALTER DATABASE d SET work_mem = '1MB'", "plain"},
        {"CREATE TABLESPACE s LOCATION '/x'", "alone"},
        {"DROP TABLESPACE s", "alone"},
        {"ALTER SYSTEM SET work_mem = '1MB'", "alone"},
        {"ALTER TABLE p DETACH PARTITION c CONCURRENTLY", "alone"},
        {"ALTER TABLE p DETACH PARTITION c", "plain"},
        {"ALTER TABLE p DETACH PARTITION c FINALIZE", "plain"},
        {"ALTER TABLE detached ADD COLUMN a text DEFAULT 'concurrently'", "plain"},
        {"CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p", "alone"},
        {"CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = false)", "plain"},
        {"CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (create_slot = false)", "plain"},
        {"ALTER SUBSCRIPTION s REFRESH PUBLICATION", "alone"},
        {"ALTER SUBSCRIPTION s SET PUBLICATION p", "alone"},
        {"ALTER SUBSCRIPTION s SET PUBLICATION p WITH (refresh = false)", "plain"},
        {"ALTER SUBSCRIPTION s ENABLE", "plain"},
        {"DROP SUBSCRIPTION s", "alone"},
        {"COMMIT PREPARED 'x'", "alone"},
        {"ROLLBACK PREPARED 'x'", "alone"},
        {"REFRESH MATERIALIZED VIEW CONCURRENTLY v", "plain"},
        {"ALTER TYPE t ADD VALUE 'x'", "plain"},
        {"COPY t FROM '/x'", "plain"},
        {"DO $$ BEGIN PERFORM 1; END $$", "plain"},
        {"DO $$ BEGIN LOOP UPDATE t SET a = 1; COMMIT; END LOOP; END $$", "alone"},
        {"DO LANGUAGE plpgsql 'BEGIN PERFORM 1; ROLLBACK; END'", "alone"},
        {"DO $$ BEGIN EXECUTE 'COMMENT ON TABLE t IS ''COMMIT;'''; END $$", "plain"},
        {"DO $$ BEGIN -- COMMIT;\n RAISE NOTICE 'COMMIT'; /* ROLLBACK; */ END $$", "plain"},
        {"DO $$ BEGIN CALL p(); END $$", "may commit"},
        {"DO $$ <<outer>> BEGIN IF a THEN ROLLBACK AND CHAIN; ELSE COMMIT WORK; END IF; END $$", "alone"},
        {"DO $$ BEGIN SELECT CASE WHEN a THEN commit END FROM t; END $$", "plain"},
        {"DO $$ BEGIN PERFORM commit; x := rollback(1); PERFORM call(); END $$", "plain"},
        {"DO LANGUAGE plpython3u 'plpy.commit()'", "may commit"},
        {"CALL p()", "may commit"},
        {"BEGIN", "begin"},
        {"BEGIN WORK", "begin"},
        {"START TRANSACTION", "begin"},
        {"COMMIT", "commit"},
        {"COMMIT AND NO CHAIN", "commit"},
        {"END", "commit"},
        {"SAVEPOINT s", "plain"},
        {"ROLLBACK TO SAVEPOINT s", "plain"},
        {"ROLLBACK TRANSACTION TO s", "plain"},
        {"RELEASE s", "plain"},
        {"SET search_path = a, b", "session"},
        {"SET SESSION work_mem = '1MB'", "session"},
        {"SET LOCAL work_mem = '1MB'", "plain"},
        {"SET CONSTRAINTS ALL DEFERRED", "plain"},
        {"SET TRANSACTION READ WRITE", "plain"},
        {"SET client_encoding = 'UTF8'", "session"},
        {"SET NAMES 'utf-8'", "session"},
        {"RESET ALL", "session"},
        {"SELECT pg_catalog.set_config('search_path', '', false)", "session"},
        {"SELECT set_config('search_path', '', true)", "plain"},
        {"SELECT set_config('search_path', '', false), setval('s', 1)", "plain"},
        {"PREPARE p AS SELECT 1", "session"},
        {"DISCARD PLANS", "plain"},
        // Newer than the grammar that is linked: judged by words.
        {"ALTER TABLE p MERGE PARTITIONS (a, b) INTO c", "plain"},
        {"VACUUM (BUFFER_USAGE_LIMIT '1MB') t", "alone"},
        {"REINDEX (FUTURE_OPTION 7, CONCURRENTLY) TABLE t", "alone"},
    };
    for (const Case& c : cases) EXPECT_EQ(kind_of(c.statement), c.kind) << c.statement;
}

TEST(PostgresReading, RefusesWhatAMigrationMustNotHold) {
    const std::vector<std::string> statements = {
        "ROLLBACK", "ABORT", "ROLLBACK AND CHAIN", "COMMIT AND CHAIN", "PREPARE TRANSACTION 'x'", "DISCARD ALL",
        "SET client_encoding = 'LATIN1'", "SET NAMES 'SJIS'", "SELECT pg_advisory_unlock_all()",
        "DO $$ BEGIN PERFORM pg_advisory_unlock_all(); END $$",
    };
    for (const std::string& statement : statements) {
        const Written written("SELECT 1;\n  " + statement + ";");
        auto reader = postgres::read_steps(written.body(), {});
        ASSERT_TRUE(reader.has_value());
        ASSERT_TRUE((*reader)->next().has_value());
        const auto step = (*reader)->next();
        ASSERT_FALSE(step.has_value()) << statement;
        EXPECT_EQ(step.error().code, ErrorCode::kInvalidInput) << statement;
        EXPECT_EQ(to_string(step.error().where), "0001_case.sql:2:3") << statement;
        EXPECT_NE(step.error().remedy, "") << statement;
    }
}

TEST(PostgresReading, KeepsWhatBeginSaysOfTheTransaction) {
    const Written written("START TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nSELECT 1;\nCOMMIT;");
    auto reader = postgres::read_steps(written.body(), {});
    ASSERT_TRUE(reader.has_value());
    std::vector<std::string> seen;
    while (true) {
        const auto step = (*reader)->next();
        ASSERT_TRUE(step.has_value());
        if (*step == nullptr) break;
        if ((*step)->kind == StepKind::kPlain) seen.push_back((*step)->step.body);
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "SELECT 1"}));
}


std::string inspected(const std::string& text, TransactionWish wish = TransactionWish::kAuto) {
    const Written written(text);
    Migration migration;
    migration.up = written.body();
    migration.where = {"0001_case.sql", 1, 1, 0};
    migration.options.transaction = wish;
    const auto found = postgres::inspect(migration, Direction::kUp, TargetConfig{});
    if (!found) return "refused at " + std::to_string(found.error().where.line) + ": " + found.error().message;
    if (found->transactional) return "transaction, " + std::to_string(found->steps);
    return "step by step, " + std::to_string(found->steps) + ", line " + std::to_string(found->why_where.line) + ": " + found->why_not;
}

TEST(PostgresInspection, FindsHowAScriptIsToRun) {
    EXPECT_EQ(inspected(""), "transaction, 0");
    EXPECT_EQ(inspected("CREATE TABLE a (b int);\nINSERT INTO a VALUES (1);"), "transaction, 2");
    EXPECT_EQ(inspected("BEGIN;\nCREATE TABLE a (b int);\nCOMMIT;"), "transaction, 1");
    EXPECT_EQ(inspected("SET search_path = x;\nBEGIN;\nSELECT 1;\nEND;\nRESET search_path;"), "transaction, 3");
    EXPECT_EQ(inspected("SELECT 1;\nCREATE INDEX CONCURRENTLY i ON t (a);"),
              "step by step, 2, line 2: CREATE INDEX CONCURRENTLY cannot run inside a transaction");
    EXPECT_EQ(inspected("SELECT 1;\nSELECT 2;", TransactionWish::kOff), "step by step, 2, line 1: the file says transaction=off");
    EXPECT_EQ(inspected("BEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\nSELECT 2;\nCOMMIT;\nSELECT 3;", TransactionWish::kOff),
              "step by step, 3, line 1: the file says transaction=off");
}

TEST(PostgresInspection, RefusesTransactionsThatCannotBeMerged) {
    EXPECT_EQ(inspected("BEGIN;\nSELECT 1;\nCOMMIT;\nSELECT 2;"),
              "refused at 4: a statement stands outside the script's BEGIN … COMMIT");
    EXPECT_EQ(inspected("SELECT 0;\nBEGIN;\nSELECT 1;\nCOMMIT;"),
              "refused at 1: a statement stands outside the script's BEGIN … COMMIT");
    EXPECT_EQ(inspected("BEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\nSELECT 2;\nCOMMIT;"),
              "refused at 4: the script holds more than one BEGIN … COMMIT");
    EXPECT_EQ(inspected("BEGIN;\nBEGIN;\nCOMMIT;"), "refused at 2: BEGIN inside a transaction that began at line 1");
    EXPECT_EQ(inspected("SELECT 1;\nCOMMIT;"), "refused at 2: COMMIT without BEGIN");
    EXPECT_EQ(inspected("\nBEGIN;\nSELECT 1;"), "refused at 2: BEGIN without COMMIT");
    EXPECT_EQ(inspected("BEGIN;\nSELECT 1;\nVACUUM;\nCOMMIT;"),
              "refused at 3: VACUUM cannot run inside a transaction, but stands after the BEGIN of line 1");
    EXPECT_EQ(inspected("BEGIN;\nVACUUM;\nCOMMIT;", TransactionWish::kOff),
              "refused at 2: VACUUM cannot run inside a transaction, but stands after the BEGIN of line 1");
}

TEST(PostgresInspection, FindsTheUseOfANewEnumValue) {
    const std::string add = "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'so''so';\n";
    const std::string why = "step by step, 2, line 2: the value 'so''so' of mood is added in line 1 and used in line 2, "
                            "which one transaction cannot do";
    EXPECT_EQ(inspected(add + "INSERT INTO t VALUES ('so''so');"), why);
    EXPECT_EQ(inspected(add + "CREATE FUNCTION f() RETURNS mood LANGUAGE sql AS $$ SELECT 'so''so'::mood $$;"), why);
    EXPECT_EQ(inspected(add + "INSERT INTO t VALUES ('other'); -- 'so''so'"), "transaction, 2");
    EXPECT_EQ(inspected(add + "SELECT 1 /* 'so''so' */;"), "transaction, 2");
    EXPECT_EQ(inspected(add + "ALTER TYPE mood ADD VALUE 'x' AFTER 'so''so';"), "transaction, 2");
    EXPECT_EQ(inspected("INSERT INTO t VALUES ('so''so');\n" + add), "transaction, 2");
    EXPECT_EQ(inspected("CREATE TYPE mood AS ENUM ('a');\n" + add + "INSERT INTO t VALUES ('so''so');"), "transaction, 3");
    EXPECT_EQ(inspected("ALTER TYPE mood RENAME VALUE 'a' TO 'b';\nINSERT INTO t VALUES ('b');"), "transaction, 2");
    EXPECT_TRUE(inspected("BEGIN;\n" + add + "INSERT INTO t VALUES ('so''so');\nCOMMIT;").starts_with("refused at 3: "));
    EXPECT_EQ(inspected("VACUUM;\n" + add + "BEGIN;\nINSERT INTO t VALUES ('so''so');\nCOMMIT;", TransactionWish::kOff),
              "step by step, 3, line 1: the file says transaction=off");
}

TEST(PostgresInspection, TakesLimitsFromTheFileFirst) {
    const Written written("SELECT 1;");
    TargetConfig config;
    config.lock_timeout = std::chrono::milliseconds(7);
    config.statement_timeout = std::chrono::milliseconds(8);
    Migration migration;
    migration.up = written.body();
    auto execution = postgres::inspect(migration, Direction::kUp, config);
    ASSERT_TRUE(execution.has_value());
    EXPECT_EQ(execution->lock_timeout.count(), 7);
    EXPECT_EQ(execution->statement_timeout.count(), 8);
    migration.options.lock_timeout = std::chrono::milliseconds(0);
    migration.options.statement_timeout = std::chrono::milliseconds(9);
    execution = postgres::inspect(migration, Direction::kUp, config);
    EXPECT_EQ(execution->lock_timeout.count(), 0);
    EXPECT_EQ(execution->statement_timeout.count(), 9);
}

}  // namespace
}  // namespace godwit::test
