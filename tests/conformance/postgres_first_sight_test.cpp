// A new session reads the history in its first message: the same as the usual
// way gives, or that way is taken.
#include <fmt/format.h>

#include <limits>
#include <optional>

#include "conformance/postgres_case.h"
#include "target/postgres/first_sight.h"

namespace godwit::test {
namespace {

using Rows = std::vector<std::string>;

TEST(PostgresTime, IsReadAsTheServerWritesIt) {
    struct Case {
        std::string_view text;
        std::optional<int64_t> microseconds;
    };
    const Case cases[] = {
        {"1970-01-01 00:00:00+00", 0},
        {"2026-11-21 17:08:13.5+01", 1'795'277'293'500'000},
        {"2026-11-21 17:08:13.000001+05:30", 1'795'261'093'000'001},
        {"2026-11-21 17:08:13-00:00:52", 1'795'280'945'000'000},
        {"1969-12-31 23:59:59.9-03", 10'799'900'000},
        {"0001-02-28 00:00:00+00", -62'130'585'600'000'000},
        {"infinity", std::numeric_limits<int64_t>::max()},
        {"-infinity", std::numeric_limits<int64_t>::min()},
        {"10000-01-01 00:00:00+00", std::nullopt},
        {"0044-03-15 00:00:00+00 BC", std::nullopt},
        {"2026-02-29 00:00:00+00", std::nullopt},
        {"2026-11-21 17:08:13", std::nullopt},
        {"2026-11-21 17:08:13.+00", std::nullopt},
        {"2026-11-21 17:08:13.1234567+00", std::nullopt},
        {"2026-11-21 17:08+00", std::nullopt},
        {"21.11.2026 17:08:13 CET", std::nullopt},
        {"", std::nullopt},
    };
    for (const Case& c : cases) EXPECT_EQ(postgres::microseconds_of(c.text), c.microseconds) << c.text;
}

class PostgresFirstSight : public PostgresTest {
protected:
    static Rows told(const Ledger& ledger) {
        Rows rows;
        for (const LedgerEntry& entry : ledger.entries()) {
            rows.push_back(fmt::format("{}|{}|{}|{}|{}|{}", entry.version, entry.checksum, entry.description,
                                       entry.applied_at ? entry.applied_at->time_since_epoch().count() : -1,
                                       entry.execution_time_ms.value_or(-1), static_cast<int>(entry.state)));
        }
        return rows;
    }
    // What a new session reads first, and what it reads the second time.
    void expect_the_same_twice(const Rows& versions) {
        const auto target = open(config());
        const auto first = target->read_ledger();
        ASSERT_DONE(first);
        const auto second = target->read_ledger();
        ASSERT_DONE(second);
        EXPECT_EQ(told(*first), told(*second));
        EXPECT_EQ(versions_of(*first), versions);
        EXPECT_TRUE(first->exists);
    }
    // Whether a new session reads the history in its first message.
    bool is_read_at_once() {
        const auto connection = connect();
        const auto name = postgres::TableName::parse("schema_migrations");
        const auto rows = connection->query(postgres::ask_at_first_sight(*name));
        return rows && postgres::shape_at_first_sight(*connection, rows->at(0), rows->at(1)).has_value() &&
               postgres::rows_at_first_sight(rows->at(1)).has_value();
    }
    void set_for_database(const std::string& setting) {
        sql("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET " + setting + "', current_database()); END $$");
    }
};

constexpr const char* kTimes =
    "INSERT INTO schema_migrations (version, applied_at, checksum, execution_time_ms) VALUES"
    " ('d', '2026-11-21 17:08:13.1235+00', NULL, 3), ('c', '2026-11-21 17:08:13.1235+00', 'x', NULL),"
    " ('b', 'infinity', NULL, 0), ('a', '-infinity', NULL, 0), ('f', NULL, NULL, 0), ('e', NULL, NULL, 0),"
    " ('g', '1969-12-31 23:59:59.9995+00', NULL, 0), ('h', '2026-07-01 12:00:00.0004+00', NULL, 0)";

TEST_F(PostgresFirstSight, GivesWhatTheUsualWayGives) {
    open_ready();
    sql(kTimes);
    EXPECT_TRUE(is_read_at_once());
    const Rows order = {"e", "f", "a", "g", "h", "c", "d", "b"};
    for (const char* zone : {"UTC", "Asia/Kolkata", "America/St_Johns"}) {
        set_for_database(fmt::format("timezone = ''{}''", zone));
        expect_the_same_twice(order);
    }
}

TEST_F(PostgresFirstSight, LeavesToTheServerWhatOnlyItUnderstands) {
    open_ready();
    sql(kTimes);
    set_for_database("datestyle = ''German''");
    EXPECT_FALSE(is_read_at_once());
    const Rows order = {"e", "f", "a", "g", "h", "c", "d", "b"};
    expect_the_same_twice(order);
    set_for_database("datestyle = ''ISO''");
    EXPECT_TRUE(is_read_at_once());
    sql("UPDATE schema_migrations SET applied_at = '10000-01-01' WHERE version = 'd'");
    EXPECT_FALSE(is_read_at_once());
    expect_the_same_twice(order);
}

TEST_F(PostgresFirstSight, LeavesOtherTablesToTheCatalog) {
    for (const char* table : {"(version varchar(50) PRIMARY KEY, applied_at timestamptz, checksum varchar(64),"
                              " execution_time_ms int)",
                              "(version varchar(50) PRIMARY KEY, applied_at timestamp, checksum varchar(64),"
                              " execution_time_ms int, description text)",
                              "(version varchar(51) PRIMARY KEY, applied_at timestamptz, checksum varchar(64),"
                              " execution_time_ms int, description text)"}) {
        sql(fmt::format("CREATE TABLE schema_migrations {}; INSERT INTO schema_migrations VALUES ('1')", table));
        EXPECT_FALSE(is_read_at_once()) << table;
        expect_the_same_twice({"1"});
        sql("DROP TABLE schema_migrations");
    }
}

TEST_F(PostgresFirstSight, SeesTheJournalBesideTheHistory) {
    sql("CREATE SCHEMA other");
    open_ready();
    // Another's journal comes first in the search path.
    sql("CREATE TABLE other.godwit_journal AS SELECT * FROM godwit_journal");
    sql("INSERT INTO other.godwit_journal VALUES ('schema_migrations', '9', 'up', 1, 2, '', '', '', '', '', '', now())");
    set_for_database("search_path = other, public");
    expect_the_same_twice({});
    sql("INSERT INTO public.godwit_journal VALUES ('schema_migrations', '3', 'up', 1, 2, '', '', '', '', '', '', now()),"
        " ('another', '4', 'up', 1, 2, '', '', '', '', '', '', now())");
    expect_the_same_twice({"3"});
    sql("DROP TABLE public.godwit_journal");
    expect_the_same_twice({});
}

TEST_F(PostgresFirstSight, SaysWhatIsWrongWithTheJournal) {
    open_ready();
    sql("ALTER TABLE godwit_journal DROP COLUMN owner;"
        "INSERT INTO godwit_journal VALUES ('schema_migrations', '3', 'up', 1, 2, '', '', '', '', '', now())");
    EXPECT_FAILS(open(config())->read_ledger(), ErrorCode::kConflict);
    sql("TRUNCATE godwit_journal");
    EXPECT_FAILS(open(config())->read_ledger(), ErrorCode::kConflict);
}

// What is not needed for reading is looked at before anything is written.
TEST_F(PostgresFirstSight, IsNotEnoughToWrite) {
    sql("CREATE TABLE schema_migrations (version varchar(50), applied_at timestamptz, checksum varchar(64),"
        " execution_time_ms int, description text); INSERT INTO schema_migrations VALUES ('1')");
    EXPECT_TRUE(is_read_at_once());
    const auto target = open(config());
    ASSERT_DONE(target->read_ledger());
    const auto created = target->create_ledger();
    EXPECT_FAILS(created, ErrorCode::kConflict);
    EXPECT_TRUE(contains(created.error().message, "its column version is not unique"));
    EXPECT_EQ(fixture().own_tables(), Rows{"schema_migrations"});
}

TEST_F(PostgresFirstSight, FollowsTheNamedSchema) {
    sql("CREATE SCHEMA \"My Schema\"");
    TargetConfig named = config();
    named.history = "\"My Schema\".versions";
    const auto writer = open_ready(named);
    EXPECT_DONE(writer->record(applied("1")));
    const auto reader = open(named);
    const auto ledger = reader->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), Rows{"1"});
    EXPECT_DONE(reader->record(applied("2")));
    EXPECT_EQ(sql("SELECT count(*) FROM \"My Schema\".versions"), Rows{"2"});
}

}  // namespace
}  // namespace godwit::test
