#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/commands/plan.h"
#include "app/render.h"
#include "base/text.h"

namespace godwit {
namespace {

const OptionSpec kTransactionMode = {"--tx-mode", "MODE",
                                     "file (a transaction per migration), all (one for everything) or none"};
const OptionSpec kDryRun = {"--dry-run", nullptr, "show the plan and change nothing"};

Result<RunOptions> run_options(const Session& session, const std::string& command) {
    RunOptions options;
    options.command = command;
    const std::string mode = session.arguments().value("tx-mode", "file");
    if (mode == "all")
        options.transaction_mode = TransactionMode::kAll;
    else if (mode == "none")
        options.transaction_mode = TransactionMode::kNone;
    else if (mode != "file") {
        return fail(make_error(ErrorCode::kInvalidInput, "--tx-mode does not know " + printable(mode))
                        .with_remedy("It takes file, all or none."));
    }
    options.plan.allow_out_of_order = session.arguments().has("allow-out-of-order");
    return options;
}

Result<Goal> goal_of(const Session& session, Direction direction) {
    Goal goal;
    goal.direction = direction;
    std::vector<std::string> said = session.arguments().positionals;
    for (const char* key : {"to", "target-version", "version"}) {
        const auto found = session.arguments().values.find(key);
        if (found != session.arguments().values.end())
            said.insert(said.end(), found->second.begin(), found->second.end());
    }
    if (said.size() > 1) {
        return fail(make_error(ErrorCode::kInvalidInput, fmt::format("two versions are named: {} and {}",
                                                                     printable(said[0]), printable(said[1])))
                        .with_remedy("Name one."));
    }
    if (!said.empty()) goal.address = said.front();
    return goal;
}

// Plans first where a person may have to confirm; the run plans again under the lock.
Result<void> confirm(Session& session, Project& project, const Goal& goal, const RunOptions& options) {
    if (!project.settings().is_protected) return {};
    const Plan plan = TRY(project.plan(goal, options.plan));
    return confirm_destructive(session, project, plan);
}

Result<int> move(Session& session, Direction direction) {
    Project* project = TRY(session.project());
    const RunOptions options = TRY(run_options(session, direction == Direction::kUp ? "up" : "down"));
    const Goal goal = TRY(goal_of(session, direction));
    if (session.arguments().has("dry-run")) return show_plan(session, goal, options.plan);
    CHECK(confirm(session, *project, goal, options));
    const Report report =
        direction == Direction::kUp ? project->up(goal, options) : project->down(goal, options);
    return finish_report(session, report, direction);
}

int run_up(Session& session) {
    Result<int> done = move(session, Direction::kUp);
    return done ? *done : session.fail_with(done.error());
}

int run_down(Session& session) {
    Result<int> done = move(session, Direction::kDown);
    return done ? *done : session.fail_with(done.error());
}

Result<int> redo(Session& session) {
    Project* project = TRY(session.project());
    const RunOptions options = TRY(run_options(session, "redo"));
    Goal goal;
    goal.direction = Direction::kDown;
    CHECK(confirm(session, *project, goal, options));
    return finish_report(session, project->redo(options), Direction::kUp);
}

int run_redo(Session& session) {
    Result<int> done = redo(session);
    return done ? *done : session.fail_with(done.error());
}

}  // namespace

CommandSpec up_command() {
    return {"up",
            {"migrate", "upgrade"},
            "[VERSION]",
            0,
            1,
            "apply what is pending, up to VERSION",
            "VERSION is a version, an unambiguous beginning of one, head, heads, +N, LABEL@head or "
            "DATABASE:VERSION.\n"
            "Each migration is one transaction with its row in the history; what the server refuses inside\n"
            "one runs statement by statement with a journal, and goes on where it stopped.",
            {{"--to", "VERSION", "the same as VERSION"},
             {"--target-version", "VERSION", "the same"},
             {"--version", "VERSION", "the same"},
             kDryRun,
             kTransactionMode,
             {"--allow-out-of-order", nullptr, "apply older versions that came later, too"},
             {"--exit-code", nullptr, "with --dry-run: status 3 when something would run"},
             {"--sql", nullptr, "with --dry-run: as a script"}},
            run_up};
}

CommandSpec down_command() {
    return {"down",
            {"rollback", "downgrade"},
            "[VERSION]",
            0,
            1,
            "revert one migration, or all after VERSION",
            "Without VERSION the newest applied migration is reverted. With VERSION everything after it is,\n"
            "and VERSION stays. -N reverts N, base reverts all.",
            {{"--to", "VERSION", "the same as VERSION"},
             {"--target-version", "VERSION", "the same"},
             {"--version", "VERSION", "the same"},
             kDryRun,
             kTransactionMode,
             {"--exit-code", nullptr, "with --dry-run: status 3 when something would run"},
             {"--sql", nullptr, "with --dry-run: as a script"}},
            run_down};
}

CommandSpec redo_command() {
    return {"redo",  {}, "", 0, 0, "revert the newest migration and apply it again", "", {kTransactionMode},
            run_redo};
}

}  // namespace godwit
