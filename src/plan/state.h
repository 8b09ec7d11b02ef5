// Compares files with the record: what stands where. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/graph.h"
#include "model/ledger.h"

namespace godwit {

// The record of each database, by its name in the project.
using Ledgers = std::map<std::string, Ledger>;

enum class Standing : uint8_t {
    kApplied,
    kPending,
    kOutOfOrder,  // Pending, but a later version of its line is applied.
    kFailed,      // In flight: a run stopped in the middle (see the entry).
    kEdited,      // Applied, and its file has changed since.
    kMissing,     // Applied, but no file has it.
    kOutdated,    // Repeatable, and its file has changed since: will run again.
};

std::string_view to_string(Standing standing);  // "applied", "pending", "out of order", ...

struct StandingRow {
    MigrationId id;
    Standing standing = Standing::kPending;
    const Migration* migration = nullptr;  // Null when kMissing. Owned by the graph.
    const LedgerEntry* entry = nullptr;    // Null when it has none. Owned by the ledger.
};

// A view over a graph and ledgers, which must outlive it.
struct State {
    std::vector<StandingRow> rows;  // Missing ones first, then graph order.

    // By Graph::Index: whether the migration is in the history. For
    // HistoryLayout::kAlembic the ancestors of the recorded heads count.
    std::vector<bool> applied;

    bool has(Standing standing) const;
};

State examine(const Graph& graph, const Ledgers& ledgers);

}  // namespace godwit
