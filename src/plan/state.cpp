#include "plan/state.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "model/checksum.h"

namespace godwit {
namespace {

using Index = Graph::Index;

bool in_history(const LedgerEntry& entry) { return entry.state != EntryState::kApplying; }

// Alembic knows no repeatable migrations, so none is a head or below one: what the
// own table says of them is all there is.
void mark_repeatables(const Graph& graph, const Ledgers& ledgers, std::vector<bool>& applied) {
    for (Index index = 0; index < graph.size(); ++index) {
        if (!graph.repeatable(index)) continue;
        const MigrationId& id = graph.at(index).id;
        const auto ledger = ledgers.find(id.database);
        if (ledger == ledgers.end() || ledger->second.layout != HistoryLayout::kAlembic) continue;
        if (ledger->second.details(id.version) != nullptr) applied[static_cast<size_t>(index)] = true;
    }
}

// Which migrations the records hold, spelt out or, in Alembic's layout, implied.
std::vector<bool> mark_applied(const Graph& graph, const Ledgers& ledgers) {
    std::vector<bool> applied(graph.in_order().size(), false);
    std::vector<Index> recorded_heads;
    for (const auto& [database, ledger] : ledgers) {
        for (const LedgerEntry& entry : ledger.entries()) {
            const Migration* migration = graph.find({database, entry.version});
            if (migration == nullptr || !in_history(entry)) continue;
            const Index index = graph.index_of(*migration);
            applied[static_cast<size_t>(index)] = true;
            if (ledger.layout == HistoryLayout::kAlembic) recorded_heads.push_back(index);
        }
    }
    mark_repeatables(graph, ledgers, applied);
    if (recorded_heads.empty()) return applied;
    const std::vector<bool> implied = graph.with_ancestors(recorded_heads, Graph::Follow::kDatabase);
    for (size_t place = 0; place < applied.size(); ++place) applied[place] = applied[place] || implied[place];
    return applied;
}

// Whether a descendant by lineage is applied, from the newest to the oldest.
std::vector<bool> mark_passed_over(const Graph& graph, const std::vector<bool>& applied) {
    std::vector<bool> passed(applied.size(), false);
    for (Index index = graph.size() - 1; index >= 0; --index) {
        if (!applied[static_cast<size_t>(index)] && !passed[static_cast<size_t>(index)]) continue;
        for (const Index parent : graph.parents(index)) passed[static_cast<size_t>(parent)] = true;
    }
    return passed;
}

void add_rows_without_file(const Graph& graph, const Ledgers& ledgers, std::vector<StandingRow>& rows) {
    for (const auto& [database, ledger] : ledgers) {
        for (const LedgerEntry& entry : ledger.entries()) {
            if (graph.find({database, entry.version}) != nullptr) continue;
            const Standing standing =
                entry.state == EntryState::kApplied ? Standing::kMissing : Standing::kFailed;
            rows.push_back({{database, entry.version}, standing, nullptr, &entry});
        }
    }
    std::sort(rows.begin(), rows.end(), [](const StandingRow& a, const StandingRow& b) {
        if (a.id.database != b.id.database) return a.id.database < b.id.database;
        const int order = compare_versions(a.id.version, b.id.version);
        return order != 0 ? order < 0 : a.id.version < b.id.version;
    });
}

// In Alembic's layout a row says no more than that its revision is a head; what
// the own table knows of an applied revision, head or not, says more.
const LedgerEntry* entry_of(const Ledger& ledger, const std::string& version, bool applied) {
    const LedgerEntry* entry = ledger.find(version);
    if (!applied || (entry != nullptr && (entry->state != EntryState::kApplied || !entry->checksum.empty())))
        return entry;
    const LedgerEntry* details = ledger.details(version);
    return details != nullptr ? details : entry;
}

Standing standing_of(const Migration& migration, const LedgerEntry* entry, bool applied, bool passed_over) {
    if (entry != nullptr && entry->state != EntryState::kApplied) return Standing::kFailed;
    if (!applied && passed_over) return Standing::kOutOfOrder;
    if (!applied) return migration.unfinished ? Standing::kUnfinished : Standing::kPending;
    if (entry == nullptr || checksum_matches(entry->checksum, migration.checksum)) return Standing::kApplied;
    return migration.scheme == Scheme::kRepeatable ? Standing::kOutdated : Standing::kEdited;
}

}  // namespace

std::string_view to_string(Standing standing) {
    switch (standing) {
        case Standing::kApplied:
            return "applied";
        case Standing::kPending:
            return "pending";
        case Standing::kUnfinished:
            return "unfinished";
        case Standing::kOutOfOrder:
            return "out of order";
        case Standing::kFailed:
            return "failed";
        case Standing::kEdited:
            return "edited";
        case Standing::kMissing:
            return "missing";
        case Standing::kOutdated:
            return "outdated";
    }
    return "unknown";
}

bool is_reversible(const StandingRow& row) {
    if (row.migration != nullptr && row.migration->reversible()) return true;
    if (row.entry == nullptr || row.entry->inverses.empty()) return false;
    const std::vector<std::string>& inverses = row.entry->inverses;
    return std::none_of(inverses.begin(), inverses.end(), [](const std::string& each) { return each.empty(); });
}

bool State::has(Standing standing) const {
    return std::any_of(rows.begin(), rows.end(),
                       [&](const StandingRow& row) { return row.standing == standing; });
}

std::vector<Index> State::applied_heads(const Graph& graph, std::string_view database) const {
    std::vector<bool> needed(applied.size(), false);
    std::vector<Index> heads;
    for (Index index = graph.size() - 1; index >= 0; --index) {
        const bool counts = is_applied(index) && !graph.repeatable(index);
        if (graph.at(index).id.database != database || !(counts || needed[static_cast<size_t>(index)]))
            continue;
        if (counts && !needed[static_cast<size_t>(index)]) heads.push_back(index);
        for (const Index parent : graph.parents(index)) needed[static_cast<size_t>(parent)] = true;
        for (const Index other : graph.dependencies(index)) needed[static_cast<size_t>(other)] = true;
    }
    std::reverse(heads.begin(), heads.end());
    return heads;
}

State examine(const Graph& graph, const Ledgers& ledgers) {
    State state;
    state.applied = mark_applied(graph, ledgers);
    const std::vector<bool> passed_over = mark_passed_over(graph, state.applied);
    add_rows_without_file(graph, ledgers, state.rows);
    state.rows.reserve(state.rows.size() + graph.in_order().size());
    for (Index index = 0; index < graph.size(); ++index) {
        const Migration& migration = graph.at(index);
        const auto ledger = ledgers.find(migration.id.database);
        const size_t place = static_cast<size_t>(index);
        const LedgerEntry* entry = ledger == ledgers.end()
                                       ? nullptr
                                       : entry_of(ledger->second, migration.id.version, state.applied[place]);
        const Standing standing = standing_of(migration, entry, state.applied[place], passed_over[place]);
        state.rows.push_back({migration.id, standing, &migration, entry});
    }
    std::set<std::string> names(graph.databases().begin(), graph.databases().end());
    for (const auto& [database, ledger] : ledgers) names.insert(database);
    state.databases.assign(names.begin(), names.end());
    return state;
}

}  // namespace godwit
