// Histories as tables that other programs write and read too.
#include <algorithm>

#include "conformance/conformance.h"

namespace godwit::test {
namespace {

using Strings = std::vector<std::string>;

class AlembicLayout : public Conformance {
protected:
    TargetConfig alembic() {
        TargetConfig config = fixture().config();
        config.history = "alembic_version";
        config.layout = HistoryLayout::kAlembic;
        return config;
    }
    std::unique_ptr<Target> open_alembic() {
        auto target = fixture().open(alembic());
        EXPECT_DONE(target->create_ledger());
        return target;
    }
    // The heads, sorted: their order means nothing.
    Strings heads() {
        const auto ledger = fixture().open(alembic())->read_ledger();
        EXPECT_DONE(ledger);
        if (!ledger) return {};
        EXPECT_EQ(ledger->layout, HistoryLayout::kAlembic);
        Strings versions = versions_of(*ledger);
        std::sort(versions.begin(), versions.end());
        return versions;
    }
};

RecordChange moving(RecordChange change, Strings removed, Strings added) {
    change.heads_removed = std::move(removed);
    change.heads_added = std::move(added);
    return change;
}

TEST_P(AlembicLayout, KeepsTheHeadsAlone) {
    const auto target = open_alembic();
    EXPECT_EQ(heads(), Strings{});
    ASSERT_DONE(target->record(moving(applied("aaa"), {}, {"aaa"})));
    EXPECT_EQ(heads(), Strings{"aaa"});
    ASSERT_DONE(target->record(moving(applied("bbb"), {"aaa"}, {"bbb"})));
    EXPECT_EQ(heads(), Strings{"bbb"});
    ASSERT_DONE(target->record(moving(applied("ccc"), {}, {"ccc"})));
    EXPECT_EQ(heads(), (Strings{"bbb", "ccc"}));
    ASSERT_DONE(target->record(moving(applied("ddd"), {"bbb", "ccc"}, {"ddd"})));
    EXPECT_EQ(heads(), Strings{"ddd"});
    ASSERT_DONE(target->record(moving(reverted("ddd"), {"ddd"}, {"bbb", "ccc"})));
    EXPECT_EQ(heads(), (Strings{"bbb", "ccc"}));
    ASSERT_DONE(target->record(moving(reverted("ccc"), {"ccc"}, {})));
    EXPECT_EQ(heads(), Strings{"bbb"});
}

TEST_P(AlembicLayout, MovesHeadsWithTheSteps) {
    REQUIRES(Ability::kTransactions);
    const auto target = open_alembic();
    ASSERT_DONE(run_statements(*target, {fixture().create("a")}, moving(applied("aaa"), {}, {"aaa"})));
    EXPECT_EQ(heads(), Strings{"aaa"});
    EXPECT_FAILS(target->in_transaction(Execution{},
                                        [&]() -> Result<void> {
                                            CHECK(target->record(moving(applied("bbb"), {"aaa"}, {"bbb"})));
                                            return fail(ErrorCode::kCancelled, "stop");
                                        }),
                 ErrorCode::kCancelled);
    EXPECT_EQ(heads(), Strings{"aaa"});
}

TEST_P(AlembicLayout, TheJournalIsKeptToo) {
    const auto target = open_alembic();
    ASSERT_DONE(target->record(moving(applied("aaa"), {}, {"aaa"})));
    ASSERT_DONE(target->record(progress("bbb", Direction::kUp, 1, 3)));
    auto ledger = fixture().open(alembic())->read_ledger();
    ASSERT_DONE(ledger);
    const LedgerEntry* entry = ledger->find("bbb");
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->state, EntryState::kApplying);
    EXPECT_EQ(entry->steps_done, 1);
    ASSERT_DONE(target->record(moving(applied("bbb"), {"aaa"}, {"bbb"})));
    EXPECT_EQ(heads(), Strings{"bbb"});
    ASSERT_DONE(target->record(purged()));
    EXPECT_EQ(heads(), Strings{});
}

// Alembic made the table; Godwit takes it over, and gives it back as it was.
TEST_P(AlembicLayout, TheTableStaysAlembics) {
    REQUIRES(Ability::kSqlHistory);
    fixture().sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
                  "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))");
    fixture().sql("INSERT INTO alembic_version VALUES ('e6239818bb3a')");
    EXPECT_EQ(heads(), Strings{"e6239818bb3a"});
    const auto target = open_alembic();
    ASSERT_DONE(target->record(moving(applied("f00dfeedbeef"), {"e6239818bb3a"}, {"f00dfeedbeef"})));
    EXPECT_EQ(fixture().columns("alembic_version"), Strings{"version_num"});
    EXPECT_EQ(fixture().sql("SELECT version_num FROM alembic_version"), Strings{"f00dfeedbeef"});
}

