// The record in the database: history, journal and audit.
#include <filesystem>
#include <fmt/format.h>
#include <thread>

#include "conformance/conformance.h"

namespace godwit::test {
namespace {

using std::chrono::milliseconds;
using Strings = std::vector<std::string>;

TEST_P(Conformance, NoRecordReadsAsAnEmptyOne) {
    const auto target = fixture().open();
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_FALSE(ledger->exists);
    EXPECT_TRUE(ledger->entries().empty());
    EXPECT_EQ(fixture().own_tables(), Strings{}) << "reading creates nothing";
}

TEST_P(Conformance, ReadOnlyCreatesNothing) {
    TargetConfig config = fixture().config();
    config.read_only = true;
    {
        const auto target = fixture().open(config);
        EXPECT_DONE(target->ping());
        const auto ledger = target->read_ledger();
        ASSERT_DONE(ledger);
        EXPECT_FALSE(ledger->exists);
        const auto status = target->lock_status();
        ASSERT_DONE(status);
        EXPECT_FALSE(status->held);
    }
    EXPECT_EQ(fixture().own_tables(), Strings{});
    if (can(Ability::kFile)) {
        EXPECT_FALSE(std::filesystem::exists(config.url.name));
    }

    const auto writer = open_ready();
    ASSERT_DONE(writer->record(applied("0001")));
    const auto ledger = fixture().open(config)->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), Strings{"0001"});
}

TEST_P(Conformance, TheRecordIsCreatedOnce) {
    const auto target = open_ready();
    ASSERT_DONE(target->record(applied("0001")));
    EXPECT_DONE(target->create_ledger());
    EXPECT_DONE(fixture().open()->create_ledger());
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_TRUE(ledger->exists);
    EXPECT_EQ(versions_of(*ledger), Strings{"0001"});
    EXPECT_FALSE(fixture().own_tables().empty());
}

TEST_P(Conformance, HandlesAtOnceCreateOneRecord) {
    std::vector<std::unique_ptr<Target>> targets;
    for (int handle = 0; handle < 4; ++handle) {
        targets.push_back(fixture().open());
        ASSERT_DONE(targets.back()->ping());
    }
    std::vector<std::string> outcomes(targets.size());
    std::vector<std::thread> threads;
    for (size_t i = 0; i < targets.size(); ++i) {
        threads.emplace_back([&, i] { outcomes[i] = outcome(targets[i]->create_ledger()); });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(outcomes, Strings(targets.size(), "done"));
    const auto ledger = fixture().open()->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_TRUE(ledger->exists);
}

TEST_P(Conformance, AppliedRoundTrips) {
    const auto target = open_ready();
    RecordChange change = applied("20250101_120000");
    change.description = "Initial schema";
    change.checksum = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
    change.execution_time_ms = 1'234;
    const auto now = std::chrono::system_clock::now();
    ASSERT_DONE(target->record(change));
    const auto ledger = fixture().open()->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_TRUE(ledger->exists);
    EXPECT_EQ(ledger->layout, HistoryLayout::kSchemaMigrations);
    const LedgerEntry* entry = ledger->find("20250101_120000");
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->state, EntryState::kApplied);
    EXPECT_EQ(entry->description, change.description);
    EXPECT_EQ(entry->checksum, change.checksum);
    EXPECT_EQ(entry->execution_time_ms, 1'234);
    ASSERT_TRUE(entry->applied_at.has_value());
    EXPECT_LT(std::chrono::abs(*entry->applied_at - std::chrono::floor<milliseconds>(now)), milliseconds(10'000))
        << "the time is UTC and now";
}

TEST_P(Conformance, TheTargetMeasuresItsTransaction) {
    REQUIRES(Ability::kTransactions);
    REQUIRES(Ability::kSlowSteps);
    const auto target = open_ready();
    ASSERT_DONE(run_statements(*target, {fixture().slow(1)}, applied("0001")));
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    const LedgerEntry* entry = ledger->find("0001");
    ASSERT_NE(entry, nullptr);
    ASSERT_TRUE(entry->execution_time_ms.has_value());
    EXPECT_GE(*entry->execution_time_ms, 100);
    EXPECT_LT(*entry->execution_time_ms, 30'000);
}

TEST_P(Conformance, RevertedIsGone) {
    const auto target = open_ready();
    for (const char* version : {"1", "2", "3"}) ASSERT_DONE(target->record(applied(version)));
    ASSERT_DONE(target->record(progress("2", Direction::kDown, 0, 1)));
    ASSERT_DONE(target->record(reverted("2")));
    const auto ledger = fixture().open()->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), (Strings{"1", "3"}));
}

TEST_P(Conformance, EntriesComeInOrderOfApplication) {
    const auto target = open_ready();
    const Strings order{"3", "1", "10", "2", "0009"};
    for (const std::string& version : order) {
        ASSERT_DONE(target->record(applied(version)));
        std::this_thread::sleep_for(milliseconds(2));
    }
    const auto ledger = fixture().open()->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), order);
}

