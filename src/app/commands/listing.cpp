// The commands that show the graph: current, history, heads, branches, show.
#include <fmt/format.h>

#include <algorithm>

#include "app/commands/commands.h"
#include "app/render.h"
#include "base/text.h"
#include "plan/draw.h"

namespace godwit {
namespace {

using Index = Graph::Index;

// The graph and the state of the selected databases.
struct View {
    Project* project;
    const Graph* graph;
    Status status;
};

Result<View> open_view(Session& session) {
    Project* project = TRY(session.project());
    Status status = TRY(project->status());
    const Graph* graph = TRY(project->graph());
    return View{project, graph, std::move(status)};
}

std::string marks(const View& view, Index index) {
    const Migration& migration = view.graph->at(index);
    std::vector<std::string> marks;
    if (!migration.labels.empty()) marks.push_back(join(migration.labels, ", "));
    if (view.graph->children(index).empty() && !view.graph->repeatable(index)) marks.emplace_back("head");
    if (view.graph->parents(index).size() > 1) marks.emplace_back("mergepoint");
    if (view.graph->children(index).size() > 1) marks.emplace_back("branchpoint");
    if (view.status.state.row(*view.graph, index).standing == Standing::kUnfinished)
        marks.emplace_back("unfinished");
    std::string text;
    for (const std::string& mark : marks) text += " (" + printable(mark) + ")";
    return text;
}

std::string line_of(const View& view, Index index) {
    const Migration& migration = view.graph->at(index);
    return printable(view.graph->name(migration.id)) + marks(view, index) +
           (migration.description.empty() ? "" : ", " + printable(migration.description));
}

std::vector<std::string> versions_of(const View& view, std::span<const Index> indexes) {
    std::vector<std::string> versions;
    for (const Index index : indexes) versions.push_back(view.graph->name(view.graph->at(index).id));
    return versions;
}

std::string details_of(const View& view, Index index) {
    const Migration& migration = view.graph->at(index);
    std::string text =
        fmt::format("Revision: {}{}\n", printable(view.graph->name(migration.id)), marks(view, index));
    const auto add = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) text += fmt::format("{}: {}\n", name, printable(value));
    };
    add("Description", migration.description);
    add("Parent", join(versions_of(view, view.graph->parents(index)), ", "));
    add("Depends on", join(versions_of(view, view.graph->dependencies(index)), ", "));
    add("Branches into", view.graph->children(index).size() > 1
                             ? join(versions_of(view, view.graph->children(index)), ", ")
                             : "");
    add("Labels", join(view.graph->labels(index), ", "));
    add("Author", migration.author);
    add("Created", migration.created);
    add("File", migration.where.file);
    add("Down file", migration.down_file);
    add("Format", migration.format);
    add("Checksum", migration.checksum);
    const StandingRow& row = view.status.state.row(*view.graph, index);
    text += fmt::format("Reversible: {}\n", is_reversible(row) ? "yes" : "no");
    text += fmt::format("State: {}", to_string(row.standing));
    if (row.entry != nullptr && row.entry->applied_at)
        text += " since " + show_time(*row.entry->applied_at) + " UTC";
    return text + "\n";
}

void write_revision(Json& json, const View& view, Index index) {
    const Migration& migration = view.graph->at(index);
    const auto list = [&](std::string_view name, const std::vector<std::string>& values) {
        json.key(name).array([&] {
            for (const std::string& value : values) json.text(value);
        });
    };
    json.object([&] {
        json.member("database", migration.id.database)
            .member("version", migration.id.version)
            .member("description", migration.description);
        json.member("file", migration.where.file)
            .member("format", migration.format)
            .member("checksum", migration.checksum);
        const StandingRow& row = view.status.state.row(*view.graph, index);
        json.member("state", to_string(row.standing));
        json.flag("head", view.graph->children(index).empty()).flag("reversible", is_reversible(row));
        list("parents", versions_of(view, view.graph->parents(index)));
        list("depends_on", versions_of(view, view.graph->dependencies(index)));
        list("labels", view.graph->labels(index));
    });
}

// Prints revisions as lines, in detail with -v, or as JSON.
void print_revisions(Session& session, const View& view, const std::vector<Index>& indexes) {
    if (session.output() == Output::kNdjson) {
        for (const Index index : indexes) {
            Json json(false);
            write_revision(json, view, index);
            session.print_line(json.finish());
        }
        return;
    }
    if (session.output() == Output::kJson) {
        Json json(true);
        json.object([&] {
            json.member("schema_version", int64_t{1}).member("command", session.arguments().command->name);
            json.key("migrations").array([&] {
                for (const Index index : indexes) write_revision(json, view, index);
            });
        });
        return session.print_line(json.finish());
    }
    for (const Index index : indexes)
        session.print_line(session.verbose() ? details_of(view, index) : line_of(view, index));
}

