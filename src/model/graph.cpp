#include "model/graph.h"

#include <algorithm>

#include "model/graph_builder.h"

namespace godwit {
namespace {

using Index = Graph::Index;

// Marks what `next` reaches from `of`; iterative, since lines are 10,000 long.
template <typename Next>
std::vector<bool> reach(size_t size, std::span<const Index> of, Next next) {
    std::vector<bool> marked(size, false);
    std::vector<Index> todo;
    const auto mark = [&](Index index) {
        if (marked[static_cast<size_t>(index)]) return;
        marked[static_cast<size_t>(index)] = true;
        todo.push_back(index);
    };
    for (const Index index : of) mark(index);
    while (!todo.empty()) {
        const Index index = todo.back();
        todo.pop_back();
        next(index, mark);
    }
    return marked;
}

}  // namespace

bool is_reserved_address(std::string_view word) {
    return word == "head" || word == "heads" || word == "base" || word == "current";
}

Result<Graph> Graph::build(std::vector<Migration> migrations) {
    return GraphBuilder(std::move(migrations)).build();
}

const Migration* Graph::find(const MigrationId& id) const {
    const auto place = by_id_.find(GraphBuilder::id_key(id.database, id.version));
    return place == by_id_.end() ? nullptr : &at(place->second);
}

const Migration* Graph::find_equal(std::string_view database, std::string_view version) const {
    const std::string key = GraphBuilder::id_key(database, version_sort_key(version));
    const auto place =
        std::lower_bound(by_key_.begin(), by_key_.end(), key,
                         [](const auto& entry, const std::string& wanted) { return entry.first < wanted; });
    return place == by_key_.end() || place->first != key ? nullptr : &at(place->second);
}

const Migration* Graph::find_label(std::string_view database, std::string_view label) const {
    if (by_label_.empty()) return nullptr;
    const auto place = by_label_.find({std::string(database), std::string(label)});
    return place == by_label_.end() ? nullptr : &at(place->second);
}

bool Graph::has_database(std::string_view database) const {
    return std::binary_search(databases_.begin(), databases_.end(), database);
}

std::string Graph::name(const MigrationId& id) const {
    const bool only_one = databases_.empty() || (databases_.size() == 1 && databases_[0] == id.database);
    return only_one ? id.version : id.database + ":" + id.version;
}

std::vector<Index> Graph::select(std::string_view database, bool (*wanted)(const Node&)) const {
    std::vector<Index> found;
    for (Index index = 0; index < size(); ++index) {
        if (at(index).id.database == database && !repeatable(index) && wanted(node(index)))
            found.push_back(index);
    }
    return found;
}

std::vector<Index> Graph::heads(std::string_view database) const {
    return select(database, [](const Node& node) { return node.children.empty(); });
}

std::vector<Index> Graph::bases(std::string_view database) const {
    return select(database, [](const Node& node) { return node.parents.empty(); });
}

std::vector<Index> Graph::branch_points(std::string_view database) const {
    return select(database, [](const Node& node) { return node.children.size() > 1; });
}

std::vector<std::string> Graph::labels(Index index) const {
    std::vector<std::string> names;
    for (const int32_t label : node(index).labels) names.push_back(label_names_[static_cast<size_t>(label)]);
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<bool> Graph::with_ancestors(std::span<const Index> of, Follow follow) const {
    return reach(ordered_.size(), of, [&](Index index, const auto& mark) {
        for (const Index parent : parents(index)) mark(parent);
        if (follow == Follow::kLineage) return;
        for (const Index other : dependencies(index)) {
            if (follow == Follow::kAll || at(other).id.database == at(index).id.database) mark(other);
        }
    });
}

std::vector<bool> Graph::with_descendants(std::span<const Index> of, Follow follow) const {
    return reach(ordered_.size(), of, [&](Index index, const auto& mark) {
        for (const Index child : children(index)) mark(child);
        if (follow == Follow::kLineage) return;
        for (const Index other : dependents(index)) {
            if (follow == Follow::kAll || at(other).id.database == at(index).id.database) mark(other);
        }
    });
}

}  // namespace godwit