std::vector<std::string> inverses_of(TargetFixture& fixture, const std::string& version) {
    const auto ledger = fixture.open()->read_ledger();
    EXPECT_DONE(ledger);
    const LedgerEntry* entry = ledger ? ledger->find(version) : nullptr;
    return entry == nullptr ? std::vector<std::string>{"no entry"} : entry->inverses;
}

RecordChange intent(int32_t step, const std::string& inverse) {
    RecordChange change = progress("7", Direction::kUp, step, 3);
    change.keeps_inverse = true;
    change.inverse = inverse;
    return change;
}

RecordChange applied_by_steps(int32_t steps) {
    RecordChange change = applied("7");
    change.steps_total = steps;
    return change;
}

TEST_P(Conformance, InversesAreKeptForEachStep) {
    REQUIRES(Ability::kInverses);
    const auto target = open_ready();
    ASSERT_DONE(target->record(intent(0, "undo 0")));
    ASSERT_DONE(target->record(progress("7", Direction::kUp, 1, 3)));
    ASSERT_DONE(target->record(intent(1, "not this")));
    ASSERT_DONE(target->record(intent(1, "")));
    EXPECT_EQ(inverses_of(fixture(), "7"), (Strings{"undo 0", ""}));
    ASSERT_DONE(target->record(intent(2, "undo 2")));
    ASSERT_DONE(target->record(applied_by_steps(3)));
    EXPECT_EQ(inverses_of(fixture(), "7"), (Strings{"undo 0", "", "undo 2"}));
    // On the way down they are needed until its end.
    ASSERT_DONE(target->record(progress("7", Direction::kDown, 1, 3)));
    EXPECT_EQ(inverses_of(fixture(), "7"), (Strings{"undo 0", "", "undo 2"}));
    ASSERT_DONE(target->record(reverted("7")));
    ASSERT_DONE(target->record(applied("7")));
    EXPECT_EQ(inverses_of(fixture(), "7"), Strings{});
}

TEST_P(Conformance, APartOfTheInversesIsNotKept) {
    REQUIRES(Ability::kInverses);
    const auto target = open_ready();
    ASSERT_DONE(target->record(intent(0, "undo 0")));
    ASSERT_DONE(target->record(applied_by_steps(0)));  // `repair --applied`
    EXPECT_EQ(inverses_of(fixture(), "7"), Strings{});
}

TEST_P(Conformance, InversesGoWithAForgottenAttempt) {
    REQUIRES(Ability::kInverses);
    const auto target = open_ready();
    ASSERT_DONE(target->record(intent(0, "undo 0")));
    RecordChange forget;
    forget.kind = RecordChange::Kind::kForgotten;
    forget.version = "7";
    ASSERT_DONE(target->record(forget));
    ASSERT_DONE(target->record(progress("7", Direction::kUp, 0, 3)));
    EXPECT_EQ(inverses_of(fixture(), "7"), Strings{});
}

TEST_P(Conformance, ProgressUpRoundTrips) {
    const auto target = open_ready();
    RecordChange change = progress("0007", Direction::kUp, 0, 5);
    ASSERT_DONE(target->record(change));
    change.steps_done = 3;
    change.step_hash = std::string(64, 'b');
    change.step_text = "CREATE INDEX CONCURRENTLY";
    change.error = "deadlock detected";
    change.owner = "deploy@ci-7 pid 4711";
    ASSERT_DONE(target->record(change));
    const auto ledger = fixture().open()->read_ledger();
    ASSERT_DONE(ledger);
    ASSERT_EQ(versions_of(*ledger), Strings{"0007"});
    const LedgerEntry* entry = ledger->find("0007");
    EXPECT_EQ(entry->state, EntryState::kApplying);
    EXPECT_EQ(entry->steps_done, 3);
    EXPECT_EQ(entry->steps_total, 5);
    EXPECT_EQ(entry->step_hash, change.step_hash);
    EXPECT_EQ(entry->step_text, change.step_text);
    EXPECT_EQ(entry->error, change.error);
    EXPECT_EQ(entry->owner, change.owner);
    EXPECT_EQ(entry->checksum, change.checksum);
    EXPECT_EQ(entry->description, change.description);
}

