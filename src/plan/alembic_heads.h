// The rows of Alembic's version table as migrations come and go.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/graph.h"
#include "plan/plan.h"
#include "plan/state.h"

namespace godwit {

// Follows the planned migrations in their order. A row stands for a revision
// that no applied one of the same database has as its parent or dependency:
// https://alembic.sqlalchemy.org/en/latest/branches.html
class AlembicHeads {
public:
    AlembicHeads(const Graph& graph, const Ledgers& ledgers, const State& state);

    // Fills in heads_removed and heads_added where the database has this layout.
    void follow(PlannedMigration& planned);

private:
    using Index = Graph::Index;

    std::vector<Index> directly_below(Index index) const;
    bool has_applied_above(Index index) const;

    const Graph& graph_;
    std::vector<bool> applied_;
    std::map<std::string, std::set<std::string>> rows_;  // By database, of this layout only.
};

}  // namespace godwit
