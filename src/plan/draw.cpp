#include "plan/draw.h"

#include <algorithm>

#include "plan/drawing.h"

namespace godwit {

using Index = Graph::Index;

Drawing::Drawing(const Graph& graph, const State& state, const DrawOptions& options)
    : graph_(graph),
      state_(state),
      options_(options),
      databases_(options.databases.empty() ? state.databases : options.databases),
      shown_(graph.in_order().size(), !options.only.has_value()),
      current_(graph.in_order().size(), false) {
    if (options.only) {
        for (const Index index : *options.only) shown_[static_cast<size_t>(index)] = true;
    }
    for (Index index = 0; index < graph.size(); ++index) {
        const std::string& database = graph.at(index).id.database;
        const bool selected = std::find(databases_.begin(), databases_.end(), database) != databases_.end();
        if (!selected) shown_[static_cast<size_t>(index)] = false;
    }
    for (const std::string& database : databases_) {
        bases_[database] = graph.bases(database).size();
        for (const Index index : state.applied_heads(graph, database))
            current_[static_cast<size_t>(index)] = true;
    }
}

std::vector<Index> Drawing::migrations(std::string_view database) const {
    std::vector<Index> found;
    for (Index index = 0; index < graph_.size(); ++index) {
        if (shows(index) && graph_.at(index).id.database == database) found.push_back(index);
    }
    return found;
}

std::vector<const StandingRow*> Drawing::without_file(std::string_view database) const {
    std::vector<const StandingRow*> found;
    if (options_.only) return found;
    for (const StandingRow& row : state_.rows) {
        if (row.migration == nullptr && row.id.database == database) found.push_back(&row);
    }
    return found;
}

// Where a database has several, a base says that it does not follow what is drawn below it.
bool Drawing::several_bases(Index index) const {
    return !graph_.repeatable(index) && graph_.parents(index).empty() &&
           bases_.at(graph_.at(index).id.database) > 1;
}

std::vector<std::string> Drawing::remarks(Index index) const {
    std::vector<std::string> remarks = graph_.at(index).labels;
    std::sort(remarks.begin(), remarks.end());
    if (graph_.repeatable(index)) {
        remarks.emplace_back("repeatable");
    } else if (graph_.children(index).empty()) {
        remarks.emplace_back("head");
    }
    if (several_bases(index)) remarks.emplace_back("base");
    if (current_[static_cast<size_t>(index)]) remarks.emplace_back("current");
    const Standing standing = state_.row(graph_, index).standing;
    if (standing != Standing::kApplied && standing != Standing::kPending)
        remarks.emplace_back(to_string(standing));
    return remarks;
}

std::string draw(const Graph& graph, const State& state, const DrawOptions& options) {
    const Drawing drawing(graph, state, options);
    switch (options.format) {
        case DrawFormat::kText:
            return draw_text(drawing);
        case DrawFormat::kDot:
            return draw_dot(drawing);
        case DrawFormat::kMermaid:
            return draw_mermaid(drawing);
    }
    return {};
}

}  // namespace godwit
