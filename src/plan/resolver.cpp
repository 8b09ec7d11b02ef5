#include "plan/resolver.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/text.h"

namespace godwit {
namespace {

using Index = Graph::Index;

constexpr size_t kMaxCandidates = 5;  // More are counted, not listed.

std::string quoted(std::string_view text) { return "\"" + printable(text) + "\""; }

// Whether `symbol` is a beginning of the migration's version that could stand for it.
bool is_prefix(std::string_view symbol, const Migration& migration) {
    const std::string_view version = migration.id.version;
    if (!version.starts_with(symbol)) return false;
    // As Alembic: ids of up to three characters are written out.
    if (migration.explicit_parents) return version.size() > 3;
    switch (migration.scheme) {
        case Scheme::kTimestamp:
            return symbol.size() >= 4;  // A year at least.
        case Scheme::kDotted:
            return version.find_first_of(".-_", symbol.size()) == symbol.size();
        case Scheme::kRevision:
            return version.size() > 3;
        case Scheme::kNumber:  // 1 is never meant to be 10.
        case Scheme::kRepeatable:
            return false;
    }
    return false;
}

// Splits "rev+2" before its sign; false when there are no steps at its end.
Result<bool> split_steps(std::string_view text, Address& address) {
    const size_t sign = text.find_last_of("+-");
    if (sign == std::string_view::npos || sign + 1 == text.size()) return false;
    const std::string_view digits = text.substr(sign + 1);
    if (digits.find_first_not_of("0123456789") != std::string_view::npos) return false;
    int32_t count = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (parsed.ec != std::errc() || count == 0) {
        return fail(
            make_error(ErrorCode::kInvalidInput, quoted(address.text) + " moves by no usable number of steps")
                .with_remedy("write +N or -N with N from 1"));
    }
    address.symbol = text.substr(0, sign);
    address.steps = text[sign] == '-' ? -count : count;
    return true;
}

}  // namespace

std::string list_candidates(const Graph& graph, const std::vector<Index>& candidates) {
    std::string list;
    const size_t shown = std::min(candidates.size(), kMaxCandidates);
    for (size_t place = 0; place < shown; ++place) {
        const bool last = place + 1 == candidates.size();
        if (place > 0) list += last ? " or " : ", ";
        list += graph.name(graph.at(candidates[place]).id);
    }
    if (candidates.size() > shown) list += " and " + std::to_string(candidates.size() - shown) + " more";
    return list;
}

Error could_mean(const Graph& graph, ErrorCode code, std::string_view address,
                 const std::vector<Index>& candidates) {
    Error error = make_error(code, quoted(address) + " could mean " + list_candidates(graph, candidates));
    const size_t shown = std::min(candidates.size(), kMaxCandidates);
    for (size_t place = 0; place < shown; ++place) {
        const Migration& migration = graph.at(candidates[place]);
        error.details.push_back(graph.name(migration.id) + ": " + migration.where.file);
    }
    return error;
}

Resolver::Resolver(const Graph& graph, const State& state, std::vector<std::string> selected)
    : graph_(graph), state_(state), selected_(std::move(selected)) {
    if (selected_.empty()) selected_ = state.databases;
    std::sort(selected_.begin(), selected_.end());
    selected_.erase(std::unique(selected_.begin(), selected_.end()), selected_.end());
}

bool Resolver::is_selected(std::string_view database) const {
    return std::binary_search(selected_.begin(), selected_.end(), database);
}

Result<void> Resolver::check_selection() const {
    for (const std::string& database : selected_) {
        if (std::binary_search(state_.databases.begin(), state_.databases.end(), database)) continue;
        const auto near = nearest(database, state_.databases);
        return fail(make_error(ErrorCode::kInvalidInput, "there is no database " + quoted(database))
                        .with_remedy(near ? "did you mean " + *near + "?"
                                          : "the databases are " + join(state_.databases, ", ")));
    }
    return {};
}

Result<Address> Resolver::parse(std::string_view text) const {
    Address address;
    address.text = text;
    std::string_view rest = text;
    const size_t colon = text.find(':');
    if (colon != std::string_view::npos) {
        address.database = text.substr(0, colon);
        rest = text.substr(colon + 1);
        if (!std::binary_search(state_.databases.begin(), state_.databases.end(), address.database)) {
            const auto near = nearest(address.database, state_.databases);
            return fail(
                make_error(ErrorCode::kInvalidInput, quoted(text) + " names no database before its colon")
                    .with_remedy(near ? "did you mean " + *near + "?"
                                      : "the databases are " + join(state_.databases, ", ")));
        }
        if (!is_selected(address.database)) {
            return fail(
                make_error(ErrorCode::kInvalidInput, quoted(text) + " is of a database that is not selected")
                    .with_remedy("add it: --databases " + join(selected_, " ") + " " + address.database));
        }
    }
    const size_t at = rest.find('@');
    if (at != std::string_view::npos) {
        address.branch = rest.substr(0, at);
        rest = rest.substr(at + 1);
    }
    if (rest.empty() || (at == 0)) {
        return fail(make_error(ErrorCode::kInvalidInput, "the address " + quoted(text) + " is incomplete")
                        .with_remedy("name a version, head, heads, base, +N or -N"));
    }
    const std::vector<std::string> qualified = {address.database};
    // A version may hold a dash ("2.0.0-1"): what is written out comes before steps.
    if (names_something(std::string(rest), address.database.empty() ? selected_ : qualified) ||
        !TRY(split_steps(rest, address))) {
        address.symbol = rest;
    }
    return address;
}

bool Resolver::names_something(const std::string& symbol, const std::vector<std::string>& databases) const {
    return std::any_of(databases.begin(), databases.end(), [&](const std::string& database) {
        return graph_.find({database, symbol}) != nullptr || graph_.find_label(database, symbol) != nullptr;
    });
}

// The databases that an address speaks of, and its branch in each.
Result<Resolver::Scope> Resolver::scope_of(const Address& address) const {
    Scope scope;
    scope.databases = selected_;
    if (!address.database.empty()) scope.databases = {address.database};
    if (address.branch.empty()) return scope;
    const std::vector<Index> named = TRY(match(address.branch, scope));
    scope.databases.clear();
    for (const Index index : named) {
        scope.databases.push_back(graph_.at(index).id.database);
        scope.branches[graph_.at(index).id.database] = index;
    }
    std::sort(scope.databases.begin(), scope.databases.end());
    return scope;
}

// Marks what shares the lineage of the scope's branch; nothing when all do.
std::optional<std::vector<bool>> Resolver::lineage(const Scope& scope, const std::string& database) const {
    const auto branch = scope.branches.find(database);
    if (branch == scope.branches.end()) return std::nullopt;
    std::vector<bool> marked = graph_.with_ancestors({&branch->second, 1}, Graph::Follow::kLineage);
    const std::vector<bool> above = graph_.with_descendants({&branch->second, 1}, Graph::Follow::kLineage);
    for (size_t place = 0; place < marked.size(); ++place) marked[place] = marked[place] || above[place];
    return marked;
}

std::vector<Index> Resolver::on_branch(std::vector<Index> candidates, const Scope& scope,
                                       const std::string& database) const {
    const auto marked = lineage(scope, database);
    if (marked)
        std::erase_if(candidates, [&](Index index) { return !(*marked)[static_cast<size_t>(index)]; });
    return candidates;
}

// In each database the version itself, or the one that is equal in its line.
std::vector<Index> Resolver::match_exactly(const std::string& symbol, const Scope& scope) const {
    std::vector<Index> found;
    for (const std::string& database : scope.databases) {
        const Migration* exact = graph_.find({database, symbol});
        if (exact == nullptr) exact = graph_.find_equal(database, symbol);
        if (exact != nullptr) found.push_back(graph_.index_of(*exact));
    }
    return found;
}

std::vector<Index> Resolver::match_label(const std::string& symbol, const Scope& scope) const {
    std::vector<Index> found;
    for (const std::string& database : scope.databases) {
        const Migration* labelled = graph_.find_label(database, symbol);
        if (labelled != nullptr) found.push_back(graph_.index_of(*labelled));
    }
    return found;
}

std::vector<Index> Resolver::match_prefix(const std::string& symbol, const Scope& scope) const {
    std::vector<Index> found;
    for (Index index = 0; index < graph_.size(); ++index) {
        const Migration& migration = graph_.at(index);
        if (std::binary_search(scope.databases.begin(), scope.databases.end(), migration.id.database) &&
            is_prefix(symbol, migration)) {
            found.push_back(index);
        }
    }
    std::vector<Index> shared;
    for (const std::string& database : scope.databases) {
        for (const Index index : on_branch(found, scope, database)) {
            if (graph_.at(index).id.database == database) shared.push_back(index);
        }
    }
    return shared;
}

Result<std::vector<Index>> Resolver::match(const std::string& symbol, const Scope& scope) const {
    std::vector<Index> found = match_exactly(symbol, scope);
    if (found.empty()) found = match_label(symbol, scope);
    if (!found.empty()) {
        std::vector<Index> outside = found;
        for (const std::string& database : scope.databases) {
            for (const Index index : on_branch(found, scope, database)) std::erase(outside, index);
        }
        if (outside.size() < found.size()) {
            std::erase_if(found,
                          [&](Index index) { return std::count(outside.begin(), outside.end(), index) > 0; });
            return found;
        }
        const Index branch = scope.branches.at(graph_.at(found.front()).id.database);
        return fail(make_error(ErrorCode::kInvalidInput, list_candidates(graph_, found) +
                                                             " does not share the lineage of " +
                                                             graph_.name(graph_.at(branch).id))
                        .with_remedy("leave out the part before @, or name a migration of that branch"));
    }
    found = match_prefix(symbol, scope);
    if (found.empty()) return fail(unknown(symbol, scope));
    const bool one = std::all_of(found.begin(), found.end(), [&](Index index) {
        return graph_.at(index).id.version == graph_.at(found.front()).id.version;
    });
    if (one) return found;
    return fail(
        could_mean(graph_, ErrorCode::kInvalidInput, symbol, found).with_remedy("write more of the version"));
}

Error Resolver::unknown(const std::string& symbol, const Scope& scope) const {
    Error error = make_error(ErrorCode::kInvalidInput, "no migration is called " + quoted(symbol));
    for (const StandingRow& row : state_.rows) {
        if (row.migration != nullptr || row.id.version != symbol) continue;
        return std::move(error).with_detail(graph_.name(row.id) +
                                            " is recorded as applied, but no file has it");
    }
    std::vector<std::string> versions;
    for (const Migration& migration : graph_.in_order()) {
        const bool in_scope =
            std::binary_search(scope.databases.begin(), scope.databases.end(), migration.id.database);
        if (migration.id.version == symbol && !in_scope) {
            return std::move(error)
                .with_detail(graph_.name(migration.id) + " is of a database that is not selected")
                .with_remedy("select it with --databases " + migration.id.database);
        }
        if (!in_scope) continue;
        versions.push_back(migration.id.version);
        versions.insert(versions.end(), migration.labels.begin(), migration.labels.end());
    }
    const auto near = nearest(symbol, versions);
    return std::move(error).with_remedy(near ? "did you mean " + *near + "?" : "`godwit history` lists them");
}

}  // namespace godwit
