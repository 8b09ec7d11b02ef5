#include "model/graph_builder.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <set>
#include <tuple>

#include "base/text.h"

namespace godwit {
namespace {

using Index = Graph::Index;

// A search for a near name takes time in proportion to the folder; beyond this
// many problems nobody reads them.
constexpr size_t kMaxSuggestions = 20;

void sort_and_drop_repeats(std::vector<Index>& indexes) {
    std::sort(indexes.begin(), indexes.end());
    indexes.erase(std::unique(indexes.begin(), indexes.end()), indexes.end());
}

// `values` in the order of `places`, which names each of them once.
template <typename Place, typename T>
std::vector<T> in_order_of(const std::vector<Place>& places, std::vector<T> values) {
    std::vector<T> sorted;
    sorted.reserve(values.size());
    for (const Place place : places) sorted.push_back(std::move(values[static_cast<size_t>(place)]));
    return sorted;
}

bool is_linear(const Migration& migration) {
    return !migration.explicit_parents && migration.scheme != Scheme::kRepeatable;
}

}  // namespace

GraphBuilder::GraphBuilder(std::vector<Migration> migrations) { graph_.ordered_ = std::move(migrations); }

std::string GraphBuilder::id_key(std::string_view database, std::string_view version) {
    std::string key;
    key.reserve(database.size() + 1 + version.size());
    key += database;
    key += '\0';
    key += version;
    return key;
}

Result<Graph> GraphBuilder::build() {
    sort();
    check_versions();
    check_labels();
    link_lines();
    link_references();
    const std::vector<Index> order = topological_order();
    CHECK(problems_.check());
    renumber(order);
    spread_labels();
    return std::move(graph_);
}

void GraphBuilder::problem(std::string message, SourceSpan where, std::string remedy) {
    problems_.add(make_error(ErrorCode::kInvalidInput, std::move(message))
                      .at(std::move(where))
                      .with_remedy(std::move(remedy)));
}

SourceSpan GraphBuilder::file_of(Index index) const {
    SourceSpan where;
    where.file = graph_.at(index).where.file;
    return where;
}

// Brings the migrations into the order that breaks ties.
void GraphBuilder::sort() {
    std::vector<Migration>& given = graph_.ordered_;
    std::vector<std::string> keys;
    for (const Migration& migration : given) keys.push_back(version_sort_key(migration.id.version));
    std::vector<size_t> places(given.size());
    std::iota(places.begin(), places.end(), size_t{0});
    const auto rank = [&](size_t place) {
        const Migration& migration = given[place];
        return std::make_tuple(migration.scheme == Scheme::kRepeatable,
                               std::string_view(migration.id.database), std::string_view(keys[place]),
                               std::string_view(migration.id.version),
                               std::string_view(migration.where.file));
    };
    const auto comes_first = [&](size_t a, size_t b) { return rank(a) < rank(b); };
    if (!std::is_sorted(places.begin(), places.end(), comes_first)) {
        std::sort(places.begin(), places.end(), comes_first);
        given = in_order_of(places, std::move(given));
        keys = in_order_of(places, std::move(keys));
    }
    keys_ = std::move(keys);
    graph_.nodes_.resize(given.size());
    std::set<std::string_view> names;
    for (const Migration& migration : given) names.insert(migration.id.database);
    graph_.databases_.assign(names.begin(), names.end());
    graph_.by_id_.reserve(given.size());
}

void GraphBuilder::check_versions() {
    const char* const kRemedy = "rename one of them, so that each version is used once";
    for (Index index = 0; index < graph_.size(); ++index) {
        const Migration& migration = graph_.at(index);
        const MigrationId& id = migration.id;
        if (is_reserved_address(id.version) || id.version.find_first_of(":@") != std::string::npos) {
            problem("\"" + id.version + "\" cannot be a version: an address would read it as something else",
                    migration.where, "rename the file, or give its head another version");
        }
        const auto [same, added] = graph_.by_id_.try_emplace(id_key(id.database, id.version), index);
        if (!added) {
            problem("version " + name(index) + " is used by two files: " +
                        graph_.at(same->second).where.file + " and " + migration.where.file,
                    file_of(index), kRemedy);
            continue;
        }
        if (!is_linear(migration)) continue;
        std::string key = id_key(id.database, keys_[static_cast<size_t>(index)]);
        if (graph_.by_key_.empty() || graph_.by_key_.back().first != key) {
            graph_.by_key_.emplace_back(std::move(key), index);
            continue;
        }
        const Index equal = graph_.by_key_.back().second;
        problem("versions " + name(equal) + " and " + name(index) + " are one and the same in a line: " +
                    graph_.at(equal).where.file + " and " + migration.where.file,
                file_of(index), kRemedy);
    }
}

void GraphBuilder::check_labels() {
    for (Index index = 0; index < graph_.size(); ++index) {
        const Migration& migration = graph_.at(index);
        const SourceSpan& where = migration.labels_where.known() ? migration.labels_where : migration.where;
        for (const std::string& label : migration.labels) {
            if (is_reserved_address(label) || label.find_first_of(":@") != std::string::npos) {
                problem(
                    "\"" + label + "\" cannot be a branch label: an address would read it as something else",
                    where, "choose another label");
                continue;
            }
            const Migration* version = graph_.find({migration.id.database, label});
            if (version != nullptr) {
                problem("branch label " + label + " of " + name(index) + " is also the version of " +
                            version->where.file,
                        where, "choose another label");
                continue;
            }
            const auto [first, added] = graph_.by_label_.try_emplace({migration.id.database, label}, index);
            if (added || first->second == index) continue;
            problem("branch label " + label + " is used by two files: " +
                        graph_.at(first->second).where.file + " and " + migration.where.file,
                    where, "choose another label for one of them");
        }
    }
}

// Each migration without explicit parents follows the one before it in its line.
void GraphBuilder::link_lines() {
    Index before = -1;
    for (Index index = 0; index < graph_.size(); ++index) {
        const Migration& migration = graph_.at(index);
        if (!is_linear(migration)) continue;
        if (before >= 0 && graph_.at(before).id.database == migration.id.database) {
            node(index).parents.push_back(before);
        }
        before = index;
    }
}

void GraphBuilder::link_references() {
    for (Index index = 0; index < graph_.size(); ++index) {
        const Migration& migration = graph_.at(index);
        if (migration.explicit_parents) {
            for (const Reference& reference : migration.parents) link(index, reference, true);
        }
        for (const Reference& reference : migration.depends_on) link(index, reference, false);
        sort_and_drop_repeats(node(index).parents);
        sort_and_drop_repeats(node(index).dependencies);
        const std::vector<Index>& parents = node(index).parents;
        std::erase_if(node(index).dependencies,
                      [&](Index other) { return std::binary_search(parents.begin(), parents.end(), other); });
    }
}

std::optional<Index> GraphBuilder::resolve(const MigrationId& id) const {
    if (const Migration* version = graph_.find(id)) return graph_.index_of(*version);
    if (const Migration* labelled = graph_.find_label(id.database, id.version))
        return graph_.index_of(*labelled);
    if (const Migration* equal = graph_.find_equal(id.database, id.version)) return graph_.index_of(*equal);
    return std::nullopt;
}

void GraphBuilder::link(Index from, const Reference& reference, bool as_parent) {
    const Migration& migration = graph_.at(from);
    const SourceSpan where = reference.where.known() ? reference.where : migration.where;
    const std::string& own = migration.id.database;
    const MigrationId wanted{reference.id.database.empty() ? own : reference.id.database,
                             reference.id.version};
    if (as_parent && wanted.database != own) {
        return problem(name(from) + " names " + graph_.name(wanted) + " of another database as its parent",
                       where, "name it as a dependency instead: lineage stays within one database");
    }
    const auto found = resolve(wanted);
    if (!found) return report_unknown(from, reference, as_parent);
    if (*found == from) {
        return problem(name(from) + (as_parent ? " names itself as its parent" : " depends on itself"), where,
                       "name the migration that comes before it, or none");
    }
    if (graph_.repeatable(*found) && (as_parent || !graph_.repeatable(from))) {
        return problem(
            name(from) + " needs " + name(*found) + ", which is repeatable and runs after all others", where,
            "give what is needed a migration with a version of its own");
    }
    (as_parent ? node(from).parents : node(from).dependencies).push_back(*found);
}

void GraphBuilder::report_unknown(Index from, const Reference& reference, bool as_parent) {
    const Migration& migration = graph_.at(from);
    const SourceSpan where = reference.where.known() ? reference.where : migration.where;
    const std::string& database =
        reference.id.database.empty() ? migration.id.database : reference.id.database;
    const std::string needs = name(from) + (as_parent ? " follows " : " depends on ");
    if (!graph_.has_database(database)) {
        return problem(needs + database + ":" + reference.id.version + ", but no database " + database +
                           " has migrations",
                       where, "those with migrations are " + join(graph_.databases(), ", "));
    }
    std::optional<std::string> near;
    if (problems_.size() < kMaxSuggestions) {
        std::vector<std::string> versions;
        for (const Migration& other : graph_.in_order()) {
            if (other.id.database == database && &other != &migration) versions.push_back(other.id.version);
        }
        near = nearest(reference.id.version, versions);
    }
    problem(needs + graph_.name({database, reference.id.version}) + ", which no file has", where,
            near ? "did you mean " + *near + "?" : "add the missing file, or correct the name");
}

// Kahn's algorithm; what is ready leaves in the order of sort().
std::vector<Index> GraphBuilder::topological_order() {
    std::vector<int32_t> waiting_for(graph_.nodes_.size());
    for (Index index = 0; index < graph_.size(); ++index) {
        for (const Index parent : node(index).parents) node(parent).children.push_back(index);
        for (const Index other : node(index).dependencies) node(other).dependents.push_back(index);
        waiting_for[static_cast<size_t>(index)] =
            static_cast<int32_t>(node(index).parents.size() + node(index).dependencies.size());
    }
    std::priority_queue<Index, std::vector<Index>, std::greater<>> ready;
    for (Index index = 0; index < graph_.size(); ++index) {
        if (waiting_for[static_cast<size_t>(index)] == 0) ready.push(index);
    }
    std::vector<Index> order;
    const auto release = [&](Index index) {
        if (--waiting_for[static_cast<size_t>(index)] == 0) ready.push(index);
    };
    while (!ready.empty()) {
        const Index index = ready.top();
        ready.pop();
        order.push_back(index);
        for (const Index child : node(index).children) release(child);
        for (const Index other : node(index).dependents) release(other);
    }
    if (order.size() < waiting_for.size()) report_cycles(waiting_for);
    return order;
}

// Whatever still waits leads, from need to need, into a cycle.
void GraphBuilder::report_cycles(const std::vector<int32_t>& waiting_for) {
    const auto waits = [&](Index index) { return waiting_for[static_cast<size_t>(index)] > 0; };
    const auto next = [&](Index index) {
        for (const Index parent : node(index).parents) {
            if (waits(parent)) return parent;
        }
        return *std::find_if(node(index).dependencies.begin(), node(index).dependencies.end(), waits);
    };
    std::vector<Index> seen_from(waiting_for.size(), -1);
    for (Index start = 0; start < graph_.size(); ++start) {
        if (!waits(start)) continue;
        std::vector<Index> path;
        Index index = start;
        for (; seen_from[static_cast<size_t>(index)] < 0; index = next(index)) {
            seen_from[static_cast<size_t>(index)] = start;
            path.push_back(index);
        }
        if (seen_from[static_cast<size_t>(index)] != start) continue;
        path.erase(path.begin(), std::find(path.begin(), path.end(), index));
        report_cycle(path);
    }
}

void GraphBuilder::report_cycle(const std::vector<Index>& cycle) {
    std::string message = "migrations need each other in a circle: ";
    for (const Index index : cycle) message += name(index) + " (" + graph_.at(index).where.file + ") → ";
    message += name(cycle.front());
    problem(std::move(message), graph_.at(cycle.front()).where,
            "each arrow reads \"needs\"; remove one parent or dependency of the circle");
}

// From positions of sort() to those of the final order.
void GraphBuilder::renumber(const std::vector<Index>& order) {
    if (std::is_sorted(order.begin(), order.end())) return;
    std::vector<Index> new_index(order.size());
    for (size_t place = 0; place < order.size(); ++place) {
        new_index[static_cast<size_t>(order[place])] = static_cast<Index>(place);
    }
    const auto translate = [&](Index index) { return new_index[static_cast<size_t>(index)]; };
    const auto translate_all = [&](std::vector<Index>& indexes) {
        std::transform(indexes.begin(), indexes.end(), indexes.begin(), translate);
        std::sort(indexes.begin(), indexes.end());
    };
    graph_.ordered_ = in_order_of(order, std::move(graph_.ordered_));
    graph_.nodes_ = in_order_of(order, std::move(graph_.nodes_));
    for (Graph::Node& each : graph_.nodes_) {
        translate_all(each.parents);
        translate_all(each.children);
        translate_all(each.dependencies);
        translate_all(each.dependents);
    }
    for (auto& [id, index] : graph_.by_id_) index = translate(index);
    for (auto& [key, index] : graph_.by_key_) index = translate(index);
    for (auto& [label, index] : graph_.by_label_) index = translate(index);
}

void GraphBuilder::spread_labels() {
    for (const auto& [label, holder] : graph_.by_label_) {
        const auto number = static_cast<int32_t>(graph_.label_names_.size());
        graph_.label_names_.push_back(label.second);
        std::vector<bool> marked = graph_.with_descendants({&holder, 1}, Graph::Follow::kLineage);
        const auto inside_branch = [&](Index index) {
            const Graph::Node& each = node(index);
            return each.parents.size() <= 1 && each.children.size() + each.dependents.size() <= 1;
        };
        for (Index below = holder; inside_branch(below) && !graph_.parents(below).empty();) {
            below = graph_.parents(below).front();
            if (inside_branch(below)) marked[static_cast<size_t>(below)] = true;
        }
        for (Index index = 0; index < graph_.size(); ++index) {
            if (marked[static_cast<size_t>(index)]) node(index).labels.push_back(number);
        }
    }
}

}  // namespace godwit
