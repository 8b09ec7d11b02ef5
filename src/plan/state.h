// Compares files with the record: what stands where. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
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
    kUnfinished,  // Pending, and nobody has written its statements yet.
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
    const Migration* migration = nullptr;  // Null when no file has it. Owned by the graph.
    // Null when it has none, as ancestors of the heads in HistoryLayout::kAlembic. Owned by the ledger.
    const LedgerEntry* entry = nullptr;
};

// A view over a graph and ledgers, which must outlive it.
struct State {
    // Those without a file first (by database and version), then a row for each
    // migration in graph order.
    std::vector<StandingRow> rows;

    // By Graph::Index: whether the migration is in the history. For
    // HistoryLayout::kAlembic the ancestors of the recorded heads within the
    // database count. One that is being reverted is still in the history, one
    // that is being applied is not yet.
    std::vector<bool> applied;

    // The names of all databases that have migrations or a ledger, sorted.
    std::vector<std::string> databases;

    bool has(Standing standing) const;
    bool is_applied(Graph::Index index) const { return applied[static_cast<size_t>(index)]; }
    // `graph` is the one that was examined.
    const StandingRow& row(const Graph& graph, Graph::Index index) const {
        return rows[rows.size() - graph.in_order().size() + static_cast<size_t>(index)];
    }
    // The newest applied migrations of a database: those that no applied one
    // of the same database needs. For Alembic's layout, the rows it records.
    std::vector<Graph::Index> applied_heads(const Graph& graph, std::string_view database) const;
};

// Whether there is a way down: a down part, or an inverse of each step kept in the record.
bool is_reversible(const StandingRow& row);

State examine(const Graph& graph, const Ledgers& ledgers);

}  // namespace godwit