TEST_P(AlembicLayout, TheTableIsCreatedAsAlembicDoes) {
    REQUIRES(Ability::kSqlHistory);
    const auto target = open_alembic();
    EXPECT_EQ(fixture().columns("alembic_version"), Strings{"version_num"});
    ASSERT_DONE(target->record(moving(applied("aaa"), {}, {"aaa"})));
    // What Alembic itself runs to move on.
    fixture().sql("UPDATE alembic_version SET version_num = 'bbb' WHERE alembic_version.version_num = 'aaa'");
    EXPECT_EQ(heads(), Strings{"bbb"});
}

TEST_P(Conformance, TheHistoryHasTheKnownColumns) {
    REQUIRES(Ability::kSqlHistory);
    open_ready();
    EXPECT_EQ(fixture().columns("schema_migrations"),
              (Strings{"version", "applied_at", "checksum", "execution_time_ms", "description"}));
    // A person's own insert, as document 001 has it.
    fixture().sql("INSERT INTO schema_migrations (version, description) VALUES ('20250101_120000', 'Initial schema')");
    const auto ledger = fixture().open()->read_ledger();
    ASSERT_DONE(ledger);
    const LedgerEntry* entry = ledger->find("20250101_120000");
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->description, "Initial schema");
    EXPECT_EQ(entry->checksum, "");
    EXPECT_TRUE(entry->applied_at.has_value()) << "the column has a default";
}

// dbmate and Rails keep nothing but the version.
TEST_P(Conformance, AHistoryOfVersionsAloneIsUsedAsItIs) {
    REQUIRES(Ability::kSqlHistory);
    fixture().sql("CREATE TABLE schema_migrations (version VARCHAR(128) PRIMARY KEY)");
    fixture().sql("INSERT INTO schema_migrations VALUES ('1')");
    const auto target = open_ready();
    auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    ASSERT_EQ(versions_of(*ledger), Strings{"1"});
    EXPECT_EQ(ledger->find("1")->checksum, "");
    EXPECT_FALSE(ledger->find("1")->applied_at.has_value());

    ASSERT_DONE(run_statements(*target, {fixture().create("a")}, applied("2")));
    ASSERT_DONE(run_statements(*target, {fixture().drop("a")}, reverted("1")));
    EXPECT_EQ(fixture().sql("SELECT version FROM schema_migrations"), Strings{"2"});
    EXPECT_EQ(fixture().columns("schema_migrations"), Strings{"version"}) << "another's table is not altered";
}

TEST_P(Conformance, ATableThatIsNoHistoryIsRefused) {
    REQUIRES(Ability::kSqlHistory);
    fixture().sql("CREATE TABLE schema_migrations (id int, name text)");
    const auto ledger = fixture().open()->read_ledger();
    EXPECT_FAILS(ledger, ErrorCode::kConflict);
    EXPECT_NE(ledger.error().message.find("schema_migrations"), std::string::npos);
    EXPECT_NE(ledger.error().remedy, "");
}

INSTANTIATE_TEST_SUITE_P(Targets, AlembicLayout, testing::ValuesIn(fixture_kinds()), name_of);

}  // namespace
}  // namespace godwit::test
