// What a script does to its session must not reach the record, nor the next migration.
#include <fmt/format.h>

#include "conformance/postgres_case.h"

namespace godwit::test {
namespace {

class PostgresSession : public PostgresTest {};

using Rows = std::vector<std::string>;

TEST_F(PostgresSession, TheRecordIsFoundWhateverTheSearchPath) {
    const auto target = open_ready();
    EXPECT_DONE(migrate(*target, "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.t (a int);"));
    EXPECT_DONE(migrate(*target, "SET search_path = nowhere;", "2"));
    // And the next one starts afresh.
    EXPECT_DONE(migrate(*target, "INSERT INTO t VALUES (1);", "3"));
    EXPECT_EQ(sql("SELECT string_agg(version, ',' ORDER BY version) FROM public.schema_migrations"), Rows{"1,2,3"});
}

TEST_F(PostgresSession, AnotherRoleDoesNotWriteTheRecord) {
    const auto target = open_ready();
    const std::string role = "godwit_nobody_" + sql("SELECT pg_backend_pid()").front();
    sql("CREATE ROLE " + role + "; GRANT CREATE ON SCHEMA public TO " + role);
    EXPECT_DONE(migrate(*target, "SET ROLE " + role + ";\nCREATE TABLE t (a int);"));
    EXPECT_DONE(migrate(*target, "SET SESSION AUTHORIZATION " + role + ";\nCREATE TABLE u (a int);", "2"));
    EXPECT_DONE(migrate(*target, "CREATE TABLE v (a int);", "3"));
    EXPECT_EQ(sql("SELECT string_agg(tablename || ' ' || (tableowner = '" + role + "'), ',' ORDER BY tablename) FROM pg_tables"
                  " WHERE tablename IN ('t', 'u', 'v')"), Rows{"t true,u true,v false"});
    // Step by step: the journal is ours to write, the session stays as the script has it.
    ASSERT_DONE(target->in_transaction(Execution{}, [&]() -> Result<void> {
        CHECK(apply_all(*target, script("SET ROLE " + role + ";")));
        return target->record(progress("4", Direction::kUp, 1, 2));
    }));
    ASSERT_DONE(target->in_transaction(Execution{}, [&]() -> Result<void> {
        CHECK(apply_all(*target, script("CREATE TABLE w (a int);")));
        return target->record(progress("4", Direction::kUp, 2, 2));
    }));
    ASSERT_DONE(target->record(applied("4")));
    EXPECT_EQ(sql("SELECT tableowner FROM pg_tables WHERE tablename = 'w'"), Rows{role});
    EXPECT_DONE(migrate(*target, "CREATE TABLE x (a int);", "5"));
    EXPECT_NE(sql("SELECT tableowner FROM pg_tables WHERE tablename = 'x'"), Rows{role});
    sql("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

TEST_F(PostgresSession, AFailedScriptLeavesNoSettingBehind) {
    const auto target = open_ready();
    EXPECT_FALSE(migrate(*target, "SET search_path = nowhere;\nSELECT 1/0;").has_value());
    EXPECT_DONE(migrate(*target, "CREATE TABLE t (a int);"));
}

TEST_F(PostgresSession, TheScriptsOwnLimitsHoldStepByStep) {
    const auto target = open_ready();
    EXPECT_DONE(target->in_transaction(Execution{}, [&]() -> Result<void> {
        CHECK(apply_all(*target, script("SET statement_timeout = 150;")));
        return target->record(progress("1", Direction::kUp, 1, 2));
    }));
    Execution generous;
    generous.statement_timeout = std::chrono::milliseconds(60'000);
    const auto done = target->in_transaction(generous, [&] { return apply_all(*target, script("SELECT pg_sleep(5);")); });
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().native_code, "57014");
    const auto also = alone(*target, "VACUUM;\n", generous);
    EXPECT_DONE(also);
}

TEST_F(PostgresSession, LimitsOfLoneStatementsDoNotStay) {
    const auto target = open_ready();
    Execution tight;
    tight.statement_timeout = std::chrono::milliseconds(200);
    ASSERT_DONE(alone(*target, "VACUUM;", tight));
    EXPECT_DONE(migrate(*target, "SELECT pg_sleep(0.5);"));
    EXPECT_FALSE(alone(*target, "DO $$ BEGIN PERFORM pg_sleep(5); COMMIT; END $$;", tight).has_value());
    EXPECT_DONE(alone(*target, "DO $$ BEGIN PERFORM pg_sleep(0.5); COMMIT; END $$;"));
}

TEST_F(PostgresSession, TheUrlsSearchPathHolds) {
    sql("CREATE SCHEMA app; CREATE SCHEMA \"we ird\"");
    TargetConfig in_schema = config();
    in_schema.url.parameters["search_path"] = "app, public";
    const auto target = open_ready(in_schema);
    EXPECT_DONE(migrate(*target, "CREATE TABLE t (a int);"));
    EXPECT_DONE(migrate(*target, "SET search_path = public; CREATE TABLE u (a int);", "2"));
    EXPECT_DONE(migrate(*target, "CREATE TABLE v (a int);", "3"));
    EXPECT_EQ(sql("SELECT string_agg(schemaname || '.' || tablename, ',' ORDER BY tablename) FROM pg_tables WHERE tablename"
                  " IN ('t', 'u', 'v', 'schema_migrations', 'godwit_journal')"),
              Rows{"app.godwit_journal,app.schema_migrations,app.t,public.u,app.v"});
}

TEST_F(PostgresSession, SaysWhoItIs) {
    const auto target = open_ready();
    EXPECT_EQ(sql("SELECT application_name FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"),
              Rows{"godwit tester@here pid 1"});
    EXPECT_TRUE(target->server_version().starts_with(sql("SHOW server_version_num").front().substr(0, 2)));
}

}  // namespace
}  // namespace godwit::test
