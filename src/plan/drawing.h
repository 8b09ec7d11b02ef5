// The inner parts of draw().
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plan/draw.h"

namespace godwit {

// What is drawn: the options applied to the graph.
class Drawing {
public:
    Drawing(const Graph& graph, const State& state, const DrawOptions& options);

    const Graph& graph() const { return graph_; }
    const State& state() const { return state_; }
    const DrawOptions& options() const { return options_; }
    const std::vector<std::string>& databases() const { return databases_; }
    bool shows(Graph::Index index) const { return shown_[static_cast<size_t>(index)]; }
    // Those of one database, in graph order.
    std::vector<Graph::Index> migrations(std::string_view database) const;
    // Records without a file, of one database; none when only a range is drawn.
    std::vector<const StandingRow*> without_file(std::string_view database) const;
    // "left", "head", "base", "current", "edited", ...
    std::vector<std::string> remarks(Graph::Index index) const;

private:
    bool several_bases(Graph::Index index) const;

    const Graph& graph_;
    const State& state_;
    const DrawOptions& options_;
    std::vector<std::string> databases_;
    std::vector<bool> shown_;
    std::vector<bool> current_;
    std::map<std::string, size_t> bases_;  // How many each database has.
};

std::string draw_text(const Drawing& drawing);
std::string draw_dot(const Drawing& drawing);
std::string draw_mermaid(const Drawing& drawing);

}  // namespace godwit
