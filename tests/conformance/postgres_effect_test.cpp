// What an interrupted statement has left behind, on both servers.
#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "conformance/postgres_case.h"

namespace godwit::test {
namespace {

using std::chrono::milliseconds;
using Rows = std::vector<std::string>;

class PostgresEffect : public PostgresTest, public testing::WithParamInterface<const char*> {
protected:
    const char* server_variable() const override { return GetParam(); }

    Effect seen(Target& target, const std::string& statement) {
        const auto found = effect(target, statement);
        EXPECT_TRUE(found.has_value()) << outcome(found);
        return found.value_or(Effect::kUnknowable);
    }
    Rows index_states() {
        return sql("SELECT c.relname || ' ' || i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
                   " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname NOT LIKE 'pg\\_%' AND c.relname NOT LIKE '%pkey'"
                   " ORDER BY 1");
    }
    // A statement that has to wait for an old snapshot gives up in the middle.
    void interrupt_in_the_middle(Target& target, const std::string& statement, const std::string& held) {
        sql("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM " + held);
        Execution short_time;
        short_time.statement_timeout = milliseconds(500);
        EXPECT_FAILS(alone(target, statement, short_time), ErrorCode::kRejected);
        sql("COMMIT");
    }
};

TEST_P(PostgresEffect, OfBuildingAnIndex) {
    const auto target = open_ready();
    sql("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1); CREATE TABLE u (a int)");
    const std::string build = "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a);";
    EXPECT_EQ(seen(*target, build), Effect::kAbsent);
    EXPECT_FAILS(alone(*target, build), ErrorCode::kRejected);
    ASSERT_EQ(index_states(), Rows{"i false"});
    EXPECT_EQ(seen(*target, build), Effect::kAbsent);
    EXPECT_EQ(index_states(), Rows{});
    EXPECT_TRUE(any_contains(words().remarks, "dropped invalid index \"public\".\"i\" left by an interrupted build"));
    sql("DELETE FROM t");
    EXPECT_DONE(alone(*target, build));
    EXPECT_EQ(seen(*target, build), Effect::kPresent);
    EXPECT_EQ(seen(*target, "CREATE INDEX CONCURRENTLY i ON public.t (a);"), Effect::kPresent);
    EXPECT_EQ(seen(*target, "CREATE INDEX CONCURRENTLY i ON u (a);"), Effect::kUnknowable);
    EXPECT_EQ(seen(*target, "CREATE INDEX CONCURRENTLY ON t (a);"), Effect::kUnknowable);
    EXPECT_EQ(index_states(), Rows{"i true"});
}

// IF NOT EXISTS would skip the carcass in silence.
TEST_P(PostgresEffect, AnInvalidIndexIsRebuilt) {
    const auto target = open_ready();
    sql("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)");
    EXPECT_FAILS(alone(*target, "CREATE UNIQUE INDEX CONCURRENTLY \"I x\" ON t (a);"), ErrorCode::kRejected);
    sql("DELETE FROM t");
    ASSERT_EQ(index_states(), Rows{"I x false"});
    EXPECT_DONE(alone(*target, "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"I x\" ON t (a);"));
    EXPECT_EQ(index_states(), Rows{"I x true"});
}

TEST_P(PostgresEffect, AnIndexUnderConstructionIsLeftAlone) {
    const auto builder = open_ready();
    sql("CREATE TABLE t (a int)");
    sql("BEGIN; INSERT INTO t VALUES (1)");
    std::thread building([&] { EXPECT_DONE(alone(*builder, "CREATE INDEX CONCURRENTLY i ON t (a);")); });
    wait_until("EXISTS (SELECT FROM pg_stat_progress_create_index WHERE index_relid <> 0 AND datname = current_database())");
    const auto other = open(config());
    const auto found = effect(*other, "CREATE INDEX CONCURRENTLY i ON t (a);");
    EXPECT_FAILS(found, ErrorCode::kBlocked);
    sql("COMMIT");
    building.join();
    EXPECT_EQ(index_states(), Rows{"i true"});
    EXPECT_EQ(seen(*other, "CREATE INDEX CONCURRENTLY i ON t (a);"), Effect::kPresent);
}

TEST_P(PostgresEffect, OfDroppingAnIndex) {
    const auto target = open_ready();
    sql("CREATE TABLE t (a int); CREATE INDEX i ON t (a)");
    EXPECT_EQ(seen(*target, "DROP INDEX CONCURRENTLY i;"), Effect::kAbsent);
    interrupt_in_the_middle(*target, "DROP INDEX CONCURRENTLY i;", "t");
    EXPECT_EQ(index_states(), Rows{"i false"});
    EXPECT_EQ(seen(*target, "DROP INDEX CONCURRENTLY public.i;"), Effect::kAbsent);
    EXPECT_DONE(alone(*target, "DROP INDEX CONCURRENTLY i;"));
    EXPECT_EQ(seen(*target, "DROP INDEX CONCURRENTLY i;"), Effect::kPresent);
}

TEST_P(PostgresEffect, OfRebuildingAnIndex) {
    const auto target = open_ready();
    sql("CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE INDEX i ON t (a)");
    interrupt_in_the_middle(*target, "REINDEX INDEX CONCURRENTLY i;", "t");
    ASSERT_EQ(index_states().size(), 2u);
    EXPECT_EQ(seen(*target, "REINDEX INDEX CONCURRENTLY i;"), Effect::kAbsent);
    EXPECT_EQ(index_states(), Rows{"i true"});
    interrupt_in_the_middle(*target, "REINDEX TABLE CONCURRENTLY t;", "t");
    ASSERT_EQ(index_states().size(), 2u);
    EXPECT_EQ(seen(*target, "REINDEX (CONCURRENTLY) TABLE t;"), Effect::kAbsent);
    EXPECT_EQ(index_states(), Rows{"i true"});
}

TEST_P(PostgresEffect, OfDetachingAPartition) {
    const auto target = open_ready();
    sql("CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE c PARTITION OF p FOR VALUES IN (1)");
    const std::string detach = "ALTER TABLE p DETACH PARTITION c CONCURRENTLY;";
    EXPECT_EQ(seen(*target, detach), Effect::kAbsent);
    interrupt_in_the_middle(*target, detach, "p");
    ASSERT_EQ(sql("SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = 'c'::regclass"), Rows{"t"});
    EXPECT_EQ(seen(*target, detach), Effect::kPresent);
    EXPECT_EQ(sql("SELECT count(*) FROM pg_inherits WHERE inhrelid = 'c'::regclass"), Rows{"0"});
    EXPECT_EQ(seen(*target, detach), Effect::kPresent);
}

TEST_P(PostgresEffect, OfOthers) {
    const auto target = open_ready();
    const std::string database = sql("SELECT current_database()").front();
    sql("CREATE TYPE mood AS ENUM ('a')");
    struct Case {
        std::string statement;
        Effect effect;
    };
    const std::vector<Case> cases = {
        {"ALTER TYPE mood ADD VALUE 'a';", Effect::kPresent},
        {"ALTER TYPE public.mood ADD VALUE 'b' AFTER 'a';", Effect::kAbsent},
        {"CREATE DATABASE " + database + ";", Effect::kPresent},
        {"CREATE DATABASE " + database + "_x;", Effect::kAbsent},
        {"DROP DATABASE " + database + ";", Effect::kAbsent},
        {"DROP DATABASE " + database + "_x;", Effect::kPresent},
        {"CREATE TABLESPACE pg_default LOCATION '/x';", Effect::kPresent},
        {"DROP TABLESPACE no_such_space;", Effect::kPresent},
        {"CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p;", Effect::kAbsent},
        {"DROP SUBSCRIPTION s;", Effect::kPresent},
        {"ALTER SUBSCRIPTION s REFRESH PUBLICATION;", Effect::kAbsent},
        {"ALTER SUBSCRIPTION s ADD PUBLICATION p;", Effect::kUnknowable},
        {"VACUUM;", Effect::kAbsent},
        {"ALTER SYSTEM SET work_mem = '5MB';", Effect::kAbsent},
        {"REINDEX DATABASE " + database + ";", Effect::kAbsent},
        {"SET work_mem = '5MB';", Effect::kAbsent},
        {"DO $$ BEGIN COMMIT; END $$;", Effect::kUnknowable},
        {"CALL p();", Effect::kUnknowable},
        {"INSERT INTO t VALUES (1);", Effect::kUnknowable},
    };
    for (const Case& c : cases) EXPECT_EQ(seen(*target, c.statement), c.effect) << c.statement;
}

INSTANTIATE_TEST_SUITE_P(Servers, PostgresEffect, testing::Values("GODWIT_TEST_POSTGRESQL", "GODWIT_TEST_POSTGRESQL_OTHER"),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace godwit::test
