// The commands that bring demo and test data: setup, seed.
#include <fmt/format.h>

#include <charconv>

#include "app/commands/commands.h"
#include "app/exit_status.h"
#include "app/json.h"
#include "app/render.h"
#include "base/text.h"

namespace godwit {
namespace {

const OptionSpec kSeed = {"--seed", "N", "the random seed, instead of the file's"};
const OptionSpec kNow = {"--now", "TIME", "what times count from, instead of now: 2025-01-31T12:00:00Z"};
const OptionSpec kSeeds = {"--seeds", "FILE", "the seed file, instead of the project file's"};

Result<int64_t> whole_number(const std::string& option, const std::string& text) {
    int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code == std::errc() && end == text.data() + text.size() && number >= 0) return number;
    return fail(make_error(ErrorCode::kInvalidInput, fmt::format("--{} takes a whole number, not {}",
                                                                 printable(option), printable(text))));
}

Result<SeedRequest> seed_request(const Session& session, seed::Purpose purpose) {
    SeedRequest request;
    request.purpose = purpose;
    for (const auto& [name, text] : session.arguments().parameters) {
        request.parameters.emplace_back(name, TRY(whole_number(name, text)));
    }
    if (const std::string text = session.arguments().value("seed"); !text.empty()) {
        request.seed = static_cast<uint64_t>(TRY(whole_number("seed", text)));
    }
    if (const std::string text = session.arguments().value("now"); !text.empty()) {
        request.now = seed::parse_instant(text);
        if (!request.now) {
            return fail(make_error(ErrorCode::kInvalidInput, "--now does not understand " + printable(text))
                            .with_remedy("It takes a time such as 2025-01-31T12:00:00Z."));
        }
    }
    return request;
}

int64_t written_in(const SeedOutcome& tables) {
    int64_t rows = 0;
    for (const auto& [table, counts] : tables) rows += counts.written;
    return rows;
}

int64_t removed_in(const ClearOutcome& tables) {
    int64_t rows = 0;
    for (const auto& [table, counts] : tables) rows += counts.removed;
    return rows;
}

void print_seeded(Session& session, const SeedReport& report, seed::Purpose purpose) {
    for (const SeedReport::Database& database : report.databases) {
        const int64_t written = written_in(database.tables);
        session.print_line(fmt::format("{}: {} of {} data seeded, random seed {}, times count from {}",
                                       printable(database.name), count_of(written, "row"),
                                       seed::to_string(purpose), database.seed, database.now));
        std::vector<std::vector<std::string>> rows;
        for (const auto& [table, counts] : database.tables) {
            const std::string there =
                counts.present == 0 ? "" : fmt::format("{} there already", counts.present);
            rows.push_back({table, std::to_string(counts.written), there});
        }
        session.print(table(rows, 0, "  "));
    }
}

void write_seeded(Json& json, const SeedReport& report) {
    json.key("databases").array([&] {
        for (const SeedReport::Database& database : report.databases) {
            json.object([&] {
                json.member("database", database.name).member("file", database.file);
                json.member("seed", static_cast<int64_t>(database.seed)).member("now", database.now);
                json.key("tables").array([&] {
                    for (const auto& [table, counts] : database.tables) {
                        json.object([&] {
                            json.member("table", table)
                                .member("written", counts.written)
                                .member("present", counts.present);
                        });
                    }
                });
            });
        }
    });
}

void print_report(Session& session, const SeedReport& report, seed::Purpose purpose) {
    if (session.output() == Output::kText) return print_seeded(session, report, purpose);
    Json json(session.output() == Output::kJson);
    json.object([&] {
        json.member("schema_version", int64_t{1}).member("command", session.arguments().command->name);
        json.member("purpose", seed::to_string(purpose));
        write_seeded(json, report);
    });
    session.print_line(json.finish());
}

Error nothing_to_seed(const Project& project, seed::Purpose purpose) {
    for (const DatabaseSettings& database : project.settings().databases) {
        if (database.seeds.empty()) continue;
        return make_error(ErrorCode::kInvalidInput,
                          fmt::format("the seed file {} has no {} data", printable(database.seeds),
                                      seed::to_string(purpose)))
            .with_remedy(fmt::format("Add it under \"{}\".", seed::to_string(purpose)));
    }
    return make_error(ErrorCode::kInvalidInput, "no seed file is named")
        .with_remedy("Add `seeds = \"seeds.json\"` to [database.main] in godwit.toml, or use --seeds FILE.");
}

Result<int> seed_data(Session& session, seed::Purpose purpose, std::vector<std::string> scenarios) {
    Project* project = TRY(session.project());
    SeedRequest request = TRY(seed_request(session, purpose));
    request.scenarios = std::move(scenarios);
    SeedPlan plan = TRY(project->plan_seeds(request));
    if (plan.databases.empty()) return fail(nothing_to_seed(*project, purpose));
    for (const SeedPlan::Database& part : plan.databases) {
        if (part.refusal) return fail(*part.refusal);
    }
    print_report(session, TRY(project->seed(std::move(plan))), purpose);
    return kExitDone;
}

// Where rows that were seeded are to go from what has become protected since.
Result<void> confirm_clear(const Session& session, const Project& project) {
    if (!session.arguments().has("confirm")) {
        return fail(make_error(ErrorCode::kInvalidInput, "seed clear removes every row that was seeded")
                        .with_remedy("Confirm it with --confirm; rows of others stay."));
    }
    if (!project.settings().is_protected) return {};
    const auto named = session.arguments().values.find("yes-to");
    for (const std::string& name : project.settings().selected) {
        const bool confirmed =
            named != session.arguments().values.end() &&
            std::find(named->second.begin(), named->second.end(), name) != named->second.end();
        if (confirmed) continue;
        return fail(
            make_error(ErrorCode::kInvalidInput, fmt::format("the environment {} is protected",
                                                             printable(project.settings().environment)))
                .with_remedy(fmt::format("Confirm it with --yes-to {} as well; nothing was removed.",
                                         printable(name))));
    }
    return {};
}

void print_cleared(Session& session, const ClearReport& report) {
    for (const ClearReport::Database& database : report.databases) {
        const int64_t removed = removed_in(database.tables);
        session.print_line(
            database.tables.empty()
                ? fmt::format("{}: nothing was seeded", printable(database.name))
                : fmt::format("{}: {} removed", printable(database.name), count_of(removed, "row")));
        std::vector<std::vector<std::string>> rows;
        for (const auto& [table, counts] : database.tables) {
            rows.push_back({table, std::to_string(counts.removed),
                            counts.gone == 0 ? "" : fmt::format("{} gone before", counts.gone)});
        }
        session.print(table(rows, 0, "  "));
    }
    if (report.databases.empty()) session.print_line("nothing was seeded");
}

Result<int> clear(Session& session) {
    Project* project = TRY(session.project());
    CHECK(confirm_clear(session, *project));
    const ClearReport report = TRY(project->clear_seeds());
    if (session.output() == Output::kText) {
        print_cleared(session, report);
        return kExitDone;
    }
    Json json(session.output() == Output::kJson);
    json.object([&] {
        json.member("schema_version", int64_t{1}).member("command", "seed").member("purpose", "clear");
        json.key("databases").array([&] {
            for (const ClearReport::Database& database : report.databases) {
                json.object([&] {
                    json.member("database", database.name);
                    json.key("tables").array([&] {
                        for (const auto& [table, counts] : database.tables) {
                            json.object([&] {
                                json.member("table", table)
                                    .member("removed", counts.removed)
                                    .member("gone", counts.gone);
                            });
                        }
                    });
                });
            }
        });
    });
    session.print_line(json.finish());
    return kExitDone;
}

// `seed demo`, `seed --action seed-demo`.
Result<std::string> action_of(const Session& session, std::vector<std::string>& scenarios) {
    scenarios = session.arguments().positionals;
    std::string action = session.arguments().value("action");
    if (action.empty() && !scenarios.empty()) {
        action = scenarios.front();
        scenarios.erase(scenarios.begin());
    }
    if (action.starts_with("seed-")) action.erase(0, 5);
    if (action.empty()) {
        return fail(make_error(ErrorCode::kInvalidInput, "seed needs to know what to do")
                        .with_remedy("Say seed demo, seed test or seed clear."));
    }
    if (action != "demo" && action != "test" && action != "clear") {
        const auto close = nearest(action, {"demo", "test", "clear"});
        return fail(
            make_error(ErrorCode::kInvalidInput, "seed does not know " + printable(action))
                .with_remedy(close ? "Did you mean " + *close + "?" : "It takes demo, test or clear."));
    }
    if (action != "test" && !scenarios.empty()) {
        return fail(make_error(ErrorCode::kInvalidInput,
                               fmt::format("seed {} does not take {}", action, printable(scenarios.front())))
                        .with_remedy("Scenarios are of test data."));
    }
    return action;
}

Result<int> seed(Session& session) {
    std::vector<std::string> scenarios;
    const std::string action = TRY(action_of(session, scenarios));
    if (action == "clear") return clear(session);
    return seed_data(session, action == "demo" ? seed::Purpose::kDemo : seed::Purpose::kTest,
                     std::move(scenarios));
}

int run_seed(Session& session) {
    Result<int> done = seed(session);
    return done ? *done : session.fail_with(done.error());
}

// Of a set-up: what may not go there, or is not there, is left out and said.
Result<std::optional<SeedPlan>> plan_of(Session& session, Project& project, seed::Purpose purpose) {
    const SeedRequest request = TRY(seed_request(session, purpose));
    SeedPlan plan = TRY(project.plan_seeds(request));
    if (plan.databases.empty()) {
        session.remark(fmt::format("no {} data: {}", seed::to_string(purpose),
                                   nothing_to_seed(project, purpose).message));
    }
    std::erase_if(plan.databases, [&](const SeedPlan::Database& part) {
        if (part.refusal)
            session.remark(fmt::format("no {} data: {}", seed::to_string(purpose), part.refusal->message));
        return part.refusal.has_value();
    });
    if (plan.databases.empty()) return std::nullopt;
    return plan;
}

Result<int> seed_as_text(Session& session, Project& project, const Report& report,
                         std::vector<SeedPlan> plans) {
    (void)finish_report(session, report, Direction::kUp);
    for (SeedPlan& plan : plans) {
        const seed::Purpose purpose = plan.purpose;
        print_seeded(session, TRY(project.seed(std::move(plan))), purpose);
    }
    return kExitDone;
}

// One document: what was applied, and what was seeded as far as it came.
int seed_as_json(Session& session, Project& project, Report report, std::vector<SeedPlan> plans) {
    std::vector<std::pair<seed::Purpose, SeedReport>> seeded;
    for (SeedPlan& plan : plans) {
        const seed::Purpose purpose = plan.purpose;
        Result<SeedReport> done = project.seed(std::move(plan));
        if (!done) {
            report.error = std::move(done).error();
            break;
        }
        seeded.emplace_back(purpose, std::move(*done));
    }
    return finish_report(session, report, Direction::kUp, [&](Json& json) {
        json.key("seeded").array([&] {
            for (const auto& [purpose, each] : seeded) {
                json.object([&, &purpose = purpose, &each = each] {
                    json.member("purpose", seed::to_string(purpose));
                    write_seeded(json, each);
                });
            }
        });
    });
}

Result<int> setup(Session& session) {
    Project* project = TRY(session.project());
    // First, so that a fault in a seed file stops it before anything is changed.
    std::vector<SeedPlan> plans;
    for (const auto& [wanted, purpose] :
         {std::pair{!session.arguments().has("no-demo"), seed::Purpose::kDemo},
          {session.arguments().has("with-test"), seed::Purpose::kTest}}) {
        if (!wanted) continue;
        if (auto plan = TRY(plan_of(session, *project, purpose))) plans.push_back(std::move(*plan));
    }
    RunOptions options;
    options.command = "setup";
    if (project->settings().is_protected) {
        const Plan plan = TRY(project->plan({}, options.plan));
        CHECK(confirm_destructive(session, *project, plan));
    }
    Report report = project->up({}, options);
    if (report.error) return finish_report(session, report, Direction::kUp);
    return session.output() == Output::kText
               ? seed_as_text(session, *project, report, std::move(plans))
               : seed_as_json(session, *project, std::move(report), std::move(plans));
}

int run_setup(Session& session) {
    Result<int> done = setup(session);
    return done ? *done : session.fail_with(done.error());
}

}  // namespace

