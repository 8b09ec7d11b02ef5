// Draws the graph of migrations for a person, as text, DOT or Mermaid. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/graph.h"
#include "plan/state.h"

namespace godwit {

enum class DrawFormat : uint8_t {
    kText,     // Newest first, a column for each branch, as `git log --graph` has it.
    kDot,      // For Graphviz.
    kMermaid,  // For Markdown: https://mermaid.js.org/syntax/flowchart.html
};

struct DrawOptions {
    DrawFormat format = DrawFormat::kText;
    std::vector<std::string> databases = {};             // Empty: all.
    std::optional<std::vector<Graph::Index>> only = {};  // What resolve_range() found; without it all.
    bool ascii = false;                                  // kText: no characters beyond ASCII.
    size_t columns = 0;                                  // kText: descriptions are cut to fit; 0: never.
};

// In text each row reads: mark, version, description, and in brackets the
// labels, "head", "base" where there are several, "current" (newest applied) and any standing that is neither
// applied nor pending, then what it depends on beside its parents. The marks:
// ● (*) applied, ○ (o) pending, ◐ (%) half done, ◆ (!) edited, missing, changed
// or out of order. Every line ends with a newline; an empty graph draws nothing
// as text.
std::string draw(const Graph& graph, const State& state, const DrawOptions& options);

}  // namespace godwit
