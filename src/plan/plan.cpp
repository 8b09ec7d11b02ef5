#include "plan/plan.h"

#include <algorithm>

#include "base/text.h"
#include "plan/alembic_heads.h"
#include "plan/planner.h"

namespace godwit {

using Index = Graph::Index;

Result<Plan> make_plan(const Graph& graph, const Ledgers& ledgers, const Goal& goal,
                       const PlanOptions& options) {
    return Planner(graph, ledgers, goal, options).make();
}

Result<Goal> pin(const Graph& graph, const Ledgers& ledgers, const Goal& goal) {
    return Planner(graph, ledgers, goal, PlanOptions()).pin();
}

Planner::Planner(const Graph& graph, const Ledgers& ledgers, const Goal& goal, const PlanOptions& options)
    : graph_(graph),
      ledgers_(ledgers),
      goal_(goal),
      options_(options),
      state_(examine(graph, ledgers)),
      resolver_(graph, state_, goal.databases) {}

Result<Plan> Planner::make() {
    CHECK(resolver_.check_selection());
    return goal_.direction == Direction::kUp ? make_up() : make_down();
}

Result<Goal> Planner::pin() {
    Goal goal = goal_;
    if (goal.pinned) return goal;
    CHECK(resolver_.check_selection());
    const bool up = goal.direction == Direction::kUp;
    if (up && goal.address.empty()) return goal;
    if (!goal.address.empty() && !TRY(resolver_.parse(goal.address)).relative()) return goal;
    goal.pinned.emplace();
    for (const Index index : TRY(aim()).migrations) goal.pinned->push_back(graph_.at(index).id);
    return goal;
}

Result<Planner::Aim> Planner::aim() const {
    if (goal_.pinned) return aim_pinned();
    const bool up = goal_.direction == Direction::kUp;
    // One back from nothing is nothing, unlike a "-1" that somebody asked for.
    if (!up && goal_.address.empty() && nothing_recorded()) return Aim();
    const std::string text = goal_.address.empty() ? (up ? "head" : "-1") : goal_.address;
    const Address address = TRY(resolver_.parse(text));
    return up ? aim_up(address) : aim_down(address);
}

bool Planner::nothing_recorded() const {
    return std::none_of(state_.rows.begin(), state_.rows.end(), [&](const StandingRow& each) {
        const bool applied = each.migration != nullptr && state_.is_applied(graph_.index_of(*each.migration));
        return resolver_.is_selected(each.id.database) && (applied || each.entry != nullptr);
    });
}

// What is pinned and has no file any more is in the record, or done with.
Planner::Aim Planner::aim_pinned() const {
    Aim aim;
    for (const MigrationId& id : *goal_.pinned) {
        const Migration* migration = graph_.find(id);
        if (migration == nullptr) continue;
        aim.migrations.push_back(graph_.index_of(*migration));
        aim.databases.push_back(id.database);
    }
    return aim;
}

Result<Planner::Aim> Planner::aim_up(const Address& address) const {
    if (address.symbol.empty() && address.steps.value_or(0) < 0) {
        return fail(make_error(ErrorCode::kInvalidInput, "\"" + address.text + "\" does not lead up")
                        .with_remedy("use `godwit down " + address.text + "`"));
    }
    Aim aim;
    for (const Point& point : TRY(resolver_.points(address))) {
        if (point.index != Point::kBase) aim.migrations.push_back(point.index);
        aim.databases.push_back(point.database);
    }
    const bool newest = (address.symbol == "head" || address.symbol == "heads") && !address.steps;
    if (newest && address.branch.empty()) {
        aim.everything = true;
        aim.databases = resolver_.selected();
        if (!address.database.empty()) aim.databases = {address.database};
    }
    return aim;
}

namespace {

// The way down, of what was kept on the way up.
void complete(PlannedMigration& planned, const LedgerEntry& entry) {
    std::vector<Step> steps;
    for (const std::string& inverse : entry.inverses) steps.push_back({"", inverse, planned.migration->where});
    std::reverse(steps.begin(), steps.end());
    auto completed = std::make_shared<Migration>(*planned.migration);
    completed->down = std::move(steps);
    planned.migration = completed.get();
    planned.completed = std::move(completed);
}

}  // namespace

// Lays out the marked migrations in the order of execution.
Plan Planner::lay_out(const std::vector<bool>& planned, const Aim& aim) const {
    Plan plan;
    const bool up = goal_.direction == Direction::kUp;
    AlembicHeads heads(graph_, ledgers_, state_);
    for (Index place = 0; place < graph_.size(); ++place) {
        const Index index = up ? place : graph_.size() - 1 - place;
        if (!planned[static_cast<size_t>(index)]) continue;
        PlannedMigration next;
        next.migration = &graph_.at(index);
        next.direction = goal_.direction;
        const LedgerEntry* entry = row(index).entry;
        if (row(index).standing == Standing::kFailed) {
            next.resuming = true;
            next.steps_done = entry->steps_done;
            next.step_hash = entry->step_hash;
            next.step_text = entry->step_text;
            const auto in_doubt = static_cast<size_t>(entry->steps_done);
            if (in_doubt < entry->inverses.size()) next.inverse = entry->inverses[in_doubt];
            next.why = "resumes after step " + std::to_string(entry->steps_done) + " of " +
                       std::to_string(entry->steps_total);
        } else {
            next.why = up ? why_up(index, aim, planned) : why_down(index, aim, planned);
        }
        heads.follow(next);
        if (!up && !next.migration->reversible()) complete(next, *entry);
        plan.migrations.push_back(std::move(next));
    }
    return plan;
}

}  // namespace godwit
