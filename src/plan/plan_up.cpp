// Planning the way up.
#include <algorithm>

#include "plan/planner.h"

namespace godwit {

using Index = Graph::Index;

Result<Plan> Planner::make_up() {
    const Aim target = TRY(aim());
    CHECK(check_history(nullptr));
    std::vector<std::string> notes;
    const std::vector<bool> planned = needed(target, notes);
    CHECK(check_in_flight(planned));
    CHECK(check_selected(planned));
    if (!options_.allow_out_of_order) CHECK(check_out_of_order(planned));
    if (!options_.show_unfinished) CHECK(check_finished(planned));
    Plan plan = lay_out(planned, target);
    plan.notes = std::move(notes);
    return plan;
}

// Marks what the aim needs and does not have.
std::vector<bool> Planner::needed(const Aim& aim, std::vector<std::string>& notes) const {
    const auto pending_below = [&](const std::vector<Index>& of) {
        std::vector<bool> marked = graph_.with_ancestors(of);
        for (size_t place = 0; place < marked.size(); ++place)
            marked[place] = marked[place] && !state_.applied[place];
        return marked;
    };
    std::vector<Index> wanted = aim.migrations;
    for (const Index index : due_repeatables(aim, pending_below(aim.migrations))) wanted.push_back(index);
    std::vector<bool> marked = pending_below(wanted);
    for (const Index index : wanted) {
        if (row(index).standing != Standing::kOutdated || marked[static_cast<size_t>(index)]) continue;
        marked[static_cast<size_t>(index)] = true;
        notes.push_back(graph_.at(index).where.file + " changed since it was applied and runs again");
    }
    return marked;
}

// New or changed repeatable migrations of databases that the plan brings up to
// their newest version.
std::vector<Index> Planner::due_repeatables(const Aim& aim, const std::vector<bool>& needed_versions) const {
    std::vector<Index> due;
    for (const std::string& database : aim.databases) {
        std::vector<Index> changed;
        bool complete = true;
        for (Index index = 0; index < graph_.size(); ++index) {
            if (graph_.at(index).id.database != database) continue;
            const bool applied = state_.is_applied(index);
            if (!graph_.repeatable(index)) {
                complete = complete && (applied || needed_versions[static_cast<size_t>(index)]);
            } else if (!applied || row(index).standing == Standing::kOutdated) {
                changed.push_back(index);
            }
        }
        if (complete) due.insert(due.end(), changed.begin(), changed.end());
    }
    return due;
}

std::string Planner::why_up(Index index, const Aim& aim, const std::vector<bool>& planned) const {
    const Standing standing = row(index).standing;
    if (graph_.at(index).unfinished) return "pending, but unfinished: `godwit up` refuses it";
    if (standing == Standing::kOutOfOrder) return "out of order, allowed by --allow-out-of-order";
    if (standing == Standing::kOutdated) return "changed since it was applied (repeatable)";
    const bool named = std::count(aim.migrations.begin(), aim.migrations.end(), index) > 0;
    if (aim.everything || named || graph_.repeatable(index)) return "pending";
    const auto in_plan = [&](Index other) { return planned[static_cast<size_t>(other)]; };
    const auto children = graph_.children(index);
    const auto child = std::find_if(children.begin(), children.end(), in_plan);
    if (child != children.end()) return graph_.linear(index) ? "pending" : "parent of " + name(*child);
    const auto dependents = graph_.dependents(index);
    const auto dependent = std::find_if(dependents.begin(), dependents.end(), in_plan);
    return dependent == dependents.end() ? "pending" : "required by " + name(*dependent);
}

// By Index: the newest applied migration that descends from it, or -1.
std::vector<Index> Planner::newest_applied_above() const {
    std::vector<Index> newest(state_.applied.size(), -1);
    for (Index index = graph_.size() - 1; index >= 0; --index) {
        const Index known = newest[static_cast<size_t>(index)];
        const Index above = known < 0 && state_.is_applied(index) ? index : known;
        for (const Index parent : graph_.parents(index)) {
            newest[static_cast<size_t>(parent)] = std::max(newest[static_cast<size_t>(parent)], above);
        }
    }
    return newest;
}

Result<void> Planner::check_out_of_order(const std::vector<bool>& planned) const {
    Problems problems;
    const std::vector<Index> newest = newest_applied_above();
    for (Index index = 0; index < graph_.size(); ++index) {
        if (!planned[static_cast<size_t>(index)] || row(index).standing != Standing::kOutOfOrder) continue;
        problems.add(
            make_error(ErrorCode::kConflict, name(index) + " is pending, but the newer " +
                                                 name(newest[static_cast<size_t>(index)]) +
                                                 " is already applied")
                .at(graph_.at(index).where)
                .with_remedy("apply it all the same with --allow-out-of-order, or give it a newer version"));
    }
    return problems.check();
}

Result<void> Planner::check_finished(const std::vector<bool>& planned) const {
    Problems problems;
    for (Index index = 0; index < graph_.size(); ++index) {
        const Migration& migration = graph_.at(index);
        if (planned[static_cast<size_t>(index)] && migration.unfinished)
            problems.add(unfinished_error(migration));
    }
    return problems.check();
}

Error unfinished_error(const Migration& migration) {
    if (migration.where.file.ends_with(".json")) {
        return make_error(ErrorCode::kInvalidInput, "the file holds no operation to apply")
            .at(*migration.unfinished)
            .with_remedy("Write the change into its operations.");
    }
    const bool section = migration.unfinished->line > 0;
    return make_error(ErrorCode::kInvalidInput,
                      section ? "the up section holds no statement" : "the file holds no statement to apply")
        .at(*migration.unfinished)
        .with_remedy(
            "Write the change into it; if it is meant to do nothing, say so in a line `-- godwit: no-op`.");
}

}  // namespace godwit