TEST_P(Conformance, ProgressDownKeepsTheHistory) {
    const auto target = open_ready();
    for (const char* version : {"1", "2"}) ASSERT_DONE(target->record(applied(version)));
    ASSERT_DONE(target->record(progress("1", Direction::kDown, 1, 2)));
    const auto ledger = fixture().open()->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(ledger->entries().size(), 2u);
    const LedgerEntry* entry = ledger->find("1");
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->state, EntryState::kReverting);
    EXPECT_EQ(entry->steps_done, 1);
    EXPECT_TRUE(entry->applied_at.has_value()) << "it is still in the history";
    EXPECT_EQ(ledger->find("2")->state, EntryState::kApplied);
}

TEST_P(Conformance, AppliedEndsTheProgress) {
    const auto target = open_ready();
    ASSERT_DONE(target->record(progress("1", Direction::kUp, 1, 2)));
    ASSERT_DONE(target->record(applied("1")));
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    ASSERT_EQ(versions_of(*ledger), Strings{"1"});
    const LedgerEntry* entry = ledger->find("1");
    EXPECT_EQ(entry->state, EntryState::kApplied);
    EXPECT_EQ(entry->step_hash, "");
    EXPECT_EQ(entry->steps_done, 0);
}

TEST_P(Conformance, ForgottenLeavesTheHistoryAsItIs) {
    const auto target = open_ready();
    ASSERT_DONE(target->record(applied("1")));
    ASSERT_DONE(target->record(progress("1", Direction::kDown, 1, 2)));
    ASSERT_DONE(target->record(progress("2", Direction::kUp, 1, 2)));
    for (const char* version : {"1", "2"}) {
        RecordChange forget;
        forget.kind = RecordChange::Kind::kForgotten;
        forget.version = version;
        ASSERT_DONE(target->record(forget));
    }
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    ASSERT_EQ(versions_of(*ledger), Strings{"1"});
    EXPECT_EQ(ledger->find("1")->state, EntryState::kApplied);
}

TEST_P(Conformance, AChecksumIsReplacedAlone) {
    const auto target = open_ready();
    for (const char* version : {"1", "2"}) ASSERT_DONE(target->record(applied(version)));
    RecordChange accept;
    accept.kind = RecordChange::Kind::kChecksum;
    accept.version = "1";
    accept.checksum = "sha256-of what the file is now";
    ASSERT_DONE(target->record(accept));
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    ASSERT_EQ(versions_of(*ledger), (Strings{"1", "2"}));
    EXPECT_EQ(ledger->find("1")->checksum, accept.checksum);
    EXPECT_EQ(ledger->find("1")->description, "makes 1");
    EXPECT_EQ(ledger->find("2")->checksum, "sha256-2");
}

TEST_P(Conformance, OddTextsRoundTrip) {
    const auto target = open_ready();
    const Strings texts{"it's \"quoted\"; DROP TABLE a; --",
                        "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x90\xA6 \xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D",
                        "tab\tline\nreturn\r back\\slash $1 %s {} ?",
                        "",
                        " ",
                        std::string(10 * 1024, 'd'),
                        "NULL"};
    for (size_t i = 0; i < texts.size(); ++i) {
        RecordChange change = applied(fmt::format("v{}", i));
        change.description = texts[i];
        ASSERT_DONE(target->record(change));
        RecordChange flight = progress(fmt::format("w{}", i), Direction::kUp, 1, 2);
        flight.step_text = texts[i].substr(0, 200);
        flight.error = texts[i];
        flight.description = texts[i];
        ASSERT_DONE(target->record(flight));
    }
    const auto ledger = fixture().open()->read_ledger();
    ASSERT_DONE(ledger);
    for (size_t i = 0; i < texts.size(); ++i) {
        const LedgerEntry* entry = ledger->find(fmt::format("v{}", i));
        ASSERT_NE(entry, nullptr);
        EXPECT_EQ(entry->description, texts[i]);
        const LedgerEntry* flight = ledger->find(fmt::format("w{}", i));
        ASSERT_NE(flight, nullptr);
        EXPECT_EQ(flight->step_text, texts[i].substr(0, 200));
        EXPECT_EQ(flight->error, texts[i]);
        EXPECT_EQ(flight->description, texts[i]);
    }
}

