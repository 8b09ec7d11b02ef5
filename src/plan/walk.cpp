// The part of the resolver that moves: from a symbol to its points, and from a
// point some steps up or down.
#include <algorithm>

#include "base/text.h"
#include "plan/resolver.h"

namespace godwit {
namespace {

using Index = Graph::Index;

std::string quoted(std::string_view text) { return "\"" + printable(text) + "\""; }

}  // namespace

Result<std::vector<Point>> Resolver::points(const Address& address) const {
    const Scope scope = TRY(scope_of(address));
    if (address.symbol.empty()) return steps_up(address, scope);
    std::vector<Point> points = TRY(symbol_points(address, scope));
    if (!address.steps) return points;
    for (Point& point : points) point = TRY(walk(point, *address.steps, address.text));
    return points;
}

Result<std::vector<Index>> Resolver::migrations(const Address& address) const {
    std::vector<Index> found;
    if (address.symbol.empty() && address.steps.value_or(0) < 0) {
        found = TRY(steps_down(address)).below;
    } else {
        for (const Point& point : TRY(points(address))) {
            if (point.index != Point::kBase) found.push_back(point.index);
        }
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

Result<std::vector<Point>> Resolver::symbol_points(const Address& address, const Scope& scope) const {
    std::vector<Point> points;
    const auto add = [&](const std::string& database, Index index) {
        const auto branch = scope.branches.find(database);
        points.push_back({database, index, {}});
        if (branch != scope.branches.end()) points.back().branch = branch->second;
    };
    if (!is_reserved_address(address.symbol)) {
        for (const Index index : TRY(match(address.symbol, scope))) add(graph_.at(index).id.database, index);
        return points;
    }
    for (const std::string& database : scope.databases) {
        if (address.symbol == "base") {
            add(database, Point::kBase);
            continue;
        }
        const bool current = address.symbol == "current";
        const std::vector<Index> heads = on_branch(
            current ? state_.applied_heads(graph_, database) : graph_.heads(database), scope, database);
        if (address.symbol == "head" && heads.size() > 1) {
            Error error = could_mean(graph_, ErrorCode::kConflict, address.text, heads);
            error.message = address.text == "head"
                                ? "there are several heads, " + list_candidates(graph_, heads)
                                : error.message + ": there are several heads";
            return fail(std::move(error).with_remedy(
                "name one of them, take all with `godwit up heads`, or join them with `godwit merge heads`"));
        }
        for (const Index index : heads) add(database, index);
        if (heads.empty() && current) add(database, Point::kBase);
    }
    return points;
}

Result<Point> Resolver::walk(Point start, int32_t steps, const std::string& address) const {
    const bool up = steps > 0;
    Point point = std::move(start);
    std::vector<bool> branch;
    if (up && point.branch)
        branch = *lineage({{point.database}, {{point.database, *point.branch}}}, point.database);
    for (int32_t left = up ? steps : -steps; left > 0; --left) {
        const bool base = point.index == Point::kBase;
        std::vector<Index> next;
        if (up && base) next = graph_.bases(point.database);
        if (!base) {
            const auto neighbours = up ? graph_.children(point.index) : graph_.parents(point.index);
            next.assign(neighbours.begin(), neighbours.end());
        }
        if (!branch.empty())
            std::erase_if(next, [&](Index index) { return !branch[static_cast<size_t>(index)]; });
        const std::string here = base ? "base" : graph_.name(graph_.at(point.index).id);
        if (next.empty() && (up || base)) {
            return fail(make_error(ErrorCode::kInvalidInput, quoted(address) +
                                                                 " goes too far: nothing comes " +
                                                                 (up ? "after " : "before ") + here)
                            .with_remedy("take " + count_of(left, "step") + " fewer"));
        }
        if (next.size() > 1) {
            return fail(
                make_error(ErrorCode::kInvalidInput,
                           quoted(address) + " is ambiguous: " + (up ? "after " : "before ") + here +
                               (up ? " comes " : " lies ") + list_candidates(graph_, next))
                    .with_remedy("name one of them" + std::string(up ? ", or its branch: LABEL@+N" : "")));
        }
        point.index = next.empty() ? Point::kBase : next.front();
    }
    return point;
}

// The one database of the scope that "+N" or "-N" can be about.
Result<std::string> Resolver::only_database(const Address& address, const Scope& scope,
                                            Direction direction) const {
    const bool up = direction == Direction::kUp;
    std::vector<Index> next;  // In each database that can move, what it would begin with.
    for (const std::string& database : scope.databases) {
        Index found = -1;
        for (Index index = 0; index < graph_.size(); ++index) {
            if (graph_.at(index).id.database != database || graph_.repeatable(index)) continue;
            if (state_.is_applied(index) == up || (up && found >= 0)) continue;
            found = index;
        }
        if (found >= 0) next.push_back(found);
    }
    if (next.size() == 1) return graph_.at(next.front()).id.database;
    if (next.empty()) {
        return fail(
            make_error(ErrorCode::kInvalidInput,
                       quoted(address.text) + " leads nowhere: nothing is " + (up ? "pending" : "applied"))
                .with_remedy("see `godwit status`"));
    }
    return fail(
        make_error(ErrorCode::kInvalidInput, quoted(address.text) + " could begin with " +
                                                 list_candidates(graph_, next) + ": several databases " +
                                                 (up ? "have pending migrations" : "have applied migrations"))
            .with_remedy("name the database: " + graph_.at(next.front()).id.database + ":" + address.text));
}

// Where a branch stands when none of the database's newest migrations are on
// it. Up: the newest applied ones that lead to it, be they shared. Down: the
// newest of its own; those that other branches share must not go.
std::vector<Index> Resolver::tips_of_branch(const std::string& database, const Scope& scope,
                                            Direction direction) const {
    std::vector<Index> applied;
    for (Index index = 0; index < graph_.size(); ++index) {
        const bool counts = graph_.at(index).id.database == database && state_.is_applied(index);
        if (counts && !graph_.repeatable(index)) applied.push_back(index);
    }
    if (direction == Direction::kUp) applied = on_branch(std::move(applied), scope, database);
    std::vector<bool> passed(graph_.in_order().size(), false);
    for (const Index index : applied) {
        for (const Index parent : graph_.parents(index)) passed[static_cast<size_t>(parent)] = true;
        if (direction == Direction::kDown) continue;
        for (const Index other : graph_.dependencies(index)) passed[static_cast<size_t>(other)] = true;
    }
    std::erase_if(applied, [&](Index index) { return passed[static_cast<size_t>(index)]; });
    return on_branch(std::move(applied), scope, database);
}

// The newest applied migration of a database (of a branch, if one is named);
// nothing when none is applied.
Result<std::optional<Index>> Resolver::current_on(const std::string& database, const Address& address,
                                                  const Scope& scope, Direction direction) const {
    std::vector<Index> heads = on_branch(state_.applied_heads(graph_, database), scope, database);
    if (heads.empty() && !scope.branches.empty()) heads = tips_of_branch(database, scope, direction);
    if (heads.empty()) return std::optional<Index>();
    if (heads.size() == 1) return std::optional<Index>(heads.front());
    return fail(
        make_error(ErrorCode::kInvalidInput, quoted(address.text) + " is ambiguous: it could start from " +
                                                 list_candidates(graph_, heads) + ", which are all newest")
            .with_remedy(direction == Direction::kUp
                             ? "name a version, or a branch: LABEL@" + address.text
                             : "name the version that stays, or a branch: LABEL@" + address.text));
}

// Each pending migration that the newest applied one has passed over counts as
// a step, then the way goes up from there.
Result<std::vector<Point>> Resolver::steps_up(const Address& address, const Scope& scope) const {
    const std::string database = TRY(only_database(address, scope, Direction::kUp));
    const auto current = TRY(current_on(database, address, scope, Direction::kUp));
    Point point{database, current.value_or(Point::kBase), {}};
    const auto branch = scope.branches.find(database);
    if (branch != scope.branches.end()) point.branch = branch->second;
    int32_t steps = *address.steps;
    if (current) {
        const std::vector<bool> below = graph_.with_ancestors({&*current, 1}, Graph::Follow::kLineage);
        for (Index index = 0; index < graph_.size() && steps > 0; ++index) {
            if (!below[static_cast<size_t>(index)] || state_.is_applied(index)) continue;
            if (--steps == 0) point.index = index;
        }
    }
    if (steps > 0) point = TRY(walk(point, steps, address.text));
    return std::vector<Point>{point};
}

// The nearest applied migrations below, over pending ones that were passed over.
std::vector<Index> Resolver::applied_parents(Index index) const {
    std::vector<Index> todo(graph_.parents(index).begin(), graph_.parents(index).end());
    std::vector<Index> found;
    while (!todo.empty()) {
        const Index parent = todo.back();
        todo.pop_back();
        if (state_.is_applied(parent)) {
            found.push_back(parent);
        } else {
            todo.insert(todo.end(), graph_.parents(parent).begin(), graph_.parents(parent).end());
        }
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

Result<StepsDown> Resolver::steps_down(const Address& address) const {
    const Scope scope = TRY(scope_of(address));
    const std::string database = TRY(only_database(address, scope, Direction::kDown));
    const auto start = TRY(current_on(database, address, scope, Direction::kDown));
    if (!start) {
        return fail(
            make_error(ErrorCode::kInvalidInput,
                       quoted(address.text) + " leads nowhere: nothing of that branch alone is applied")
                .with_remedy("see `godwit status`"));
    }
    StepsDown down;
    down.below = {*start};
    for (int32_t left = -*address.steps; left > 0; --left) {
        if (down.below.empty()) {
            const auto count = static_cast<int64_t>(down.reverted.size());
            return fail(make_error(ErrorCode::kInvalidInput, quoted(address.text) + " goes too far: only " +
                                                                 count_of(count, "migration") +
                                                                 " can be reverted")
                            .with_remedy("say base to revert all"));
        }
        if (down.below.size() > 1) {
            return fail(
                make_error(ErrorCode::kInvalidInput, quoted(address.text) + " is ambiguous: below " +
                                                         graph_.name(graph_.at(down.reverted.back()).id) +
                                                         " lies " + list_candidates(graph_, down.below))
                    .with_remedy("name the version that stays"));
        }
        down.reverted.push_back(down.below.front());
        down.below = applied_parents(down.reverted.back());
    }
    return down;
}

}  // namespace godwit
