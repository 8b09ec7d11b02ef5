#include "target/sql_history.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

RecordChange applied(std::string version) {
    RecordChange change;
    change.version = std::move(version);
    change.description = "it's";
    change.checksum = "sha256-x";
    return change;
}

TEST(SqlLiteral, QuotesForEachDialect) {
    struct Case {
        Dialect dialect;
        std::string text;
        std::string literal;
    };
    const std::vector<Case> cases = {
        {Dialect::kPostgres, "plain", "'plain'"},
        {Dialect::kPostgres, "it's", "'it''s'"},
        {Dialect::kPostgres, "a\\'b", "E'a\\\\''b'"},
        {Dialect::kSqlite, "a\\'b", "'a\\''b'"},
        {Dialect::kPostgres, std::string("a\0b", 3), "'a\xEF\xBF\xBD"
                                                     "b'"},
        {Dialect::kPostgres, "caf\xC3", "'caf\xEF\xBF\xBD'"},
        {Dialect::kSqlite, "", "''"},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(sql_literal(c.dialect, c.text), c.literal) << c.text;
    }
    EXPECT_EQ(sql_name("x\"; DROP--"), "\"x\"\"; DROP--\"");
}

TEST(SqlHistory, PutsAllTablesIntoTheHistorysSchema) {
    const SqlHistory history(Dialect::kPostgres, HistoryLayout::kAlembic, "ops", "alembic_version");
    EXPECT_EQ(history.history_table(), "\"ops\".\"alembic_version\"");
    EXPECT_EQ(history.journal_table(), "\"ops\".godwit_journal");
    EXPECT_EQ(history.revisions_table(), "\"ops\".godwit_revisions");
    EXPECT_EQ(history.create_tables().size(), 4u);
}

TEST(SqlHistory, MakesTheHistoryAsDocumented) {
    const SqlHistory history(Dialect::kPostgres, HistoryLayout::kSchemaMigrations, "", "schema_migrations");
    EXPECT_EQ(history.create_tables().front(),
              "CREATE TABLE IF NOT EXISTS \"schema_migrations\" (version VARCHAR(50) PRIMARY KEY, "
              "applied_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(), checksum VARCHAR(64), "
              "execution_time_ms INTEGER, description TEXT)");
}

TEST(SqlHistory, UsesOnlyTheColumnsThatAreThere) {
    const HistoryColumns none{false, false, false, false, false};
    const SqlHistory history(Dialect::kPostgres, HistoryLayout::kSchemaMigrations, "", "m", none);
    EXPECT_EQ(history.change(applied("1"), {.journal_is_empty = true}),
              std::vector<std::string>{"INSERT INTO \"m\" (version) VALUES ('1') ON CONFLICT (version) DO NOTHING"});
    EXPECT_EQ(history.select_history(), "SELECT h.version, NULL, NULL, NULL, NULL FROM \"m\" h ORDER BY h.version");
    RecordChange change = applied("1");
    change.kind = RecordChange::Kind::kChecksum;
    EXPECT_TRUE(history.change(change).empty());
}

TEST(SqlHistory, LetsTheServerMeasureWhereNothingWasMeasured) {
    const SqlHistory history(Dialect::kPostgres, HistoryLayout::kSchemaMigrations, "", "m");
    EXPECT_TRUE(contains(history.change(applied("1")).front(), "clock_timestamp() - transaction_timestamp()"));
    EXPECT_TRUE(contains(history.change(applied("1"), {.started = "then"}).front(), "clock_timestamp() - then"));
    RecordChange measured = applied("1");
    measured.execution_time_ms = 12;
    EXPECT_FALSE(contains(history.change(measured).front(), "clock_timestamp"));
    EXPECT_TRUE(contains(history.change(measured).front(), ", 12, 'it''s')"));
}

TEST(SqlHistory, KeepsOneRowPerHeadForAlembic) {
    const SqlHistory history(Dialect::kPostgres, HistoryLayout::kAlembic, "", "alembic_version");
    RecordChange change = applied("c");
    change.heads_removed = {"a", "b"};
    change.heads_added = {"c"};
    const auto statements = history.change(change);
    ASSERT_EQ(statements.size(), 5u);
    EXPECT_EQ(statements[0], "DELETE FROM \"alembic_version\" WHERE version_num = 'a'");
    EXPECT_EQ(statements[1], "DELETE FROM \"alembic_version\" WHERE version_num = 'b'");
    EXPECT_EQ(statements[2],
              "INSERT INTO \"alembic_version\" (version_num) VALUES ('c') ON CONFLICT DO NOTHING");
    EXPECT_TRUE(contains(statements[3], "INSERT INTO godwit_revisions"));
    EXPECT_EQ(statements[4], "DELETE FROM godwit_journal WHERE history = 'alembic_version' AND version = 'c'");
}

TEST(SqlHistory, RevertingRemovesFromHistoryAndJournal) {
    const SqlHistory history(Dialect::kSqlite, HistoryLayout::kSchemaMigrations, "", "m");
    RecordChange change = applied("1");
    change.kind = RecordChange::Kind::kReverted;
    EXPECT_EQ(history.change(change),
              (std::vector<std::string>{"DELETE FROM \"m\" WHERE version = '1'",
                                        "DELETE FROM godwit_journal WHERE history = 'm' AND version = '1'"}));
    change.kind = RecordChange::Kind::kForgotten;
    EXPECT_EQ(history.change(change).size(), 1u);
}

}  // namespace
}  // namespace godwit
