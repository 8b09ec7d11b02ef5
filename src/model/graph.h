// Migrations of all databases of a project, ordered by their lineage.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/migration.h"
#include "model/version_order.h"

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

    // Which edges a walk through the graph takes.
    enum class Follow : uint8_t {
        kAll,       // Parents and dependencies, into every database.
        kDatabase,  // Parents and dependencies within one database.
        kLineage,   // Parents only.
    };

    // A reference (parent or dependency) means, in its own database or, when
    // that is empty, in that of the migration which makes it: the version; else
    // the branch label; else, in the line of versions, the one that compares
    // equal ("7" for 0007).
    //
    // Fails with kInvalidInput, naming the files, on: a duplicate version, an
    // unknown parent or dependency, a dependency on itself, a cycle, a label
    // used twice or equal to a version, a version or label that an address
    // could not name ("head"), a parent in another database. The error is the
    // first problem, its details are the others.
    static Result<Graph> build(std::vector<Migration> migrations);

    // Topological over parents and depends_on; ties broken by database, then
    // by version order. Repeatable migrations come last.
    std::span<const Migration> in_order() const { return ordered_; }
    Index size() const { return static_cast<Index>(ordered_.size()); }

    const Migration* find(const MigrationId& id) const;  // Null when unknown.
    // The one of the database's line that compares equal ("7" for 0007); null when there is none.
    const Migration* find_equal(std::string_view database, std::string_view version) const;
    // The migration that carries a branch label; null when there is none.
    const Migration* find_label(std::string_view database, std::string_view label) const;
    const Migration& at(Index index) const { return ordered_[static_cast<size_t>(index)]; }
    // `migration` is one of in_order(), not a copy.
    Index index_of(const Migration& migration) const {
        return static_cast<Index>(&migration - ordered_.data());
    }

    // The names of the databases that have migrations, sorted.
    const std::vector<std::string>& databases() const { return databases_; }
    bool has_database(std::string_view database) const;
    // For messages: the version, and before it the database where there are several.
    std::string name(const MigrationId& id) const;

    std::span<const Index> parents(Index index) const { return node(index).parents; }
    std::span<const Index> children(Index index) const { return node(index).children; }
    std::span<const Index> dependencies(Index index) const { return node(index).dependencies; }
    std::span<const Index> dependents(Index index) const { return node(index).dependents; }
    bool repeatable(Index index) const { return at(index).scheme == Scheme::kRepeatable; }
    // Whether the migration stands in its database's line of versions.
    bool linear(Index index) const { return !at(index).explicit_parents && !repeatable(index); }

    // Migrations of `database` without children (heads) and without parents
    // (bases), in in_order(); repeatable ones are neither.
    std::vector<Index> heads(std::string_view database) const;
    std::vector<Index> bases(std::string_view database) const;
    // Those with more than one child.
    std::vector<Index> branch_points(std::string_view database) const;
    // The labels that hold for a migration: its own, those of its ancestors,
    // and those of descendants down to where their branch begins (the last
    // branch point or merge), as Alembic propagates them. Sorted.
    std::vector<std::string> labels(Index index) const;

    // By Index: marks `of` and all that must be applied before them (parents
    // and dependencies, transitively).
    std::vector<bool> with_ancestors(std::span<const Index> of, Follow follow = Follow::kAll) const;
    // By Index: marks `of` and all that cannot stay applied without them.
    std::vector<bool> with_descendants(std::span<const Index> of, Follow follow = Follow::kAll) const;

private:
    friend class GraphBuilder;

    struct Node {
        std::vector<Index> parents;
        std::vector<Index> children;
        std::vector<Index> dependencies;
        std::vector<Index> dependents;
        std::vector<int32_t> labels;  // Positions in label_names_.
    };

    const Node& node(Index index) const { return nodes_[static_cast<size_t>(index)]; }
    std::vector<Index> select(std::string_view database, bool (*wanted)(const Node&)) const;

    std::vector<Migration> ordered_;
    std::vector<Node> nodes_;
    std::unordered_map<std::string, Index> by_id_;       // "database\0version"
    std::vector<std::pair<std::string, Index>> by_key_;  // "database\0version_sort_key" of the lines, sorted.
    std::map<std::pair<std::string, std::string>, Index> by_label_;
    std::vector<std::string> label_names_;
    std::vector<std::string> databases_;
};

// Words that an address reads as something else than a version.
bool is_reserved_address(std::string_view word);

}  // namespace godwit
