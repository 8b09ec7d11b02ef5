// The commands that change or check the record alone: stamp, repair, validate, lock.
#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/render.h"
#include "base/text.h"
#include "model/problems.h"

namespace godwit {
namespace {

void print_rows(Session& session, const std::vector<SettledRow>& rows, std::string_view nothing) {
    if (session.output() == Output::kText) {
        for (const SettledRow& row : rows) {
            const std::string database = session.several_databases() ? printable(row.id.database) + ": " : "";
            session.print_line(fmt::format("{}{} {}", database, printable(row.id.version), row.what));
        }
        if (rows.empty()) session.print_line(nothing);
        return;
    }
    Json json(session.output() == Output::kJson);
    json.object([&] {
        json.member("schema_version", int64_t{1}).member("command", session.arguments().command->name);
        json.key("migrations").array([&] {
            for (const SettledRow& row : rows) {
                json.object([&] {
                    json.member("database", row.id.database)
                        .member("version", row.id.version)
                        .member("what", row.what);
                });
            }
        });
    });
    session.print_line(json.finish());
}

Result<int> stamp_command_body(Session& session) {
    Project* project = TRY(session.project());
    const bool purge = session.arguments().has("purge");
    print_rows(session, TRY(project->stamp(session.arguments().positionals, purge)),
               "the history says so already");
    return 0;
}

Result<RepairRequest> repair_request(const Session& session) {
    using Action = RepairRequest::Action;
    RepairRequest request;
    int said = 0;
    for (const auto& [key, action] : {std::pair{"applied", Action::kApplied},
                                      {"reverted", Action::kReverted},
                                      {"step-done", Action::kStepDone},
                                      {"step-again", Action::kStepAgain},
                                      {"accept-checksum", Action::kAcceptChecksum}}) {
        const auto found = session.arguments().values.find(key);
        if (found == session.arguments().values.end()) continue;
        ++said;
        request.action = action;
        request.versions = found->second;
    }
    if (said > 1)
        return fail(make_error(ErrorCode::kInvalidInput, "repair settles one thing at a time")
                        .with_remedy("Use one of its options."));
    return request;
}

Result<int> repair_body(Session& session) {
    const RepairRequest request = TRY(repair_request(session));
    Project* project = TRY(session.project());
    const std::vector<SettledRow> rows = TRY(project->repair(request));
    print_rows(session, rows, "nothing to repair");
    if (request.action == RepairRequest::Action::kShow && !rows.empty() &&
        session.output() == Output::kText) {
        session.print_line(
            "Settle with --applied, --reverted, --step-done, --step-again or --accept-checksum; see `godwit "
            "help repair`.");
    }
    return 0;
}

// What is wrong with a database's history, as one error with all of it.
Result<void> check_history(const Status& status) {
    Error error;
    bool found = false;
    for (const StandingRow& row : status.state.rows) {
        ErrorCode code = ErrorCode::kConflict;
        std::string what;
        switch (row.standing) {
            case Standing::kEdited:
                what = "was edited after it was applied";
                break;
            case Standing::kMissing:
                what = "is applied, but no file has it";
                break;
            case Standing::kOutOfOrder:
                what = "is older than what is applied";
                break;
            case Standing::kFailed:
                what =
                    fmt::format("stopped after step {} of {}", row.entry->steps_done, row.entry->steps_total);
                code = ErrorCode::kNeedsRepair;
                break;
            case Standing::kApplied:
            case Standing::kPending:
            case Standing::kUnfinished:
            case Standing::kOutdated:
                continue;
        }
        const std::string text = row.id.version + " " + what;
        if (found) {
            error.details.push_back(text);
            continue;
        }
        found = true;
        error = make_error(code, text);
        if (row.migration != nullptr) error.where = row.migration->where;
    }
    if (!found) return {};
    return fail(std::move(error).with_remedy("`godwit status` shows all; `godwit repair` settles."));
}

Result<void> check_finished(const Project& project, const Status& status) {
    Problems problems;
    const auto& selected = project.settings().selected;
    for (const StandingRow& row : status.state.rows) {
        const bool meant = std::find(selected.begin(), selected.end(), row.id.database) != selected.end();
        const bool pending = row.standing == Standing::kUnfinished || row.standing == Standing::kOutOfOrder;
        if (meant && pending && row.migration->unfinished) problems.add(unfinished_error(*row.migration));
    }
    return problems.check();
}

// Reads every script to its end as its database would.
Result<int64_t> check_scripts(Project& project, const Graph& graph) {
    int64_t steps = 0;
    for (const Migration& migration : graph.in_order()) {
        const auto& selected = project.settings().selected;
        if (std::find(selected.begin(), selected.end(), migration.id.database) == selected.end()) continue;
        for (const Direction direction : {Direction::kUp, Direction::kDown}) {
            PlannedMigration planned;
            planned.migration = &migration;
            planned.direction = direction;
            steps += TRY(project.execution(planned)).steps;
        }
    }
    return steps;
}

Result<int> validate_body(Session& session) {
    Project* project = TRY(session.project());
    const Status status = TRY(project->status());
    const Graph* graph = TRY(project->graph());
    CHECK(check_finished(*project, status));
    const int64_t steps = TRY(check_scripts(*project, *graph));
    CHECK(check_history(status));
    // As `up` without a version would: several heads are a conflict.
    TRY(resolve(*graph, status.state, "head", project->settings().selected));
    const auto count = static_cast<int64_t>(graph->in_order().size());
    if (session.output() == Output::kText) {
        session.print_line(
            fmt::format("{} and {} are sound", count_of(count, "migration"), count_of(steps, "step")));
        for (const std::string& note : project->file_notes()) session.remark(printable(note));
        return 0;
    }
    Json json(session.output() == Output::kJson);
    json.object([&] {
        json.member("schema_version", int64_t{1})
            .member("command", "validate")
            .member("migrations", count)
            .member("steps", steps);
        json.key("notes").array([&] {
            for (const std::string& note : project->file_notes()) json.text(note);
        });
    });
    session.print_line(json.finish());
    return 0;
}

Result<int> lock_body(Session& session) {
    const std::vector<std::string>& words = session.arguments().positionals;
    const std::string action = session.arguments().typed_command == "unlock" ? "release"
                               : words.empty()                               ? "status"
                                                                             : words.front();
    if (action != "status" && action != "release") {
        return fail(make_error(ErrorCode::kInvalidInput, "lock does not know " + printable(action))
                        .with_remedy("It takes status or release."));
    }
    Project* project = TRY(session.project());
    std::vector<std::pair<std::string, std::string>> lines;
    if (action == "release") {
        for (const auto& [name, what] : TRY(project->release_locks(session.arguments().has("force"))))
            lines.emplace_back(name, what);
    }
    const std::map<std::string, LockStatus> all = TRY(project->lock_status());
    if (action == "status") {
        for (const auto& [name, status] : all) {
            std::string text = "free";
            if (status.held) {
                text = "held by " + printable(status.holder) +
                       (status.since.empty() ? "" : " since " + status.since);
                if (!status.detail.empty()) text += " (" + printable(status.detail) + ")";
            }
            lines.emplace_back(name, text);
        }
    }
    if (session.output() == Output::kText) {
        for (const auto& [name, text] : lines) session.print_line(printable(name) + ": " + text);
        return 0;
    }
    Json json(session.output() == Output::kJson);
    json.object([&] {
        json.member("schema_version", int64_t{1}).member("command", "lock").member("action", action);
        json.key("databases").array([&] {
            for (const auto& [name, status] : all) {
                json.object([&] {
                    json.member("name", name)
                        .flag("held", status.held)
                        .member_if_any("holder", status.holder);
                    json.member_if_any("since", status.since).member_if_any("detail", status.detail);
                });
            }
        });
    });
    session.print_line(json.finish());
    return 0;
}

template <Result<int> (*kCommand)(Session&)>
int run(Session& session) {
    Result<int> done = kCommand(session);
    return done ? *done : session.fail_with(done.error());
}

}  // namespace

CommandSpec stamp_command() {
    return {"stamp",
            {},
            "REV…",
            1,
            100,
            "record where a database stands, without running anything",
            "Afterwards the history holds exactly REV and what leads to it: for taking over a database, or\n"
            "for making a lost history anew (stamp head). base empties it.",
            {{"--purge", nullptr, "empty the history first, whatever it holds"}},
            run<stamp_command_body>};
}

CommandSpec repair_command() {
    return {"repair",
            {},
            "",
            0,
            0,
            "show what a crash left in doubt, and settle it",
            "Without an option it only shows. The schema is never touched.",
            {{"--applied", "V…", "V is applied: complete its record"},
             {"--reverted", "V…", "V is not applied: remove it from the record"},
             {"--step-done", "V…", "the step of V that is in doubt took effect: go on after it"},
             {"--step-again", "V…", "the step of V that is in doubt is safe to run again"},
             {"--accept-checksum", "V…", "the file of V was edited on purpose"}},
            run<repair_body>};
}

CommandSpec validate_command() {
    return {"validate", {}, "",
            0,          0,  "check files, graph and history without touching the schema",
            "",         {}, run<validate_body>};
}

CommandSpec lock_command() {
    return {"lock",
            {"unlock"},
            "[status|release]",
            0,
            1,
            "show who holds the lock, or release it",
            "`unlock` is `lock release`.",
            {{"--force", nullptr, "release it even from a holder that seems alive"}},
            run<lock_body>};
}

}  // namespace godwit
