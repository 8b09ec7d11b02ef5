// What make_plan refuses in both directions.
#include <algorithm>

#include "base/text.h"
#include "plan/planner.h"

namespace godwit {
namespace {

using Index = Graph::Index;

std::string where_it_stopped(const LedgerEntry& entry) {
    return "a run stopped after step " + std::to_string(entry.steps_done) + " of " +
           std::to_string(entry.steps_total);
}

// What is known of the run that stopped.
Error with_history(Error error, const LedgerEntry& entry) {
    if (!entry.step_text.empty()) error.details.push_back("next step: " + printable(entry.step_text));
    if (!entry.error.empty()) error.details.push_back("last error: " + printable(entry.error));
    if (!entry.owner.empty()) error.details.push_back("last run by " + printable(entry.owner));
    return error;
}

}  // namespace

// Applied migrations that were edited or have no file, in selected databases;
// edited ones only if marked in `only`, unless that is null.
Result<void> Planner::check_history(const std::vector<bool>* only) const {
    Problems problems;
    for (const StandingRow& each : state_.rows) {
        if (!resolver_.is_selected(each.id.database)) continue;
        const std::string named = graph_.name(each.id);
        if (each.standing == Standing::kMissing && only == nullptr) {
            problems.add(
                make_error(ErrorCode::kConflict, named + " is recorded as applied, but no file has it")
                    .with_remedy("restore its file, or forget it with `godwit repair --reverted " + named +
                                 "`"));
        }
        if (each.standing != Standing::kEdited) continue;
        if (only != nullptr && !(*only)[static_cast<size_t>(graph_.index_of(*each.migration))]) continue;
        problems.add(
            make_error(ErrorCode::kConflict, named + " was edited after it was applied")
                .at({each.migration->where.file})
                .with_remedy("restore the file and put the change into a new migration, or accept the file "
                             "as it is with `godwit repair --accept-checksum " +
                             named + "`"));
    }
    return problems.check();
}

// A migration in flight must be carried on by the plan, from where it stopped.
Result<void> Planner::check_in_flight(const std::vector<bool>& planned) const {
    const bool up = goal_.direction == Direction::kUp;
    Problems problems;
    for (const StandingRow& each : state_.rows) {
        if (each.standing != Standing::kFailed || !resolver_.is_selected(each.id.database)) continue;
        const LedgerEntry& entry = *each.entry;
        const bool applying = entry.state == EntryState::kApplying;
        const std::string named = graph_.name(each.id);
        std::string message =
            named + (applying ? " is half applied: " : " is half reverted: ") + where_it_stopped(entry);
        std::string remedy =
            std::string(applying ? "carry it on with `godwit up" : "carry it on with `godwit down") +
            "`, or settle it with `godwit repair`";
        if (each.migration == nullptr) {
            message += ", and no file has it";
            remedy = "restore its file, or settle it with `godwit repair`";
        } else if (applying == up && planned[static_cast<size_t>(graph_.index_of(*each.migration))]) {
            continue;
        } else if (applying == up) {
            message += ", and this goal does not include it";
        }
        Error error = make_error(ErrorCode::kNeedsRepair, std::move(message)).with_remedy(std::move(remedy));
        if (each.migration != nullptr) error.where = each.migration->where;
        problems.add(with_history(std::move(error), entry));
    }
    return problems.check();
}

// Databases that are not selected stay as they are.
Result<void> Planner::check_selected(const std::vector<bool>& planned) const {
    const bool up = goal_.direction == Direction::kUp;
    Problems problems;
    for (Index index = 0; index < graph_.size(); ++index) {
        if (!planned[static_cast<size_t>(index)] || selected(index)) continue;
        std::vector<Index> others(graph_.dependents(index).begin(), graph_.dependents(index).end());
        if (!up) others.assign(graph_.dependencies(index).begin(), graph_.dependencies(index).end());
        const auto ours = std::find_if(others.begin(), others.end(), [&](Index other) {
            return planned[static_cast<size_t>(other)] && selected(other);
        });
        if (ours == others.end()) continue;  // Named with the one that brings it in.
        const std::string& database = graph_.at(index).id.database;
        const std::string message = up ? name(*ours) + " needs " + name(index) + ", which is not applied"
                                       : name(index) + " depends on " + name(*ours) + " and is applied";
        problems.add(make_error(ErrorCode::kInvalidInput, message + ", and " + database + " is not selected")
                         .at(graph_.at(up ? *ours : index).where)
                         .with_remedy("select it as well: --databases " + join(resolver_.selected(), " ") +
                                      " " + database));
    }
    return problems.check();
}

}  // namespace godwit
