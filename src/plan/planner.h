// The inner parts of make_plan.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/problems.h"
#include "plan/plan.h"
#include "plan/resolver.h"

namespace godwit {

// Used once: make() or pin().
class Planner {
public:
    Planner(const Graph& graph, const Ledgers& ledgers, const Goal& goal, const PlanOptions& options);
    Result<Plan> make();
    Result<Goal> pin();

private:
    using Index = Graph::Index;

    // What the goal's address comes to.
    struct Aim {
        std::vector<Index> migrations;       // Up: those to reach. Down: those to revert, with all above.
        std::vector<std::string> databases;  // Those that the address speaks of.
        bool everything = false;             // Up to heads, or down to base, of whole databases.
        std::vector<Point> stays;            // Down: what stays; empty for steps from the state.
        std::vector<bool> lineage;           // Down: marks `migrations` and all that descends from them.
    };

    Result<Aim> aim() const;
    Result<Aim> aim_up(const Address& address) const;
    Result<Aim> aim_down(const Address& address) const;
    Result<void> check_one_head(const Address& address, const std::vector<Point>& points) const;
    Result<std::vector<Index>> roots_above(const std::vector<Point>& points) const;
    std::vector<Index> roots_above_point(const Point& point) const;
    bool nothing_recorded() const;
    Aim aim_pinned() const;

    // Up.
    Result<Plan> make_up();
    std::vector<bool> needed(const Aim& aim, std::vector<std::string>& notes) const;
    std::vector<Index> due_repeatables(const Aim& aim, const std::vector<bool>& needed_versions) const;
    std::string why_up(Index index, const Aim& aim, const std::vector<bool>& planned) const;
    std::vector<Index> newest_applied_above() const;
    Result<void> check_out_of_order(const std::vector<bool>& planned) const;
    Result<void> check_finished(const std::vector<bool>& planned) const;

    // Down.
    Result<Plan> make_down();
    std::vector<bool> to_revert(const Aim& aim, std::vector<std::string>& notes) const;
    std::string why_down(Index index, const Aim& aim, const std::vector<bool>& planned) const;
    Result<void> check_reversible(const std::vector<bool>& planned) const;
    Result<void> check_missing_above(const Aim& aim, const std::vector<bool>& planned) const;
    bool goes_with(const MigrationId& missing, const Aim& aim, const std::vector<bool>& planned) const;
    Result<void> check_dependents_known(const std::vector<bool>& planned) const;

    // Both.
    Result<void> check_history(const std::vector<bool>* only) const;
    Result<void> check_in_flight(const std::vector<bool>& planned) const;
    Result<void> check_selected(const std::vector<bool>& planned) const;
    Plan lay_out(const std::vector<bool>& planned, const Aim& aim) const;

    bool selected(Index index) const { return resolver_.is_selected(graph_.at(index).id.database); }
    const StandingRow& row(Index index) const { return state_.row(graph_, index); }
    std::string name(Index index) const { return graph_.name(graph_.at(index).id); }

    const Graph& graph_;
    const Ledgers& ledgers_;
    const Goal& goal_;
    const PlanOptions& options_;
    const State state_;
    const Resolver resolver_;
};

}  // namespace godwit
