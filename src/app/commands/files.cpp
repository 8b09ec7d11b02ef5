// The commands that write files: init, new, revision, merge.
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "app/commands/commands.h"
#include "app/render.h"
#include "base/process.h"
#include "base/text.h"
#include "format/new_file.h"
#include "sql/dialect.h"

namespace godwit {
namespace {

std::string now_text() {
    return show_time(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
}

Result<void> make_folder(const std::string& path) {
    for (size_t at = 1; at <= path.size(); ++at) {
        if (at != path.size() && path[at] != '/') continue;
        const std::string part = path.substr(0, at);
        if (mkdir(part.c_str(), 0777) != 0 && errno != EEXIST) {
            return fail(
                make_error(ErrorCode::kInvalidInput,
                           "cannot make the folder " + printable(part) + ": " + std::strerror(errno))
                    .with_remedy("Check what stands at that place, and that this user may write there."));
        }
    }
    return {};
}

void print_files(Session& session, const std::vector<std::string>& files, const std::string& version) {
    if (session.output() == Output::kText) {
        for (const std::string& file : files) session.print_line("wrote " + printable(file));
        return;
    }
    Json json(session.output() == Output::kJson);
    json.object([&] {
        json.member("schema_version", int64_t{1})
            .member("command", session.arguments().command->name)
            .member_if_any("version", version);
        json.key("files").array([&] {
            for (const std::string& file : files) json.text(file);
        });
    });
    session.print_line(json.finish());
}

// The one database that a new file can be for.
Result<const DatabaseSettings*> database_for_new(const Project& project) {
    if (project.settings().selected.size() != 1) {
        return fail(
            make_error(ErrorCode::kInvalidInput,
                       "this project has several databases: " + join(project.settings().selected, ", "))
                .with_remedy("Say which one the file is for: --databases NAME (or --database NAME)."));
    }
    for (const DatabaseSettings& database : project.settings().databases) {
        if (database.name == project.settings().selected.front()) return &database;
    }
    return fail(ErrorCode::kInternal, "the selected database is not in the settings");
}

std::vector<std::string> option_list(const Session& session, const std::string& key) {
    std::vector<std::string> list;
    const auto found = session.arguments().values.find(key);
    if (found == session.arguments().values.end()) return list;
    for (const std::string& value : found->second) {
        for (const std::string_view part : split_any(value, ", ")) list.emplace_back(part);
    }
    return list;
}

Result<std::string> wanted_text(const Session& session, const char* option) {
    std::string text = session.arguments().value(option);
    if (text.empty() && !session.arguments().positionals.empty())
        text = join(session.arguments().positionals, " ");
    if (trim(text).empty()) {
        return fail(make_error(ErrorCode::kInvalidInput,
                               fmt::format("{} needs a text that says what the migration does",
                                           session.arguments().command->name))
                        .with_remedy(fmt::format("For instance: godwit {} \"add email to users\"",
                                                 session.arguments().command->name)));
    }
    if (text.find_first_of("\r\n") != std::string::npos) {
        return fail(make_error(ErrorCode::kInvalidInput,
                               "the text that says what the migration does must be one line")
                        .with_remedy("Write more of it into the file."));
    }
    return text;
}

// A new file stands on files alone: addresses are read as if nothing were applied.
State nothing_applied(const Graph& graph, const DatabaseSettings& database) {
    return examine(graph, {{database.name, Ledger{}}});
}

// A second file of a version, or one that depends on nothing there is, would
// make every later command fail.
Result<void> check_new(const Graph& graph, const Project& project, const DatabaseSettings& database,
                       const NewMigration& migration) {
    if (const Migration* there = graph.find({database.name, migration.version})) {
        return fail(
            make_error(ErrorCode::kInvalidInput, "the version " + printable(migration.version) + " is taken")
                .at(there->where)
                .with_remedy("Choose another one with --rev-id, or leave it out."));
    }
    Ledgers all;
    for (const DatabaseSettings& each : project.settings().databases) all.emplace(each.name, Ledger{});
    const State state = examine(graph, all);
    for (std::string address : migration.depends_on) {
        const size_t colon = address.find(':');
        const bool elsewhere = colon != std::string::npos;
        const auto meant = databases_meant(address.substr(0, colon), project.settings().names());
        if (elsewhere && meant.size() == 1) address.replace(0, colon, meant.front());
        TRY(resolve(graph, state, address,
                    elsewhere ? std::vector<std::string>{} : std::vector<std::string>{database.name}));
    }
    return {};
}

// Parents of a new revision: --head, or the only head there is.
Result<std::vector<std::string>> parents_of_revision(Session& session, Project& project,
                                                     const DatabaseSettings& database) {
    const Graph* graph = TRY(project.graph());
    const State state = nothing_applied(*graph, database);
    std::string address = session.arguments().value("head", "head");
    std::vector<std::string> parents;
    if (graph->heads(database.name).empty() && address == "head") return parents;
    if (address == "base") return parents;
    for (const Graph::Index index : TRY(resolve(*graph, state, address, {database.name})))
        parents.push_back(graph->at(index).id.version);
    return parents;
}

Result<int> write_revision(Session& session, NewMigration migration) {
    Project* project = TRY(session.project());
    const DatabaseSettings* database = TRY(database_for_new(*project));
    CHECK(make_folder(database->migrations));
    migration.format = NewFormat::kRevision;
    migration.author = user_name();
    migration.created = now_text();
    migration.version = session.arguments().value("rev-id", new_revision_id());
    migration.depends_on = option_list(session, "depends-on");
    migration.labels = option_list(session, "branch-label");
    if (migration.parents.empty()) migration.parents = TRY(parents_of_revision(session, *project, *database));
    CHECK(check_new(*TRY(project->graph()), *project, *database, migration));
    print_files(session, TRY(write_new_migration(database->migrations, migration)), migration.version);
    return 0;
}

Result<int> revision_body(Session& session) {
    NewMigration migration;
    migration.description = TRY(wanted_text(session, "message"));
    return write_revision(session, std::move(migration));
}

Result<int> merge_body(Session& session) {
    NewMigration migration;
    Project* project = TRY(session.project());
    const DatabaseSettings* database = TRY(database_for_new(*project));
    const Graph* graph = TRY(project->graph());
    const State state = nothing_applied(*graph, *database);
    for (const std::string& address : session.arguments().positionals) {
        for (const Graph::Index index : TRY(resolve(*graph, state, address, {database->name})))
            migration.parents.push_back(graph->at(index).id.version);
    }
    std::sort(migration.parents.begin(), migration.parents.end());
    migration.parents.erase(std::unique(migration.parents.begin(), migration.parents.end()),
                            migration.parents.end());
    if (migration.parents.size() < 2) {
        return fail(
            make_error(ErrorCode::kInvalidInput, "merge needs two or more revisions that are not the same")
                .with_remedy("`godwit heads` shows what could be joined; `godwit merge heads -m TEXT` joins "
                             "them all."));
    }
    migration.description = session.arguments().value("message", "merge " + join(migration.parents, " and "));
    return write_revision(session, std::move(migration));
}

Result<int> new_body(Session& session) {
    if (session.arguments().value("format") == "revision") return revision_body(session);
    NewMigration migration;
    migration.description = TRY(wanted_text(session, "description"));
    Project* project = TRY(session.project());
    const DatabaseSettings* database = TRY(database_for_new(*project));
    const bool documents = dialect_of(database->kind()) == Dialect::kDocument;
    const std::string format = session.arguments().value("format", documents ? "json" : "sql");
    if (format == "json") {
        migration.format = NewFormat::kOperations;
    } else if (format != "sql") {
        return fail(make_error(ErrorCode::kInvalidInput, "--format does not know " + printable(format))
                        .with_remedy("It takes sql, revision or json."));
    } else if (documents) {
        return fail(make_error(ErrorCode::kInvalidInput, printable(database->name) + " does not speak SQL")
                        .with_remedy("Leave --format out: its migrations are JSON."));
    }
    CHECK(make_folder(database->migrations));
    migration.version = session.arguments().has("rev-id") ? session.arguments().value("rev-id")
                                                          : new_timestamp_version(database->migrations);
    migration.author = user_name();
    migration.created = now_text();
    migration.database_kind = database->kind();
    migration.depends_on = option_list(session, "depends-on");
    // Where another file is not yet filled in, this one may still be made.
    if (session.arguments().has("rev-id") || !migration.depends_on.empty()) {
        if (const Result<const Graph*> graph = project->graph())
            CHECK(check_new(**graph, *project, *database, migration));
    }
    print_files(session, TRY(write_new_migration(database->migrations, migration)), migration.version);
    return 0;
}

constexpr std::string_view kProjectFile = R"(# The project file of godwit; paths are relative to it.
# default_environment = "${STAGE:-dev}"

[database.main]
url = "@URL@"
migrations = "@FOLDER@"
history = "schema_migrations"

# [environment.prod]
# protected = true
# [environment.prod.database.main]
# url = "postgresql://app@db.example.com/app"
# password = "env:DB_PASSWORD"
)";

Result<int> init_body(Session& session) {
    const std::string folder = session.arguments().value("migrations", "migrations");
    std::string url = session.arguments().value("url", "sqlite:app.db");
    const DatabaseUrl parsed = TRY(parse_database_url(url));
    if (!parsed.password.empty()) {
        return fail(
            make_error(ErrorCode::kInvalidInput,
                       "the URL holds a password, which does not belong into a file")
                .with_remedy(
                    "Leave it out of the URL, and set password = \"env:DB_PASSWORD\" in godwit.toml."));
    }
    struct stat there = {};
    if (stat("godwit.toml", &there) == 0) {
        return fail(make_error(ErrorCode::kInvalidInput, "godwit.toml is there already")
                        .with_remedy("Edit it, or remove it first."));
    }
    std::string text(kProjectFile);
    text.replace(text.find("@URL@"), 5, url).replace(text.find("@FOLDER@"), 8, folder);
    CHECK(make_folder(folder));
    NewMigration migration;
    migration.description = "initial schema";
    migration.version = new_timestamp_version(folder);
    migration.author = user_name();
    migration.created = now_text();
    migration.database_kind = parsed.scheme.substr(0, parsed.scheme.find('+'));
    if (dialect_of(migration.database_kind) == Dialect::kDocument) migration.format = NewFormat::kOperations;
    std::vector<std::string> files = TRY(write_new_migration(folder, migration));
    std::ofstream project_file("godwit.toml");
    project_file << text << std::flush;
    if (!project_file) {
        return fail(make_error(ErrorCode::kInvalidInput,
                               std::string("cannot write godwit.toml: ") + std::strerror(errno))
                        .with_remedy("Make this folder writable; " + printable(files.front()) +
                                     " is written already."));
    }
    files.insert(files.begin(), "godwit.toml");
    print_files(session, files, migration.version);
    if (session.output() == Output::kText)
        session.print_line("Next: edit the migration, then `godwit plan` and `godwit up`.");
    return 0;
}

template <Result<int> (*kCommand)(Session&)>
int run(Session& session) {
    Result<int> done = kCommand(session);
    return done ? *done : session.fail_with(done.error());
}

const OptionSpec kMessage = {"-m,--message", "TEXT", "what it does"};
const OptionSpec kDependsOn = {"--depends-on", "REV…", "what must be applied before, also DATABASE:VERSION"};
const OptionSpec kRevisionId = {"--rev-id", "ID", "its version, instead of a new one"};

}  // namespace

CommandSpec init_command() {
    return {"init", {}, "", 0, 0, "write a project file and a first migration", "", {}, run<init_body>};
}
CommandSpec new_command() {
    return {"new",
            {"create"},
            "NAME",
            0,
            20,
            "write the next migration from a template",
            "",
            {{"--format", "FORMAT", "sql (default), revision or json (default where the database speaks no SQL)"},
             {"--database", "NAME", "the database it is for"},
             {"--description", "TEXT", "in place of NAME"},
             kMessage,
             kDependsOn,
             kRevisionId,
             {"--head", "REV", "with --format revision: its parent"},
             {"--branch-label", "LABEL…", "with --format revision"}},
            run<new_body>};
}
CommandSpec revision_command() {
    return {"revision",
            {},
            "[TEXT]",
            0,
            20,
            "write a revision file after the current head",
            "",
            {kMessage,
             {"--head", "REV", "its parent, instead of the only head; base for a new root"},
             {"--branch-label", "LABEL…", "name the branch"},
             kDependsOn,
             kRevisionId},
            run<revision_body>};
}
CommandSpec merge_command() {
    return {"merge",
            {},
            "REV…",
            1,
            100,
            "write a revision that joins several heads",
            "",
            {kMessage, {"--branch-label", "LABEL…", "name the branch"}, kRevisionId},
            run<merge_body>};
}

}  // namespace godwit
