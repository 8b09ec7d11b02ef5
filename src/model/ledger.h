// The record, kept in the database itself, of what has been applied (the
// history) and of what is in flight (the journal).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/migration.h"

namespace godwit {

using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

enum class EntryState : uint8_t {
    kApplied,    // In the history, nothing in flight.
    kApplying,   // In the journal: an up run stopped after `steps_done` steps.
    kReverting,  // In the journal: a down run stopped after `steps_done` steps; still in the history.
};

struct LedgerEntry {
    std::string version;
    EntryState state = EntryState::kApplied;
    std::string description;
    std::string checksum;                     // As stored; empty when the writer stored none.
    std::optional<Timestamp> applied_at;      // The database's clock.
    std::optional<int64_t> execution_time_ms;

    // Only while in flight:
    int32_t steps_done = 0;   // Recorded as complete, within the current direction.
    int32_t steps_total = 0;
    std::string step_hash;    // Of the texts of the steps that are done; see run/migration_run.cpp.
    std::string step_text;    // The step whose effect is in doubt; empty when none is.
    std::string error;        // Empty unless the last attempt failed.
    std::string owner;        // "user@host pid 123", who runs or ran it.

    // What takes back each step, by its number: for Target::read_steps(), as `body` of a Step
    // whose verb is empty. Found just before the step was applied; an empty text where nothing
    // takes it back. No elements: this target, or this migration, keeps none.
    std::vector<std::string> inverses;
};

// Which rows the history keeps.
enum class HistoryLayout : uint8_t {
    kSchemaMigrations,  // A row for each applied migration.
    kAlembic,           // alembic_version: a row for each head; ancestors are implied.
};

// A snapshot of one database's record.
class Ledger {
public:
    HistoryLayout layout = HistoryLayout::kSchemaMigrations;
    bool exists = false;  // Whether the history table is there at all.

    void add(LedgerEntry entry);  // A second entry with the same version replaces the first.
    const LedgerEntry* find(std::string_view version) const;
    const std::vector<LedgerEntry>& entries() const { return entries_; }  // In order of application.

    // kAlembic only: what the own table knows of revisions that alembic_version
    // need not name. Says nothing about whether they are applied: Alembic may have
    // moved the heads meanwhile.
    void add_details(LedgerEntry entry);
    const LedgerEntry* details(std::string_view version) const;

private:
    std::vector<LedgerEntry> entries_;
    std::unordered_map<std::string, size_t> index_;
    std::unordered_map<std::string, LedgerEntry> details_;
};

// One change to a database's record, written atomically; inside a transaction
// it commits or disappears together with the steps it speaks of.
struct RecordChange {
    enum class Kind : uint8_t {
        kProgress,  // Journal: `steps_done` of `steps_total` are complete, the next may be under way.
        kApplied,   // History: add; journal: remove.
        kReverted,  // History: remove; journal: remove.
        kForgotten, // Journal: remove; history as it is.
        kChecksum,  // History: replace the checksum.
        kPurged,    // History and journal: remove everything.
    };
    Kind kind = Kind::kApplied;
    std::string version;
    Direction direction = Direction::kUp;
    std::string description;
    std::string checksum;
    std::optional<int64_t> execution_time_ms;  // Null: the target measures its own transaction.

    // kAlembic only: the rows that go and come.
    std::vector<std::string> heads_removed;
    std::vector<std::string> heads_added;

    // kProgress, and kApplied of a migration that ran step by step:
    int32_t steps_total = 0;
    // kProgress only:
    int32_t steps_done = 0;
    std::string step_hash;
    std::string step_text;
    std::string error;
    std::string owner;
    // Where `keeps_inverse`: of the step number `steps_done`, which is about to run, to be
    // kept (an empty one too) until the migration is out of the record. It takes the place
    // of one kept before for the same step. kApplied drops them unless there is one for each
    // of `steps_total` steps: a part of them would take back a part.
    bool keeps_inverse = false;
    std::string inverse;
};

// One row of the audit table: a run that changed something, or tried to.
struct AuditRecord {
    std::string run_id;       // 32 hexadecimal digits, unique.
    std::string command;      // "up", "down", "stamp", "repair", ...
    std::string user;         // The operating system's user.
    std::string host;
    int64_t pid = 0;
    std::string tool_version;
    std::string plan;         // JSON: [{"version":"…","direction":"up"},…]
    // At the end only:
    std::optional<int64_t> duration_ms;
    std::string result;       // "running", "done", "failed", "cancelled".
    std::string error;        // First line of the error; empty when there is none.
};

}  // namespace godwit
