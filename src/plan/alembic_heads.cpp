#include "plan/alembic_heads.h"

#include <algorithm>

namespace godwit {

AlembicHeads::AlembicHeads(const Graph& graph, const Ledgers& ledgers, const State& state)
    : graph_(graph), applied_(state.applied) {
    for (const auto& [database, ledger] : ledgers) {
        if (ledger.layout != HistoryLayout::kAlembic) continue;
        std::set<std::string>& rows = rows_[database];
        for (const LedgerEntry& entry : ledger.entries()) {
            if (entry.state != EntryState::kApplying) rows.insert(entry.version);
        }
    }
}

std::vector<Graph::Index> AlembicHeads::directly_below(Index index) const {
    std::vector<Index> below(graph_.parents(index).begin(), graph_.parents(index).end());
    for (const Index other : graph_.dependencies(index)) {
        if (graph_.at(other).id.database == graph_.at(index).id.database) below.push_back(other);
    }
    return below;
}

bool AlembicHeads::has_applied_above(Index index) const {
    const auto is_applied = [&](Index other) {
        return applied_[static_cast<size_t>(other)] &&
               graph_.at(other).id.database == graph_.at(index).id.database;
    };
    const auto children = graph_.children(index);
    const auto dependents = graph_.dependents(index);
    return std::any_of(children.begin(), children.end(), is_applied) ||
           std::any_of(dependents.begin(), dependents.end(), is_applied);
}

void AlembicHeads::follow(PlannedMigration& planned) {
    const auto place = rows_.find(planned.migration->id.database);
    // Alembic knows no repeatable migrations; a row for one would stop it.
    if (place == rows_.end() || planned.migration->scheme == Scheme::kRepeatable) return;
    std::set<std::string>& rows = place->second;
    const Index index = graph_.index_of(*planned.migration);
    const bool up = planned.direction == Direction::kUp;
    applied_[static_cast<size_t>(index)] = up;
    const auto remove = [&](const std::string& version) {
        if (rows.erase(version) > 0) planned.heads_removed.push_back(version);
    };
    const auto add = [&](const std::string& version) {
        if (rows.insert(version).second) planned.heads_added.push_back(version);
    };
    if (!up) remove(planned.migration->id.version);
    for (const Index below : directly_below(index)) {
        if (up) remove(graph_.at(below).id.version);
        if (!up && !has_applied_above(below)) add(graph_.at(below).id.version);
    }
    if (up) add(planned.migration->id.version);
}

}  // namespace godwit
