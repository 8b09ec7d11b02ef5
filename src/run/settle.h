// Changes the record alone, never the schema: `stamp` and `repair`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "plan/plan.h"
#include "run/run.h"

namespace godwit {

// One change that was made to a record, for the report.
struct SettledRow {
    MigrationId id;
    std::string what;   // "marked as applied", "removed from the history", "checksum accepted", …
};

struct StampRequest {
    std::vector<std::string> addresses;  // As Goal::address; "base" empties the history.
    std::vector<std::string> databases;
    bool purge = false;                  // Empty history and journal first, whatever they hold.
};

struct RepairRequest {
    enum class Action : uint8_t {
        kShow,            // Changes nothing.
        kApplied,         // The migration is done: history row added, journal row removed.
        kReverted,        // The migration is not there: history and journal rows removed.
        kStepDone,        // The step in doubt took effect: the run goes on after it.
        kStepAgain,       // The step in doubt is to be run again.
        kAcceptChecksum,  // The edited file is what was meant.
    };
    Action action = Action::kShow;
    std::vector<std::string> versions;   // Addresses of migrations; empty: all that it can mean.
    std::vector<std::string> databases;
};

// Under the runner's locks. The history shows exactly the addressed migrations
// and their ancestors afterwards.
Result<std::vector<SettledRow>> stamp(const Graph& graph, const Targets& targets, const StampRequest& request,
                                      EventSink& events, const RunOptions& options);

Result<std::vector<SettledRow>> repair(const Graph& graph, const Targets& targets, const RepairRequest& request,
                                       EventSink& events, const RunOptions& options);

}  // namespace godwit
