// Histories that are there already, in whatever shape, and where they stand.
#include <fmt/format.h>

#include <thread>

#include "conformance/postgres_case.h"

namespace godwit::test {
namespace {

using Rows = std::vector<std::string>;

class PostgresHistory : public PostgresTest {};

TEST_F(PostgresHistory, ATableWithVersionsAloneIsUsedAsItIs) {
    sql("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY); INSERT INTO schema_migrations VALUES ('1')");
    const auto target = open_ready();
    EXPECT_DONE(migrate(*target, "CREATE TABLE t (a int);", "2"));
    RecordChange checksum = applied("2");
    checksum.kind = RecordChange::Kind::kChecksum;
    EXPECT_DONE(target->record(checksum));
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), (Rows{"1", "2"}));
    EXPECT_FALSE(ledger->find("2")->applied_at.has_value());
    EXPECT_EQ(fixture().columns("schema_migrations"), Rows{"version"});
}

TEST_F(PostgresHistory, ColumnsThatCannotTakeOursAreLeftOut) {
    sql("CREATE TABLE schema_migrations (version text PRIMARY KEY, applied_at timestamp, checksum int, description text,"
        " extra int DEFAULT 7)");
    const auto target = open_ready();
    ASSERT_DONE(migrate(*target, "SELECT 1;"));
    EXPECT_EQ(sql("SELECT version, checksum, extra, applied_at IS NOT NULL FROM schema_migrations"), Rows{"1|NULL|7|t"});
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_TRUE(ledger->find("1")->applied_at.has_value());
}

TEST_F(PostgresHistory, ATableOfAnotherToolIsRefusedAndLeftAsItIs) {
    struct Case {
        std::string table;
        std::string reason;
    };
    const std::vector<Case> cases = {
        {"(version bigint PRIMARY KEY)", "its column version does not hold text"},
        {"(id int, name text)", "it has no column version"},
        {"(version text)", "its column version is not unique"},
        {"(version text PRIMARY KEY, script text NOT NULL)", "its column script must be filled, and with what is unknown"},
    };
    for (const Case& c : cases) {
        sql("CREATE TABLE schema_migrations " + c.table);
        const auto target = open(config());
        for (const auto& error : {target->read_ledger().error(), target->create_ledger().error(), target->ping().error()}) {
            EXPECT_EQ(error.code, ErrorCode::kConflict);
            EXPECT_EQ(error.message, "the table \"schema_migrations\" cannot serve as the history: " + c.reason);
            EXPECT_NE(error.remedy, "");
        }
        EXPECT_EQ(fixture().own_tables(), Rows{"schema_migrations"}) << "nothing beside it";
        sql("DROP TABLE schema_migrations");
    }
}

// Its one row is the newest version: taken for a history, all older ones would
// seem to be pending.
TEST_F(PostgresHistory, GolangMigratesTableIsRefused) {
    sql("CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)");
    const auto refused = [&] { return open(config())->read_ledger(); };
    EXPECT_FAILS(refused(), ErrorCode::kConflict);
    EXPECT_TRUE(contains(refused().error().message, "golang-migrate's own, and empty"));
    sql("INSERT INTO schema_migrations VALUES (7, false)");
    EXPECT_TRUE(contains(refused().error().message, "it holds the newest version, 7"));
    EXPECT_TRUE(contains(refused().error().remedy, "`godwit stamp 7`"));
    sql("UPDATE schema_migrations SET dirty = true");
    EXPECT_TRUE(contains(refused().error().message, "version 7 failed half way (dirty)"));
    EXPECT_EQ(fixture().own_tables(), Rows{"schema_migrations"}) << "nothing beside it";
}

