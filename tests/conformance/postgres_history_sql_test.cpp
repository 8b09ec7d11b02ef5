#include "target/postgres/history_sql.h"

#include <gtest/gtest.h>

namespace godwit::postgres {
namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

RecordChange applied(std::string version) {
    RecordChange change;
    change.version = std::move(version);
    change.description = "it's";
    change.checksum = "sha256-x";
    return change;
}

TEST(PostgresLiteral, MeansTheSameInEverySession) {
    struct Case {
        std::string text;
        std::string literal;
    };
    const std::vector<Case> cases = {
        {"plain", "'plain'"},
        {"it's", "'it''s'"},
        {"a\\'b", "E'a\\\\''b'"},
                {std::string("a\0b", 3), "'a\xEF\xBF\xBD"
                                                     "b'"},
        {"caf\xC3", "'caf\xEF\xBF\xBD'"},
        {"", "''"},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(literal(c.text), c.literal) << c.text;
    }
    EXPECT_EQ(identifier("x\"; DROP--"), "\"x\"\"; DROP--\"");
}

TEST(PostgresHistorySql, PutsAllTablesIntoTheHistorysSchema) {
    const HistorySql history(HistoryLayout::kAlembic, "ops", "alembic_version");
    EXPECT_EQ(history.history_table(), "\"ops\".\"alembic_version\"");
    ASSERT_EQ(history.create_tables().size(), 4u);
    EXPECT_TRUE(history.create_tables()[1].starts_with("CREATE TABLE IF NOT EXISTS \"ops\".godwit_revisions ("));
    EXPECT_TRUE(contains(history.select_journal(), " FROM \"ops\".godwit_journal "));
}

TEST(PostgresHistorySql, MakesTheHistoryAsDocumented) {
    const HistorySql history(HistoryLayout::kSchemaMigrations, "", "schema_migrations");
    EXPECT_EQ(history.create_tables().front(),
              "CREATE TABLE IF NOT EXISTS \"schema_migrations\" (version VARCHAR(50) PRIMARY KEY, "
              "applied_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(), checksum VARCHAR(64), "
              "execution_time_ms INTEGER, description TEXT)");
}

TEST(PostgresHistorySql, UsesOnlyTheColumnsThatAreThere) {
    const HistoryColumns none{false, false, false, false};
    const HistorySql history(HistoryLayout::kSchemaMigrations, "", "m", none);
    EXPECT_EQ(history.change(applied("1"), {.journal_is_empty = true}),
              std::vector<std::string>{"INSERT INTO \"m\" (version) VALUES ('1') ON CONFLICT (version) DO NOTHING"});
    EXPECT_EQ(history.select_history(), "SELECT version, NULL, NULL, NULL, NULL FROM \"m\" ORDER BY version");
    RecordChange change = applied("1");
    change.kind = RecordChange::Kind::kChecksum;
    EXPECT_TRUE(history.change(change).empty());
}

TEST(PostgresHistorySql, LetsTheServerMeasureWhereNothingWasMeasured) {
    const HistorySql history(HistoryLayout::kSchemaMigrations, "", "m");
    EXPECT_TRUE(contains(history.change(applied("1")).front(), "clock_timestamp() - transaction_timestamp()"));
    EXPECT_TRUE(contains(history.change(applied("1"), {.started = "then"}).front(), "clock_timestamp() - then"));
    EXPECT_TRUE(contains(history.change(applied("1"), {.before_start_ms = 60}).front(), "::integer + 60"));
    RecordChange measured = applied("1");
    measured.execution_time_ms = 12;
    EXPECT_FALSE(contains(history.change(measured).front(), "clock_timestamp() -"));
    EXPECT_TRUE(contains(history.change(measured).front(), ", 12, 'it''s')"));
}

TEST(PostgresHistorySql, KeepsOneRowPerHeadForAlembic) {
    const HistorySql history(HistoryLayout::kAlembic, "", "alembic_version");
    RecordChange change = applied("c");
    change.heads_removed = {"a", "b"};
    change.heads_added = {"c"};
    const auto statements = history.change(change);
    ASSERT_EQ(statements.size(), 7u);
    EXPECT_TRUE(statements[0].starts_with("UPDATE godwit_revisions SET checksum = NULL")) << "before any head moves";
    EXPECT_EQ(statements[1], "DELETE FROM \"alembic_version\" WHERE version_num = 'a'");
    EXPECT_EQ(statements[2], "DELETE FROM \"alembic_version\" WHERE version_num = 'b'");
    EXPECT_EQ(statements[3],
              "INSERT INTO \"alembic_version\" (version_num) VALUES ('c') ON CONFLICT DO NOTHING");
    EXPECT_TRUE(contains(statements[4], "INSERT INTO godwit_revisions")) << "written together with its head";
    EXPECT_TRUE(contains(statements[5], "INSERT INTO godwit_revisions"));
    EXPECT_EQ(statements[6], "DELETE FROM godwit_journal WHERE history = 'alembic_version' AND version = 'c'");
}

TEST(PostgresHistorySql, RevertingRemovesFromHistoryAndJournal) {
    const HistorySql history(HistoryLayout::kSchemaMigrations, "", "m");
    RecordChange change = applied("1");
    change.kind = RecordChange::Kind::kReverted;
    EXPECT_EQ(history.change(change),
              (std::vector<std::string>{"DELETE FROM \"m\" WHERE version = '1'",
                                        "DELETE FROM godwit_journal WHERE history = 'm' AND version = '1'"}));
    change.kind = RecordChange::Kind::kForgotten;
    EXPECT_EQ(history.change(change).size(), 1u);
}

}  // namespace
}  // namespace godwit::postgres
