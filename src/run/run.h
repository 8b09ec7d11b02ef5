// Carries out plans. The only code that changes a database.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "base/error.h"
#include "events/event.h"
#include "plan/plan.h"
#include "target/target.h"

namespace godwit {

// Borrowed, by the database's name in the project.
using Targets = std::map<std::string, Target*>;

enum class TransactionMode : uint8_t {
    kFile,  // One transaction per migration, its record inside it; what cannot runs step by step.
    kAll,   // One transaction for the whole plan; refused when a step cannot.
    kNone,  // Each step by itself, with the journal.
};

struct RunOptions {
    std::string command = "up";  // For events and the audit.
    TransactionMode transaction_mode = TransactionMode::kFile;
    PlanOptions plan;
    std::chrono::milliseconds lock_wait{60'000};      // For the runner's lock.
    // A statement that gives up on a row or table lock is tried again with
    // growing pauses until this much time has passed since its first try.
    std::chrono::milliseconds blocked_wait{60'000};
    // A lost connection is tried again until this much time has passed.
    std::chrono::milliseconds reconnect_wait{30'000};
    const Cancellation* cancellation = nullptr;       // May be null.
    AuditRecord audit;                                // Who runs; command, plan and result are filled in.
};

struct FinishedMigration {
    MigrationId id;
    Direction direction{};
    std::string description;
    std::chrono::milliseconds took{0};
};

// Always complete: on failure it still lists what was applied.
struct Report {
    std::vector<FinishedMigration> finished;
    std::vector<MigrationId> planned;  // All that the first plan held.
    std::optional<MigrationId> failed;
    // Of the failed one: the steps that took effect and stay, of how many. 0: it left no trace.
    int32_t failed_steps_done = 0;
    int32_t failed_steps_total = 0;
    bool failed_partly = false;  // The step that was refused commits its own work: part of it may stay.
    bool failed_in_doubt = false;  // The connection was lost and not found again: the last write may have taken effect.
    bool one_transaction = false;  // Failed in TransactionMode::kAll: nothing of the run was kept.
    std::optional<Error> error;
};

// Brings the databases to `goal`: takes the locks (always in the order of the
// databases' names), reads the records, plans, runs, and after a lost
// connection reads and plans again until nothing is left to do. Without work
// it takes no lock and writes nothing. `seen`: records that were read a moment
// ago, to save the first look; null: none. They are read again under the lock.
Report reach(const Graph& graph, const Targets& targets, const Goal& goal, EventSink& events,
             const RunOptions& options, const Ledgers* seen = nullptr);

// Reads every database's record.
Result<Ledgers> read_ledgers(const Targets& targets);

}  // namespace godwit