TEST_P(Conformance, AVersionMayHoldOddCharacters) {
    const auto target = open_ready();
    const Strings versions{"it's", "2.0.0-rc.1", "a\"b", "\xC3\xA9", "$1"};
    for (const std::string& version : versions) {
        ASSERT_DONE(target->record(progress(version, Direction::kUp, 0, 1)));
        ASSERT_DONE(target->record(applied(version)));
    }
    auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    for (const std::string& version : versions) EXPECT_NE(ledger->find(version), nullptr) << version;
    for (const std::string& version : versions) ASSERT_DONE(target->record(reverted(version)));
    ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), Strings{});
}

// The file of document 001 inserts its own row; whether it did must not matter.
TEST_P(Conformance, TheFilesOwnRowIsCompleted) {
    const auto target = open_ready();
    ASSERT_DONE(run_statements(*target, {fixture().create("a"), fixture().insert_version("0001")}, applied("0001")));
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    ASSERT_EQ(versions_of(*ledger), Strings{"0001"});
    const LedgerEntry* entry = ledger->find("0001");
    EXPECT_EQ(entry->checksum, "sha256-0001");
    EXPECT_EQ(entry->description, "makes 0001");
    EXPECT_TRUE(entry->execution_time_ms.has_value());
    EXPECT_TRUE(entry->applied_at.has_value());
}

TEST_P(Conformance, PurgeEmptiesHistoryAndJournal) {
    const auto target = open_ready();
    for (const char* version : {"1", "2"}) ASSERT_DONE(target->record(applied(version)));
    ASSERT_DONE(target->record(progress("3", Direction::kUp, 1, 2)));
    ASSERT_DONE(target->record(purged()));
    const auto ledger = fixture().open()->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_TRUE(ledger->exists);
    EXPECT_EQ(versions_of(*ledger), Strings{});
}

TEST_P(Conformance, TwoHistoriesInOneDatabaseDoNotMix) {
    TargetConfig config = fixture().config();
    config.history = "other_migrations";
    const auto mine = open_ready();
    const auto other = fixture().open(config);
    ASSERT_DONE(other->create_ledger());
    ASSERT_DONE(mine->record(applied("1")));
    ASSERT_DONE(mine->record(progress("5", Direction::kUp, 1, 2)));
    ASSERT_DONE(other->record(applied("2")));
    ASSERT_DONE(other->record(progress("5", Direction::kUp, 7, 8)));

    auto ledger = mine->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), (Strings{"1", "5"}));
    EXPECT_EQ(ledger->find("5")->steps_done, 1);
    ASSERT_DONE(mine->record(purged()));
    ledger = other->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), (Strings{"2", "5"}));
    EXPECT_EQ(ledger->find("5")->steps_done, 7);
}

TEST_P(Conformance, AuditKeepsWhoDidWhat) {
    const auto target = open_ready();
    AuditRecord done;
    done.run_id = "0123456789abcdef0123456789abcdef";
    done.command = "up";
    done.user = "deploy";
    done.host = "ci-7";
    done.pid = 4711;
    done.tool_version = "1.0";
    done.plan = R"([{"version":"it's","direction":"up"}])";
    done.result = "running";
    AuditRecord failed = done;
    failed.run_id = "fedcba9876543210fedcba9876543210";
    failed.command = "down";
    ASSERT_DONE(target->audit_begin(done));
    EXPECT_EQ(fixture().audit_rows(), Strings{"up|deploy|ci-7|4711|running|"});
    done.result = "done";
    done.duration_ms = 42;
    ASSERT_DONE(target->audit_end(done));
    std::this_thread::sleep_for(milliseconds(2));
    ASSERT_DONE(target->audit_begin(failed));
    failed.result = "failed";
    failed.error = "relation \"a\" doesn't exist";
    ASSERT_DONE(target->audit_end(failed));
    EXPECT_EQ(fixture().audit_rows(), (Strings{"up|deploy|ci-7|4711|done|",
                                               "down|deploy|ci-7|4711|failed|relation \"a\" doesn't exist"}));
}

}  // namespace
}  // namespace godwit::test