TEST_F(PostgresHistory, NamesMayBeQualifiedAndStrange) {
    sql("CREATE SCHEMA \"My Schema\"");
    struct Case {
        std::string name;
        std::string regclass;
    };
    const std::vector<Case> cases = {
        {"\"My Schema\".\"a.\"\"b\"", "\"My Schema\".\"a.\"\"b\""},
        {"My Schema.Versions", "\"My Schema\".\"Versions\""},
        {"public.x\"; DROP TABLE t--", "\"x\"\"; DROP TABLE t--\""},
        {"плюс", "\"плюс\""},
    };
    for (const Case& c : cases) {
        TargetConfig named = config();
        named.history = c.name;
        const auto target = open_ready(named);
        EXPECT_DONE(target->record(applied("it's \\ 1")));
        EXPECT_EQ(sql("SELECT version FROM " + c.regclass), Rows{"it's \\ 1"}) << c.name;
        const auto ledger = open(named)->read_ledger();
        ASSERT_DONE(ledger);
        EXPECT_NE(ledger->find("it's \\ 1"), nullptr);
    }
    EXPECT_EQ(sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'My Schema' AND tablename = 'godwit_journal'"), Rows{"1"});
}

TEST_F(PostgresHistory, MalformedNamesAreRefused) {
    for (const char* name : {"", ".", "a.", ".b", "a.b.c", "\"a\"b"}) {
        TargetConfig named = config();
        named.history = name;
        EXPECT_FAILS(postgres::open_target(named), ErrorCode::kInvalidInput);
    }
}

TEST_F(PostgresHistory, WithoutASchemaNothingIsMade) {
    TargetConfig nowhere = config();
    nowhere.url.parameters["search_path"] = "no_such_schema";
    const auto target = open(nowhere);
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_FALSE(ledger->exists);
    const auto made = target->create_ledger();
    EXPECT_FAILS(made, ErrorCode::kInvalidInput);
    EXPECT_TRUE(contains(made.error().message, "no schema of the search path exists"));
}

TEST_F(PostgresHistory, ManyMayCreateItAtOnce) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([this, i] {
            TargetConfig mine = fixture().config();
            mine.history = i % 2 == 0 ? "schema_migrations" : "other_migrations";
            auto target = postgres::open_target(mine);
            EXPECT_DONE((*target)->create_ledger());
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(fixture().own_tables(), (Rows{"godwit_audit", "godwit_journal", "other_migrations", "schema_migrations"}));
}

TEST_F(PostgresHistory, WhatAnotherRunMadeMeanwhileIsSeen) {
    const auto early = open(config());
    ASSERT_DONE(early->read_ledger());
    ASSERT_DONE(migrate(*open_ready(), "SELECT 1;"));
    const auto ledger = early->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_TRUE(ledger->exists);
    EXPECT_EQ(versions_of(*ledger), Rows{"1"});
    sql("DROP TABLE schema_migrations");
    const auto gone = early->read_ledger();
    ASSERT_DONE(gone);
    EXPECT_FALSE(gone->exists);
    // A lost history is made again.
    EXPECT_DONE(early->create_ledger());
    EXPECT_TRUE(early->read_ledger()->exists);
}

TEST_F(PostgresHistory, TheScriptsOwnInsertDoesNoHarm) {
    const auto target = open_ready();
    EXPECT_DONE(migrate(*target, "BEGIN;\nCREATE TABLE t (a int);\nINSERT INTO schema_migrations (version, applied_at, description)\n"
                                 "VALUES ('1', NOW(), 'mine') ON CONFLICT (version) DO NOTHING;\nCOMMIT;"));
    EXPECT_EQ(sql("SELECT version, checksum IS NOT NULL, execution_time_ms IS NOT NULL FROM schema_migrations"), Rows{"1|t|t"});
}

TEST_F(PostgresHistory, TheClockIsTheServers) {
    const auto target = open_ready();
    ASSERT_DONE(target->record(applied("1")));
    EXPECT_EQ(sql("SELECT applied_at BETWEEN now() - interval '1 minute' AND now() FROM schema_migrations"), Rows{"t"});
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    const std::string stored = sql("SELECT (extract(epoch FROM applied_at) * 1000)::bigint FROM schema_migrations").front();
    EXPECT_EQ(std::to_string(ledger->find("1")->applied_at->time_since_epoch().count()), stored);
}

TEST_F(PostgresHistory, AReadOnlyServerIsNamedAsSuch) {
    ASSERT_DONE(open_ready()->record(applied("1")));
    sql(fmt::format("ALTER DATABASE {} SET default_transaction_read_only = on", sql("SELECT current_database()").front()));
    const auto target = open(config());
    EXPECT_DONE(target->read_ledger());
    const auto done = migrate(*target, "CREATE TABLE t (a int);", "2");
    EXPECT_FAILS(done, ErrorCode::kUnavailable);
    EXPECT_TRUE(contains(done.error().message, "not the primary")) << done.error().message;
}

TEST_F(PostgresHistory, AVersionThatIsTooLongSaysWhatFailed) {
    const auto target = open_ready();
    const auto done = migrate(*target, "CREATE TABLE t (a int);", std::string(60, 'v'));
    EXPECT_FAILS(done, ErrorCode::kRejected);
    EXPECT_EQ(done.error().message, "the migration could not be recorded: value too long for type character varying(50)");
    EXPECT_EQ(fixture().contents(), "");
}

TEST_F(PostgresHistory, AnAlembicDatabaseIsTakenOverAndGivenBack) {
    sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));"
        "INSERT INTO alembic_version VALUES ('ae1027a6acf')");
    TargetConfig alembic = config();
    alembic.layout = HistoryLayout::kAlembic;
    alembic.history = "alembic_version";
    const auto target = open(alembic);
    auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), Rows{"ae1027a6acf"});
    ASSERT_DONE(target->create_ledger());
    RecordChange change = applied("1975ea83b712");
    change.heads_removed = {"ae1027a6acf"};
    change.heads_added = {"1975ea83b712"};
    ASSERT_DONE(target->in_transaction(Execution{}, [&] { return target->record(change); }));
    EXPECT_EQ(sql("SELECT * FROM alembic_version"), Rows{"1975ea83b712"});
    EXPECT_EQ(fixture().columns("alembic_version"), Rows{"version_num"});
    ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    ASSERT_NE(ledger->details("1975ea83b712"), nullptr);
    EXPECT_TRUE(ledger->details("1975ea83b712")->applied_at.has_value());
}

