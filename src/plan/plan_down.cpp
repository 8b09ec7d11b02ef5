// Planning the way down.
#include <algorithm>
#include <map>

#include "base/text.h"
#include "plan/planner.h"

namespace godwit {

using Index = Graph::Index;

Result<Plan> Planner::make_down() {
    Aim target = TRY(aim());
    target.lineage = graph_.with_descendants(target.migrations, Graph::Follow::kLineage);
    std::vector<std::string> notes;
    const std::vector<bool> planned = to_revert(target, notes);
    CHECK(check_in_flight(planned));
    CHECK(check_selected(planned));
    CHECK(check_dependents_known(planned));
    CHECK(check_missing_above(target, planned));
    CHECK(check_history(&planned));
    CHECK(check_reversible(planned));
    Plan plan = lay_out(planned, target);
    plan.notes = std::move(notes);
    return plan;
}

Result<Planner::Aim> Planner::aim_down(const Address& address) const {
    if (address.symbol.empty() && address.steps.value_or(0) > 0) {
        return fail(make_error(ErrorCode::kInvalidInput, "\"" + address.text + "\" does not lead down")
                        .with_remedy("use `godwit up " + address.text + "`"));
    }
    Aim aim;
    if (address.symbol.empty()) {
        aim.migrations = TRY(resolver_.steps_down(address)).reverted;
        aim.databases = {graph_.at(aim.migrations.front()).id.database};
        return aim;
    }
    const std::vector<Point> points = TRY(resolver_.points(address));
    if (address.symbol == "heads") CHECK(check_one_head(address, points));
    aim.migrations = TRY(roots_above(points));
    for (const Point& point : points) aim.databases.push_back(point.database);
    aim.stays = points;
    aim.everything = address.symbol == "base" && !address.steps && address.branch.empty();
    return aim;
}

// Several newest migrations of one database cannot be told to stay: those that
// are not applied would have to come first. One that another depends on is none.
Result<void> Planner::check_one_head(const Address& address, const std::vector<Point>& points) const {
    std::map<std::string, std::vector<Index>> heads;
    for (const Point& point : points) {
        const auto dependents = graph_.dependents(point.index);
        const bool implied = std::any_of(dependents.begin(), dependents.end(), [&](Index other) {
            return graph_.at(other).id.database == point.database;
        });
        if (!implied) heads[point.database].push_back(point.index);
    }
    for (const auto& [database, indexes] : heads) {
        if (indexes.size() < 2) continue;
        Error error = could_mean(graph_, ErrorCode::kConflict, address.text, indexes);
        error.message += ": there are several heads";
        return fail(std::move(error).with_remedy("name the one that stays"));
    }
    return {};
}

// What stands directly above a point: what its going down begins to take away.
std::vector<Index> Planner::roots_above_point(const Point& point) const {
    std::vector<Index> roots;
    if (point.index == Point::kBase) {
        roots = graph_.bases(point.database);
    } else {
        roots.assign(graph_.children(point.index).begin(), graph_.children(point.index).end());
    }
    if (!point.branch || roots.size() < 2) return roots;
    const std::vector<bool> below = graph_.with_ancestors({&*point.branch, 1}, Graph::Follow::kLineage);
    const std::vector<bool> above = graph_.with_descendants({&*point.branch, 1}, Graph::Follow::kLineage);
    std::erase_if(roots, [&](Index index) {
        return !below[static_cast<size_t>(index)] && !above[static_cast<size_t>(index)];
    });
    return roots;
}

// A version that several databases have may be applied in some of them only;
// the others are left as they are, unless they went past it.
Result<std::vector<Index>> Planner::roots_above(const std::vector<Point>& points) const {
    std::vector<Index> roots;
    std::vector<Index> not_applied;
    bool passed_over = false;
    for (const Point& point : points) {
        if (point.index == Point::kBase || state_.is_applied(point.index)) {
            const std::vector<Index> above = roots_above_point(point);
            roots.insert(roots.end(), above.begin(), above.end());
            continue;
        }
        passed_over = passed_over || row(point.index).standing == Standing::kOutOfOrder;
        not_applied.push_back(point.index);
    }
    if (not_applied.empty() || (not_applied.size() < points.size() && !passed_over)) return roots;
    const Index first = not_applied.front();
    return fail(
        make_error(ErrorCode::kInvalidInput, name(first) + " is not applied, so it cannot be what stays")
            .at(graph_.at(first).where)
            .with_remedy("name an applied migration, or base; `godwit current` shows the newest"));
}

// Marks what goes.
std::vector<bool> Planner::to_revert(const Aim& aim, std::vector<std::string>& notes) const {
    std::vector<Index> roots = aim.migrations;
    for (Index index = 0; aim.everything && index < graph_.size(); ++index) {
        const Migration& migration = graph_.at(index);
        const bool meant = graph_.repeatable(index) && state_.is_applied(index) &&
                           std::count(aim.databases.begin(), aim.databases.end(), migration.id.database) > 0;
        if (meant && migration.reversible()) roots.push_back(index);
        if (meant && !migration.reversible()) {
            notes.push_back(migration.where.file +
                            " is repeatable and has no down part: what it made stays, and it "
                            "runs again once it changes");
        }
    }
    std::vector<bool> marked = graph_.with_descendants(roots);
    for (size_t place = 0; place < marked.size(); ++place)
        marked[place] = marked[place] && state_.applied[place];
    return marked;
}

std::string Planner::why_down(Index index, const Aim& aim, const std::vector<bool>& planned) const {
    const auto in_plan = [&](Index other) { return planned[static_cast<size_t>(other)]; };
    const bool meant = aim.lineage[static_cast<size_t>(index)];
    if (aim.everything && (meant || graph_.repeatable(index))) return "down to base";
    for (const Point& point : aim.stays) {
        if (!meant || point.database != graph_.at(index).id.database) continue;
        return point.index == Point::kBase ? "down to base" : "after " + name(point.index);
    }
    const auto dependencies = graph_.dependencies(index);
    const auto dependency = std::find_if(dependencies.begin(), dependencies.end(), in_plan);
    if (!meant && dependency != dependencies.end()) return "depends on " + name(*dependency);
    const auto parents = graph_.parents(index);
    const auto parent = std::find_if(parents.begin(), parents.end(), in_plan);
    const bool named = std::count(aim.migrations.begin(), aim.migrations.end(), index) > 0;
    return named || parent == parents.end() ? "one step down" : "after " + name(*parent);
}

namespace {

std::string why_not_reversible(const StandingRow& row) {
    const std::string none = "it has no down part";
    if (row.entry == nullptr || row.entry->inverses.empty()) return none;
    const auto& inverses = row.entry->inverses;
    const auto missing = std::find(inverses.begin(), inverses.end(), "") - inverses.begin();
    return none + ", and its step " + std::to_string(missing + 1) + " cannot be taken back automatically";
}

}  // namespace

Result<void> Planner::check_reversible(const std::vector<bool>& planned) const {
    Problems problems;
    for (Index index = graph_.size() - 1; index >= 0; --index) {
        if (!planned[static_cast<size_t>(index)] || is_reversible(row(index))) continue;
        problems.add(
            make_error(ErrorCode::kConflict, name(index) + " cannot be reverted: " + why_not_reversible(row(index)))
                .at(graph_.at(index).where)
                .with_remedy("add a down part and accept it with `godwit repair --accept-checksum " +
                             name(index) + "`, or write a new migration that undoes it"));
    }
    return problems.check();
}

// An applied migration without a file cannot be reverted, so nothing below it
// can. Its place is known only in a line of versions. One that was repeatable
// (its name says so) stands apart.
Result<void> Planner::check_missing_above(const Aim& aim, const std::vector<bool>& planned) const {
    Problems problems;
    for (const StandingRow& each : state_.rows) {
        if (each.standing != Standing::kMissing || !resolver_.is_selected(each.id.database)) continue;
        if (each.id.version.starts_with("R__") || !goes_with(each.id, aim, planned)) continue;
        const std::string named = graph_.name(each.id);
        problems.add(
            make_error(ErrorCode::kConflict, named + " would have to be reverted, but no file has it")
                .with_remedy("restore its file, or forget it with `godwit repair --reverted " + named + "`"));
    }
    return problems.check();
}

// Whether a migration that no file has must go, or may have to.
bool Planner::goes_with(const MigrationId& missing, const Aim& aim, const std::vector<bool>& planned) const {
    bool is_line = true;
    bool reaches = false;
    const auto above = [&](Index index) {
        return compare_versions(missing.version, graph_.at(index).id.version) > 0;
    };
    bool goes = false;
    for (Index index = 0; index < graph_.size(); ++index) {
        if (graph_.at(index).id.database != missing.database || graph_.repeatable(index)) continue;
        is_line = is_line && graph_.linear(index);
        if (!planned[static_cast<size_t>(index)]) continue;
        reaches = true;
        goes = goes || above(index);
    }
    for (const Point& point : aim.stays) {
        if (point.database != missing.database) continue;
        reaches = true;
        goes = goes || point.index == Point::kBase || above(point.index);
    }
    return reaches && (goes || !is_line);
}

// Of a database that is neither selected nor read, nobody can say that what
// depends on us is not applied.
Result<void> Planner::check_dependents_known(const std::vector<bool>& planned) const {
    Problems problems;
    for (Index index = 0; index < graph_.size(); ++index) {
        if (!planned[static_cast<size_t>(index)]) continue;
        for (const Index dependent : graph_.dependents(index)) {
            const std::string& database = graph_.at(dependent).id.database;
            if (selected(dependent) || ledgers_.contains(database)) continue;
            problems.add(make_error(ErrorCode::kInvalidInput, name(dependent) + " depends on " + name(index) +
                                                                  " and may be applied, but " + database +
                                                                  " is not selected")
                             .at(graph_.at(dependent).where)
                             .with_remedy("select it as well: --databases " +
                                          join(resolver_.selected(), " ") + " " + database));
        }
    }
    return problems.check();
}

}  // namespace godwit
