// Checks migrations and links them into a Graph; an inner part of Graph::build.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/graph.h"
#include "model/problems.h"

namespace godwit {

// Used once. Finds all problems in one go; a faulty reference is left out of
// the graph so that the search goes on behind it.
class GraphBuilder {
public:
    explicit GraphBuilder(std::vector<Migration> migrations);
    Result<Graph> build();

    static std::string id_key(std::string_view database, std::string_view version);

private:
    using Index = Graph::Index;

    void sort();
    void check_versions();
    void check_labels();
    void link_lines();
    void link_references();
    void link(Index from, const Reference& reference, bool as_parent);
    std::optional<Index> resolve(const MigrationId& id) const;
    void report_unknown(Index from, const Reference& reference, bool as_parent);
    std::vector<Index> topological_order();
    void report_cycles(const std::vector<int32_t>& waiting_for);
    void report_cycle(const std::vector<Index>& cycle);
    void renumber(const std::vector<Index>& order);
    void spread_labels();

    void problem(std::string message, SourceSpan where, std::string remedy);
    std::string name(Index index) const { return graph_.name(graph_.at(index).id); }
    SourceSpan file_of(Index index) const;
    Graph::Node& node(Index index) { return graph_.nodes_[static_cast<size_t>(index)]; }

    Graph graph_;                    // Positions are those of sort() until renumber().
    std::vector<std::string> keys_;  // version_sort_key by position.
    Problems problems_;
};

}  // namespace godwit