Result<int> current(Session& session) {
    const View view = TRY(open_view(session));
    std::vector<Index> heads;
    for (const std::string& database : view.project->settings().selected) {
        const std::vector<Index> own = view.status.state.applied_heads(*view.graph, database);
        heads.insert(heads.end(), own.begin(), own.end());
    }
    if (session.arguments().has("check-heads")) {
        for (const std::string& database : view.project->settings().selected) {
            if (view.status.state.applied_heads(*view.graph, database) == view.graph->heads(database))
                continue;
            return fail(make_error(ErrorCode::kConflict, printable(database) + " is not on its heads")
                            .with_remedy("`godwit up heads` brings it there."));
        }
    }
    print_revisions(session, view, heads);
    for (const StandingRow& row : view.status.state.rows) {
        if (row.migration == nullptr)
            session.remark(
                fmt::format("{} is recorded, but no file has it", printable(view.graph->name(row.id))));
    }
    return 0;
}

Result<int> heads(Session& session) {
    const View view = TRY(open_view(session));
    std::vector<Index> all;
    for (const std::string& database : view.project->settings().selected) {
        const std::vector<Index> own = view.graph->heads(database);
        all.insert(all.end(), own.begin(), own.end());
    }
    print_revisions(session, view, all);
    return 0;
}

Result<int> branches(Session& session) {
    const View view = TRY(open_view(session));
    std::vector<Index> all;
    for (const std::string& database : view.project->settings().selected) {
        const std::vector<Index> own = view.graph->branch_points(database);
        all.insert(all.end(), own.begin(), own.end());
    }
    if (session.output() != Output::kText) {
        print_revisions(session, view, all);
        return 0;
    }
    for (const Index index : all) {
        session.print_line(line_of(view, index));
        for (const Index child : view.graph->children(index))
            session.print_line("    -> " + line_of(view, child));
    }
    return 0;
}

Result<int> show(Session& session) {
    const View view = TRY(open_view(session));
    const std::vector<Index> meant =
        TRY(resolve(*view.graph, view.status.state, session.arguments().positionals.front(),
                    view.project->settings().selected));
    if (session.output() != Output::kText) {
        print_revisions(session, view, meant);
        return 0;
    }
    for (const Index index : meant) session.print(details_of(view, index));
    return 0;
}

Result<DrawFormat> draw_format(const std::string& text) {
    if (text == "text") return DrawFormat::kText;
    if (text == "dot") return DrawFormat::kDot;
    if (text == "mermaid") return DrawFormat::kMermaid;
    return fail(make_error(ErrorCode::kInvalidInput, "--graph does not know " + printable(text))
                    .with_remedy("It takes text, dot or mermaid."));
}

Result<int> history(Session& session) {
    const View view = TRY(open_view(session));
    const std::string range = session.arguments().value("rev-range");
    std::vector<Index> meant = TRY(resolve_range(*view.graph, view.status.state, range.empty() ? ":" : range,
                                                 view.project->settings().selected));
    if (session.arguments().has("graph")) {
        DrawOptions options;
        options.format = TRY(draw_format(session.arguments().value("graph")));
        options.databases = view.project->settings().selected;
        if (!range.empty()) options.only = meant;
        options.columns = session.verbose() ? 0 : 80;
        session.print(draw(*view.graph, view.status.state, options));
        return 0;
    }
    if (session.output() != Output::kText || session.verbose()) {
        std::reverse(meant.begin(), meant.end());
        print_revisions(session, view, meant);
        return 0;
    }
    for (auto index = meant.rbegin(); index != meant.rend(); ++index) {
        const std::vector<std::string> parents = versions_of(view, view.graph->parents(*index));
        const std::string now =
            view.status.state.is_applied(*index) && session.arguments().has("indicate-current") ? " (applied)"
                                                                                                : "";
        session.print_line(fmt::format("{} -> {}{}",
                                       parents.empty() ? "<base>" : printable(join(parents, ", ")),
                                       line_of(view, *index), now));
    }
    return 0;
}

template <Result<int> (*kCommand)(Session&)>
int run(Session& session) {
    Result<int> done = kCommand(session);
    return done ? *done : session.fail_with(done.error());
}

}  // namespace

CommandSpec current_command() {
    return {"current",   {},
            "",          0,
            0,           "show where each database stands",
            "",          {{"--check-heads", nullptr, "fail (status 4) when that is not the heads"}},
            run<current>};
}
CommandSpec heads_command() {
    return {"heads", {}, "", 0, 0, "show the newest migrations, one for each branch", "", {}, run<heads>};
}
CommandSpec branches_command() {
    return {"branches", {}, "", 0, 0, "show where the history branches", "", {}, run<branches>};
}
CommandSpec show_command() {
    return {"show", {}, "REV", 1, 1, "show one migration in detail", "", {}, run<show>};
}
CommandSpec history_command() {
    return {"history",
            {},
            "",
            0,
            0,
            "list the migrations, newest first",
            "",
            {{"-r,--rev-range", "A:B", "only what descends from A and leads to B"},
             {"-i,--indicate-current", nullptr, "mark what is applied"},
             {"--graph", "FORMAT", "draw it: text, dot or mermaid"}},
            run<history>};
}

}  // namespace godwit
