// The graph in the languages of two drawing programs. Arrows lead from what
// comes first to what follows; dashed ones are dependencies.
#include "base/text.h"
#include "plan/drawing.h"

namespace godwit {
namespace {

using Index = Graph::Index;

// How a standing is painted: the same in both languages.
struct Paint {
    const char* name;
    const char* fill;
    const char* stroke;
};
constexpr Paint kPaints[] = {
    {"applied", "#d9f2e3", "#2e7d4f"},
    {"pending", "#ffffff", "#767676"},
    {"trouble", "#fde2dd", "#b3261e"},
};

const Paint& paint_of(Standing standing) {
    if (standing == Standing::kApplied) return kPaints[0];
    if (standing == Standing::kPending || standing == Standing::kUnfinished) return kPaints[1];
    return kPaints[2];
}

std::string replaced(std::string_view text, std::string_view from, const std::vector<std::string_view>& to) {
    std::string out;
    for (const char c : text) {
        const size_t place = from.find(c);
        if (place == std::string_view::npos)
            out += c;
        else
            out += to[place];
    }
    return out;
}

// A quoted string of DOT; printable() has doubled no backslash, so that is done here.
std::string dot_text(std::string_view text) { return replaced(text, "\"\\", {"\\\"", "\\\\"}); }

// The text of a quoted Mermaid label: its own entity codes.
std::string mermaid_text(std::string_view text) {
    return replaced(text, "\"#<>&`", {"#quot;", "#35;", "#lt;", "#gt;", "#amp;", "#96;"});
}

// The lines of a node: version, description, remarks.
std::vector<std::string> lines_of(const Drawing& drawing, Index index) {
    const Migration& migration = drawing.graph().at(index);
    std::vector<std::string> lines = {printable(migration.id.version)};
    if (!migration.description.empty()) lines.push_back(printable(migration.description));
    const std::vector<std::string> remarks = drawing.remarks(index);
    if (!remarks.empty()) lines.push_back("(" + printable(join(remarks, ", ")) + ")");
    return lines;
}

std::string joined(const std::vector<std::string>& lines, std::string (*escape)(std::string_view),
                   std::string_view between) {
    std::string text;
    for (const std::string& line : lines) text += (text.empty() ? "" : std::string(between)) + escape(line);
    return text;
}

template <typename Draw>
void for_each_edge(const Drawing& drawing, Draw draw_edge) {
    const Graph& graph = drawing.graph();
    for (Index index = 0; index < graph.size(); ++index) {
        if (!drawing.shows(index)) continue;
        for (const Index parent : graph.parents(index)) {
            if (drawing.shows(parent)) draw_edge(parent, index, true);
        }
        for (const Index other : graph.dependencies(index)) {
            if (drawing.shows(other)) draw_edge(other, index, false);
        }
    }
}

std::string node_name(Index index) { return "m" + std::to_string(index); }

}  // namespace

std::string draw_dot(const Drawing& drawing) {
    std::string text = "digraph migrations {\n    rankdir=BT;\n    node [shape=box, style=filled];\n";
    for (size_t number = 0; number < drawing.databases().size(); ++number) {
        const std::string& database = drawing.databases()[number];
        text += "    subgraph cluster_" + std::to_string(number) + " {\n        label=\"" +
                dot_text(printable(database)) + "\";\n";
        for (const Index index : drawing.migrations(database)) {
            const Paint& paint = paint_of(drawing.state().row(drawing.graph(), index).standing);
            text += "        " + node_name(index) + " [label=\"" +
                    joined(lines_of(drawing, index), dot_text, "\\n") + "\", fillcolor=\"" + paint.fill +
                    "\", color=\"" + paint.stroke + "\"];\n";
        }
        text += "    }\n";
    }
    for_each_edge(drawing, [&](Index from, Index to, bool lineage) {
        text += "    " + node_name(from) + " -> " + node_name(to) +
                (lineage ? "" : " [style=dashed, constraint=false]") + ";\n";
    });
    return text + "}\n";
}

std::string draw_mermaid(const Drawing& drawing) {
    std::string text = "flowchart BT\n";
    for (size_t number = 0; number < drawing.databases().size(); ++number) {
        const std::string& database = drawing.databases()[number];
        text +=
            "    subgraph d" + std::to_string(number) + "[\"" + mermaid_text(printable(database)) + "\"]\n";
        for (const Index index : drawing.migrations(database)) {
            text += "        " + node_name(index) + "[\"" +
                    joined(lines_of(drawing, index), mermaid_text, "<br/>") +
                    "\"]:::" + paint_of(drawing.state().row(drawing.graph(), index).standing).name + "\n";
        }
        text += "    end\n";
    }
    for_each_edge(drawing, [&](Index from, Index to, bool lineage) {
        text += "    " + node_name(from) + (lineage ? " --> " : " -.-> ") + node_name(to) + "\n";
    });
    for (const Paint& paint : kPaints) {
        text += "    classDef " + std::string(paint.name) + " fill:" + paint.fill +
                ",stroke:" + paint.stroke + ",color:#1f1f1f\n";
    }
    return text;
}

}  // namespace godwit
