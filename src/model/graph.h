// Migrations of all databases of a project, ordered by their lineage.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/migration.h"

namespace godwit {

// Immutable once built: every invariant (ids unique, references resolve, no
// cycle) is checked in build(), so readers need no error paths. Safe to share
// between threads.
//
// Within one database, migrations without explicit parents form one line in
// the order of their versions (Flyway, goose, dbmate); those with explicit
// parents (Alembic) hang where they say. Both may stand in one graph: a
// revision may name a version as its parent. Repeatable migrations have no
// lineage.
class Graph {
public:
    // Position of a migration in in_order().
    using Index = int32_t;

    // Fails with kInvalidInput, naming the files, on: a duplicate version, an
    // unknown parent or dependency, a dependency on itself, a cycle, a label
    // used twice or equal to a version. All problems found are in the details.
    static Result<Graph> build(std::vector<Migration> migrations);

    // Topological over parents and depends_on; ties broken by database, then
    // by version order. Repeatable migrations come last.
    std::span<const Migration> in_order() const { return ordered_; }

    const Migration* find(const MigrationId& id) const;  // Null when unknown.
    const Migration& at(Index index) const { return ordered_[static_cast<size_t>(index)]; }
    Index index_of(const Migration& migration) const { return static_cast<Index>(&migration - ordered_.data()); }

    // The names of the databases that have migrations, sorted.
    const std::vector<std::string>& databases() const { return databases_; }

    std::span<const Index> parents(Index index) const { return nodes_[static_cast<size_t>(index)].parents; }
    std::span<const Index> children(Index index) const { return nodes_[static_cast<size_t>(index)].children; }
    std::span<const Index> dependencies(Index index) const { return nodes_[static_cast<size_t>(index)].dependencies; }
    std::span<const Index> dependents(Index index) const { return nodes_[static_cast<size_t>(index)].dependents; }

    // Migrations of `database` without children (heads) and without parents
    // (bases), in in_order(); repeatable ones are neither.
    std::vector<Index> heads(std::string_view database) const;
    std::vector<Index> bases(std::string_view database) const;
    // Those with more than one child.
    std::vector<Index> branch_points(std::string_view database) const;
    // The labels that hold for a migration: its own and those of its ancestors
    // and descendants on the same branch, as Alembic propagates them.
    std::vector<std::string> labels(Index index) const;

    // Marks `index` and all that must be applied before it (parents and
    // dependencies, transitively, in every database).
    std::vector<bool> with_ancestors(std::span<const Index> of) const;
    // Marks `index` and all that cannot stay applied without it.
    std::vector<bool> with_descendants(std::span<const Index> of) const;

private:
    struct Node {
        std::vector<Index> parents;
        std::vector<Index> children;
        std::vector<Index> dependencies;
        std::vector<Index> dependents;
    };

    std::vector<Migration> ordered_;
    std::vector<Node> nodes_;
    std::map<MigrationId, Index> by_id_;
    std::vector<std::string> databases_;
};

// Orders two versions of linear schemes: 7 < 0010, 1.2 < 1.10, timestamps by
// digits; a text that is not a number compares as text after all numbers.
// Semantic pre-releases come before their release. Negative, zero or positive.
int compare_versions(std::string_view a, std::string_view b);

}  // namespace godwit