// What was known of a revision says nothing once Alembic has gone down and up
// again: its file may have been edited in between.
TEST_F(PostgresHistory, ChecksumsAreForgottenWhenAlembicMovesTheHeads) {
    TargetConfig alembic = config();
    alembic.history = "alembic_version";
    alembic.layout = HistoryLayout::kAlembic;
    const auto target = open_ready(alembic);
    const auto move = [&](RecordChange change, Rows removed, Rows added) {
        change.checksum = "sha256-of-" + change.version;
        change.heads_removed = std::move(removed);
        change.heads_added = std::move(added);
        ASSERT_DONE(target->in_transaction(Execution{}, [&] { return target->record(change); }));
    };
    const auto checksums = [&] {
        Rows found;
        const auto ledger = target->read_ledger();
        EXPECT_DONE(ledger);
        for (const char* version : {"a", "b", "c", "R__views"}) {
            const LedgerEntry* details = ledger ? ledger->details(version) : nullptr;
            found.push_back(details == nullptr ? "none" : details->checksum);
        }
        return found;
    };
    move(applied("a"), {}, {"a"});
    move(applied("b"), {"a"}, {"b"});
    move(applied("c"), {"b"}, {"c"});
    move(applied("R__views"), {}, {});
    EXPECT_EQ(checksums(), (Rows{"sha256-of-a", "sha256-of-b", "sha256-of-c", "sha256-of-R__views"}));
    // Our own way down leaves them known.
    move(reverted("c"), {"c"}, {"b"});
    EXPECT_EQ(checksums(), (Rows{"sha256-of-a", "sha256-of-b", "none", "sha256-of-R__views"}));
    // So does a checksum that was accepted.
    RecordChange accepted = applied("b");
    accepted.kind = RecordChange::Kind::kChecksum;
    accepted.checksum = "sha256-new";
    ASSERT_DONE(target->record(accepted));
    EXPECT_EQ(checksums(), (Rows{"sha256-of-a", "sha256-new", "none", "sha256-of-R__views"}));
    sql("UPDATE alembic_version SET version_num = 'a' WHERE alembic_version.version_num = 'b'");
    sql("UPDATE alembic_version SET version_num = 'b' WHERE alembic_version.version_num = 'a'");
    EXPECT_EQ(checksums(), (Rows{"", "", "none", "sha256-of-R__views"}));
    // And they stay forgotten when we go on from there.
    move(applied("c"), {"b"}, {"c"});
    EXPECT_EQ(checksums(), (Rows{"", "", "sha256-of-c", "sha256-of-R__views"}));
}

}  // namespace
}  // namespace godwit::test
