// Finds out what an address means; an inner part of goal.h and plan.h.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/graph.h"
#include "plan/state.h"

namespace godwit {

// An address taken apart: DATABASE:BRANCH@SYMBOL+STEPS, all parts optional.
struct Address {
    std::string text;  // As the user wrote it.
    std::string database;
    std::string branch;
    std::string symbol;  // "head", "base", a version, ...; empty: where the database stands.
    std::optional<int32_t> steps;
    bool relative() const { return symbol.empty() || symbol == "current"; }
};

// A place in one database's lineage.
struct Point {
    static constexpr Graph::Index kBase = -1;  // Before the first migration.
    std::string database;
    Graph::Index index = kBase;
    std::optional<Graph::Index> branch;  // The migration that BRANCH@ names.
};

// What some steps down from the state revert, and what stays newest below.
struct StepsDown {
    std::vector<Graph::Index> reverted;
    std::vector<Graph::Index> below;
};

// "a, b or c", for messages.
std::string list_candidates(const Graph& graph, const std::vector<Graph::Index>& candidates);
// "address" could mean a, b or c; the details say in which files they are.
Error could_mean(const Graph& graph, ErrorCode code, std::string_view address,
                 const std::vector<Graph::Index>& candidates);

class Resolver {
public:
    // `selected` names databases, empty for all; check_selection() tells whether they exist.
    Resolver(const Graph& graph, const State& state, std::vector<std::string> selected);

    Result<void> check_selection() const;
    const std::vector<std::string>& selected() const { return selected_; }
    bool is_selected(std::string_view database) const;

    Result<Address> parse(std::string_view text) const;
    // For every address but "-N" from the state, which has no single point.
    Result<std::vector<Point>> points(const Address& address) const;
    // For "-N" from the state (symbol empty, steps negative).
    Result<StepsDown> steps_down(const Address& address) const;
    // Either of both, as migrations in graph order.
    Result<std::vector<Graph::Index>> migrations(const Address& address) const;
    // `steps` up or down from `start` along parents; by `address` it is named in errors.
    Result<Point> walk(Point start, int32_t steps, const std::string& address) const;

private:
    using Index = Graph::Index;
    // By database: the migration that names the branch; nothing when no branch is named.
    using Branches = std::map<std::string, Index>;
    struct Scope {
        std::vector<std::string> databases;
        Branches branches;
    };

    Result<Scope> scope_of(const Address& address) const;
    Result<std::vector<Index>> match(const std::string& symbol, const Scope& scope) const;
    std::vector<Index> match_exactly(const std::string& symbol, const Scope& scope) const;
    std::vector<Index> match_label(const std::string& symbol, const Scope& scope) const;
    std::vector<Index> match_prefix(const std::string& symbol, const Scope& scope) const;
    bool names_something(const std::string& symbol, const std::vector<std::string>& databases) const;
    Error unknown(const std::string& symbol, const Scope& scope) const;

    std::optional<std::vector<bool>> lineage(const Scope& scope, const std::string& database) const;
    std::vector<Index> on_branch(std::vector<Index> candidates, const Scope& scope,
                                 const std::string& database) const;
    Result<std::vector<Point>> symbol_points(const Address& address, const Scope& scope) const;
    Result<std::vector<Point>> steps_up(const Address& address, const Scope& scope) const;
    Result<std::string> only_database(const Address& address, const Scope& scope, Direction direction) const;
    Result<std::optional<Index>> current_on(const std::string& database, const Address& address,
                                            const Scope& scope, Direction direction) const;
    std::vector<Index> tips_of_branch(const std::string& database, const Scope& scope,
                                      Direction direction) const;
    std::vector<Index> applied_parents(Index index) const;

    const Graph& graph_;
    const State& state_;
    std::vector<std::string> selected_;
};

}  // namespace godwit
