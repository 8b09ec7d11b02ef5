#include "app/commands/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/commands/commands.h"
#include "app/exit_status.h"
#include "app/render.h"
#include "base/text.h"

namespace godwit {
namespace {

constexpr size_t kShownStatement = 100;

std::string one_line(std::string_view statement) {
    std::string text;
    for (const std::string_view word : split_any(statement, " \t\r\n")) {
        if (!text.empty()) text.push_back(' ');
        text += word;
        if (text.size() > kShownStatement) break;
    }
    return fit(printable(text), kShownStatement);
}

std::string how(const Execution& execution) {
    if (execution.transactional) return "in one transaction";
    return "statement by statement: " + execution.why_not +
           (execution.why_where.known() ? " (" + to_string(execution.why_where) + ")" : "");
}

Result<void> print_text(Session& session, Project& project, const Plan& plan) {
    for (const PlannedMigration& planned : plan.migrations) {
        const Migration& migration = *planned.migration;
        const Execution execution = TRY(project.execution(planned));
        const std::string database = session.several_databases() ? migration.id.database + ":" : "";
        session.print_line(fmt::format("{} {}{} {}", planned.direction == Direction::kUp ? "up  " : "down",
                                       printable(database), printable(migration.id.version),
                                       printable(migration.description)));
        session.print_line(
            fmt::format("     why: {}; {}", printable(planned.why), printable(how(execution))));
        int32_t number = 0;
        for (const PlannedStep& step : TRY(project.steps(planned))) {
            if (number++ < planned.steps_done) continue;
            session.print_line(fmt::format("     {}:{} {}", printable(step.where.file), step.where.line,
                                           one_line(step.text)));
        }
    }
    for (const std::string& note : plan.notes) session.print_line(printable(note));
    const auto count = static_cast<int64_t>(plan.migrations.size());
    const bool finished =
        std::none_of(plan.migrations.begin(), plan.migrations.end(),
                     [](const PlannedMigration& each) { return each.migration->unfinished.has_value(); });
    const char* would = finished ? " would run" : " would run once the unfinished ones are written";
    session.print_line(plan.empty() ? std::string("nothing to do") : count_of(count, "migration") + would);
    return {};
}

Result<void> print_sql(Session& session, Project& project, const Plan& plan) {
    for (const PlannedMigration& planned : plan.migrations) {
        const Execution execution = TRY(project.execution(planned));
        session.print_line(
            fmt::format("-- {} {} {} ({})", planned.direction == Direction::kUp ? "up" : "down",
                        printable(planned.migration->id.version), printable(planned.migration->description),
                        printable(planned.migration->where.file)));
        if (planned.migration->unfinished)
            session.print_line("-- Unfinished: its statements are still to be written.");
        if (execution.transactional) session.print_line("BEGIN;");
        CHECK(project.visit_steps(planned, [&](const ReadStep& step) -> Result<void> {
            session.print_line(step.step.body + ";");
            if (!step.data) return {};
            for (std::string_view data = TRY(step.data()); !data.empty(); data = TRY(step.data()))
                session.print(data);
            session.print_line("\\.");
            return {};
        }));
        if (execution.transactional) session.print_line("COMMIT;");
        session.print_line("");
    }
    session.print_line(
        "-- The history is not part of this script: after running it, record it with `godwit stamp`.");
    return {};
}

Result<void> write_planned(Json& json, Project& project, const PlannedMigration& planned) {
    const Migration& migration = *planned.migration;
    const Execution execution = TRY(project.execution(planned));
    const std::vector<PlannedStep> steps = TRY(project.steps(planned));
    json.object([&] {
        json.member("database", migration.id.database).member("version", migration.id.version);
        json.member("description", migration.description)
            .member("direction", planned.direction == Direction::kUp ? "up" : "down");
        json.member("file", migration.where.file).member("why", planned.why);
        json.flag("transactional", execution.transactional)
            .member_if_any("why_not_transactional", execution.why_not);
        json.flag("resuming", planned.resuming).member("steps_done", int64_t{planned.steps_done});
        json.key("steps").array([&] {
            for (const PlannedStep& step : steps) {
                json.object([&] {
                    json.member("line", int64_t{step.where.line})
                        .member("column", int64_t{step.where.column});
                    json.member("text", step.text).flag("alone", step.alone);
                });
            }
        });
    });
    return {};
}

Result<void> print_json(Session& session, Project& project, const Plan& plan) {
    if (session.output() == Output::kNdjson) {
        for (const PlannedMigration& planned : plan.migrations) {
            Json json(false);
            CHECK(write_planned(json, project, planned));
            session.print_line(json.finish());
        }
        return {};
    }
    Json json(true);
    Result<void> written;
    json.object([&] {
        json.member("schema_version", int64_t{1}).member("command", "plan");
        json.key("migrations").array([&] {
            for (const PlannedMigration& planned : plan.migrations) {
                if (written) written = write_planned(json, project, planned);
            }
        });
    });
    CHECK(written);
    session.print_line(json.finish());
    return {};
}

int run_plan(Session& session) {
    Goal goal;
    if (!session.arguments().positionals.empty()) goal.address = session.arguments().positionals.front();
    if (session.arguments().has("down")) goal.direction = Direction::kDown;
    PlanOptions options;
    options.allow_out_of_order = session.arguments().has("allow-out-of-order");
    Result<int> done = show_plan(session, goal, options);
    return done ? *done : session.fail_with(done.error());
}

}  // namespace

Result<int> show_plan(Session& session, const Goal& goal, PlanOptions options) {
    options.show_unfinished = true;
    Project* project = TRY(session.project());
    const Plan plan = TRY(project->plan(goal, options));
    if (session.output() != Output::kText)
        CHECK(print_json(session, *project, plan));
    else if (session.arguments().has("sql"))
        CHECK(print_sql(session, *project, plan));
    else
        CHECK(print_text(session, *project, plan));
    return session.arguments().has("exit-code") && !plan.empty() ? kExitPending : kExitDone;
}

CommandSpec plan_command() {
    return {"plan",
            {},
            "[VERSION]",
            0,
            1,
            "show what would run, statement by statement, and why",
            "Changes nothing. `up --dry-run` does the same.",
            {{"--down", nullptr, "plan the way down"},
             {"--sql", nullptr, "print it as a script"},
             {"--allow-out-of-order", nullptr, "take older versions that came later, too"},
             {"--exit-code", nullptr, "status 3 when something would run"}},
            run_plan};
}

}  // namespace godwit
