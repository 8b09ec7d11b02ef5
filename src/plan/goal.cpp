#include "plan/goal.h"

#include <algorithm>

#include "base/text.h"
#include "plan/resolver.h"

namespace godwit {
namespace {

using Index = Graph::Index;

// The two ends of a range, each an address that may be empty.
struct Ends {
    std::string from;
    std::string to;
};

std::string quoted(std::string_view text) { return "\"" + printable(text) + "\""; }

// Splits at the one colon that does not follow a database's name. What
// qualifies the first end holds for the second, unless that has its own.
Result<Ends> split_range(const State& state, std::string_view range) {
    const auto is_database = [&](std::string_view word) {
        return std::binary_search(state.databases.begin(), state.databases.end(), word);
    };
    const std::vector<std::string_view> words = split(range, ':');
    size_t next = 0;
    std::string databases[2];
    std::string_view ends[2];
    for (size_t end = 0; end < 2; ++end) {
        // A last word is an end of its own, even if a database has its name.
        if (next + 1 < words.size() && is_database(words[next])) databases[end] = words[next++];
        if (next == words.size()) break;
        ends[end] = words[next++];
        if (end == 0 && next == words.size()) break;
        if (end == 1 && next == words.size()) next = words.size() + 1;
    }
    if (next != words.size() + 1) {
        return fail(make_error(ErrorCode::kInvalidInput, quoted(range) + " is not a range")
                        .with_remedy("write FROM:TO, FROM: or :TO"));
    }
    if (databases[1].empty()) databases[1] = databases[0];
    if (databases[0].empty()) databases[0] = databases[1];
    const auto qualified = [&](size_t end, std::string_view otherwise) {
        const std::string_view text = ends[end].empty() ? otherwise : ends[end];
        return (databases[end].empty() ? "" : databases[end] + ":") + std::string(text);
    };
    return Ends{qualified(0, "base"), qualified(1, "heads")};
}

// Both ends, where "-3:b" counts down from b, and "a:+3" up from a.
Result<std::pair<std::vector<Point>, std::vector<Point>>> range_points(const Resolver& resolver,
                                                                       const Ends& ends) {
    const Address from = TRY(resolver.parse(ends.from));
    const Address to = TRY(resolver.parse(ends.to));
    const bool from_moves = from.symbol.empty() && *from.steps < 0;
    const bool to_moves = to.symbol.empty() && *to.steps > 0;
    const auto wrong_way = [&](const Address& address) { return address.symbol.empty(); };
    if ((!from_moves && wrong_way(from)) || (!to_moves && wrong_way(to)) || (from_moves && to_moves)) {
        return fail(
            make_error(ErrorCode::kInvalidInput, quoted(ends.from + ":" + ends.to) + " leaves both ends open")
                .with_remedy("write -N:TO to count down from TO, or FROM:+N to count up from FROM"));
    }
    std::vector<Point> lower;
    std::vector<Point> upper;
    if (!from_moves) lower = TRY(resolver.points(from));
    if (!to_moves) upper = TRY(resolver.points(to));
    if (from_moves) {
        for (const Point& point : upper) lower.push_back(TRY(resolver.walk(point, *from.steps, from.text)));
    }
    if (to_moves) {
        for (const Point& point : lower) upper.push_back(TRY(resolver.walk(point, *to.steps, to.text)));
    }
    return std::pair(std::move(lower), std::move(upper));
}

std::vector<Index> indexes_of(const std::vector<Point>& points) {
    std::vector<Index> indexes;
    for (const Point& point : points) {
        if (point.index != Point::kBase) indexes.push_back(point.index);
    }
    return indexes;
}

}  // namespace

Result<std::vector<Index>> resolve(const Graph& graph, const State& state, std::string_view address,
                                   const std::vector<std::string>& databases) {
    const Resolver resolver(graph, state, databases);
    CHECK(resolver.check_selection());
    return resolver.migrations(TRY(resolver.parse(address)));
}

Result<std::vector<Index>> resolve_range(const Graph& graph, const State& state, std::string_view range,
                                         const std::vector<std::string>& databases) {
    const Resolver resolver(graph, state, databases);
    CHECK(resolver.check_selection());
    const Ends ends = TRY(split_range(state, range));
    const auto [from, to] = TRY(range_points(resolver, ends));
    const std::vector<Index> lower = indexes_of(from);
    const std::vector<bool> below = graph.with_ancestors(indexes_of(to));
    const std::vector<bool> above = graph.with_descendants(lower, Graph::Follow::kLineage);
    for (const Index index : lower) {
        if (below[static_cast<size_t>(index)]) continue;
        return fail(
            make_error(ErrorCode::kInvalidInput,
                       graph.name(graph.at(index).id) + " does not lead to the other end of " + quoted(range))
                .with_remedy("write the older end first: FROM:TO"));
    }
    std::vector<Index> inside;
    for (Index index = 0; index < graph.size(); ++index) {
        const size_t place = static_cast<size_t>(index);
        const bool in_range = below[place] && (lower.empty() || above[place]);
        if (in_range && resolver.is_selected(graph.at(index).id.database)) inside.push_back(index);
    }
    return inside;
}

}  // namespace godwit