CommandSpec seed_command() {
    return {"seed",
            {},
            "[ACTION] [SCENARIO…]",
            0,
            1000,
            "bring demo or test data, or take it out: demo, test, clear",
            "demo   writes the demo data of the seed file\n"
            "test   writes its test scenarios, all or those that are named\n"
            "clear  removes every row that was seeded, and nothing else; needs --confirm\n"
            "The same random seed makes the same rows; those that are there already stay as they are. A row\n"
            "that somebody else has written is never touched. Nothing is seeded where protected.\n"
            "A parameter that the seed file declares is an option: --num-users 25.",
            {{"--action", "ACTION", "the same as ACTION; seed-demo and seed-test are understood, too"},
             {"--confirm", nullptr, "with clear: do it"},
             kSeed,
             kNow,
             kSeeds},
            run_seed,
            true};
}

CommandSpec setup_command() {
    return {
        "setup",
        {},
        "",
        0,
        0,
        "apply what is pending, then bring demo data",
        "The same as `up`, then `seed demo`. Where the environment does not permit demo data, that is said\n"
        "and left out. A parameter that the seed file declares is an option: --num-users 25.",
        {{"--no-demo", nullptr, "without demo data"},
         {"--with-test", nullptr, "with test data, too"},
         kSeed,
         kNow,
         kSeeds},
        run_setup,
        true};
}

}  // namespace godwit
