// Project's functions for demo and test data.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "base/process.h"
#include "base/text.h"
#include "project/project.h"
#include "run/locks.h"

namespace godwit {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kRowsBetweenLooks = 100;

std::string data_of(seed::Purpose purpose) { return std::string(seed::to_string(purpose)) + " data"; }

std::optional<Error> refusal(const Settings& settings, const seed::SeedFile& file, seed::Purpose purpose) {
    const std::string& environment = settings.environment;
    if (settings.is_protected) {
        return make_error(ErrorCode::kInvalidInput,
                          fmt::format("the environment {} is protected: {} never goes there",
                                      printable(environment), data_of(purpose)))
            .with_remedy("Name another one with -e.");
    }
    const auto& permitted = file.environments(purpose);
    if (!permitted || std::find(permitted->begin(), permitted->end(), environment) != permitted->end())
        return std::nullopt;
    const std::string where =
        environment.empty() ? "without an environment" : "in the environment " + printable(environment);
    return make_error(ErrorCode::kInvalidInput, fmt::format("the seed file {} does not permit {} {}",
                                                            printable(file.shown), data_of(purpose), where))
        .with_remedy(permitted->empty() ? "Its \"environments\" name none."
                                        : fmt::format("Its \"environments\" name {}: choose one with -e.",
                                                      printable(join(*permitted, ", "))));
}

Result<std::vector<const seed::Scenario*>> chosen_scenarios(const seed::SeedFile& file,
                                                            const SeedRequest& request,
                                                            std::set<std::string>& found) {
    std::vector<const seed::Scenario*> chosen;
    if (request.purpose == seed::Purpose::kDemo) {
        if (!file.demo.blocks.empty()) chosen.push_back(&file.demo);
        return chosen;
    }
    for (const seed::Scenario& test : file.tests) {
        const bool named = std::find(request.scenarios.begin(), request.scenarios.end(), test.name) !=
                           request.scenarios.end();
        if (named) found.insert(test.name);
        if (named || request.scenarios.empty()) chosen.push_back(&test);
    }
    return chosen;
}

// Parameters and scenarios that no file of the project knows.
Result<void> check_names(const std::vector<std::shared_ptr<const seed::SeedFile>>& files,
                         const SeedRequest& request, const std::set<std::string>& found_scenarios) {
    std::vector<std::string> parameters;
    std::vector<std::string> scenarios;
    for (const auto& file : files) {
        for (const auto& parameter : file->parameters) parameters.push_back(parameter.name);
        for (const auto& test : file->tests) scenarios.push_back(test.name);
    }
    const auto unknown = [&](const std::string& what, const std::string& name,
                             const std::vector<std::string>& known, const std::string& dashes) {
        const auto close = nearest(name, known);
        std::string list;
        for (const std::string& each : known) list += (list.empty() ? "" : ", ") + dashes + each;
        return fail(make_error(ErrorCode::kInvalidInput,
                               fmt::format("the seed file {} has no {} {}", printable(files.front()->shown),
                                           what, dashes + printable(name)))
                        .with_remedy(close           ? "Did you mean " + dashes + *close + "?"
                                     : known.empty() ? "It has none."
                                                     : "It has " + printable(list) + "."));
    };
    for (const auto& [name, value] : request.parameters) {
        if (std::find(parameters.begin(), parameters.end(), name) == parameters.end())
            return unknown("parameter", name, parameters, "--");
    }
    for (const std::string& name : request.scenarios) {
        if (!found_scenarios.contains(name)) return unknown("scenario", name, scenarios, "");
    }
    return {};
}

int64_t count_rows(const SeedOutcome& outcome) {
    int64_t rows = 0;
    for (const auto& [table, counts] : outcome) rows += counts.written + counts.present;
    return rows;
}

// Notes in the audit what `body` did. Under the lock.
template <typename Outcome>
Result<Outcome> audited(Target& target, AuditRecord audit, const std::string& command,
                        const std::string& plan, const std::function<Result<Outcome>()>& body) {
    audit.run_id = random_hex(16);
    audit.command = command;
    audit.plan = plan;
    audit.result = "running";
    CHECK(target.create_ledger());
    CHECK(target.audit_begin(audit));
    const auto began = steady_clock::now();
    Result<Outcome> done = body();
    audit.result = done ? "done" : done.error().code == ErrorCode::kCancelled ? "cancelled" : "failed";
    audit.error = done ? "" : done.error().message;
    audit.duration_ms = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began).count();
    Result<void> noted = target.audit_end(audit);
    if (done && !noted) return fail(std::move(noted).error());
    return done;
}

Result<SeedStore*> store_of(const std::string& database, Target& target) {
    if (SeedStore* store = target.seeds()) return store;
    return fail(ErrorCode::kNotSupported,
                fmt::format("the database {} ({}) cannot be seeded", printable(database), target.kind()));
}

}  // namespace

Result<SeedPlan> Project::plan_seeds(const SeedRequest& request) {
    SeedPlan plan;
    plan.purpose = request.purpose;
    std::vector<std::shared_ptr<const seed::SeedFile>> files;
    std::set<std::string> found_scenarios;
    const uint64_t random_seed = static_cast<uint64_t>(std::stoull(random_hex(4), nullptr, 16));
    for (const DatabaseSettings& database : settings_.databases) {
        const bool selected = std::find(settings_.selected.begin(), settings_.selected.end(),
                                        database.name) != settings_.selected.end();
        if (!selected || database.seeds.empty()) continue;
        const auto file = std::make_shared<const seed::SeedFile>(TRY(seed::read_seed_file(database.seeds)));
        files.push_back(file);
        SeedPlan::Database part;
        part.name = database.name;
        part.file = file;
        part.scenarios = TRY(chosen_scenarios(*file, request, found_scenarios));
        if (part.scenarios.empty()) continue;
        part.options.seed = request.seed.value_or(file->seed.value_or(random_seed));
        part.now_is_given = request.now || file->now;
        part.options.now = request.now ? *request.now : file->now.value_or(seed::current_instant());
        for (const auto& [name, value] : request.parameters) {
            if (file->parameter(name) != nullptr) part.options.parameters.emplace_back(name, value);
        }
        CHECK(seed::RowSource::make(*file, part.scenarios, part.options));
        part.refusal = refusal(settings_, *file, request.purpose);
        plan.databases.push_back(std::move(part));
    }
    if (!files.empty()) CHECK(check_names(files, request, found_scenarios));
    return plan;
}

Result<SeedReport> Project::seed(SeedPlan plan) {
    if (const DatabaseSettings* missing = missing_file()) {
        return fail(make_error(ErrorCode::kInvalidInput,
                               fmt::format("the database {} is not there yet", missing->url.display()))
                        .with_remedy("Run `godwit up` first, or both by `godwit setup`."));
    }
    CHECK(open_targets(Access::kWrite));
    for (const SeedPlan::Database& part : plan.databases) CHECK(store_of(part.name, *targets_.at(part.name)));
    const RunOptions options = completed({});
    const Leases leases = TRY(lock_all(targets_, options.lock_wait, *options_.events, options_.cancellation));
    SeedReport report;
    for (SeedPlan::Database& part : plan.databases) {
        auto done = seed_one(plan.purpose, part, *targets_.at(part.name), options.audit);
        if (done) {
            report.databases.push_back(std::move(*done));
            continue;
        }
        for (const auto& before : report.databases) {
            done.error().details.push_back(fmt::format("{}: {} had been seeded", printable(before.name),
                                                       count_of(count_rows(before.tables), "row")));
        }
        return fail(std::move(done).error());
    }
    return report;
}

Result<SeedReport::Database> Project::seed_one(seed::Purpose purpose, SeedPlan::Database& part,
                                               Target& target, const AuditRecord& audit) {
    SeedStore& store = *TRY(store_of(part.name, target));
    SeedRun run;
    run.id = random_hex(16);
    run.purpose = seed::to_string(purpose);
    run.seed = std::to_string(part.options.seed);
    // The same seeding again makes the same rows, with the same times.
    if (!part.now_is_given) {
        const auto before = TRY(store.find_run(run.purpose, run.seed));
        if (before) part.options.now = seed::parse_instant(before->now).value_or(part.options.now);
    }
    run.now = seed::to_iso(part.options.now, part.options.now % 1'000 != 0);
    run.environment = settings_.environment;
    run.owner = fmt::format("{}@{} pid {}", audit.user, audit.host, audit.pid);
    seed::RowSource rows = TRY(seed::RowSource::make(*part.file, part.scenarios, part.options));
    options_.events->on(SeedStarted{part.name, run.purpose, run.seed, run.now, rows.total()});
    const auto began = steady_clock::now();
    const SeedHooks hooks =
        seed_hooks(part.name, "seeding", rows.total(), [&rows](SeedRow& row) { return rows.next(row); });
    const std::string plan =
        fmt::format(R"({{"seed":{},"now":"{}","file":{}}})", run.seed, run.now, json_quote(part.file->shown));
    SeedReport::Database done{part.name, part.file->shown, part.options.seed, run.now, {}};
    done.tables = TRY(audited<SeedOutcome>(target, audit, "seed " + run.purpose, plan,
                                           [&] { return store.seed(run, hooks); }));
    const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
    options_.events->on(SeedFinished{part.name, run.purpose, count_rows(done.tables), took});
    return done;
}

SeedHooks Project::seed_hooks(const std::string& database, const std::string& what, int64_t total,
                              std::function<Result<bool>(SeedRow&)> next) {
    SeedHooks hooks;
    hooks.next = [this, next = std::move(next), rows = 0](SeedRow& row) mutable -> Result<bool> {
        if (rows++ % kRowsBetweenLooks == 0 && options_.cancellation != nullptr)
            CHECK(options_.cancellation->check());
        return next(row);
    };
    hooks.progress = [this, database, what, total](const std::string& table, int64_t done) {
        options_.events->on(SeedProgress{database, what, table, done, total});
    };
    return hooks;
}

Result<ClearReport> Project::clear_seeds() {
    ClearReport report;
    if (missing_file() != nullptr && settings_.selected.size() == 1) return report;
    CHECK(open_targets(Access::kWrite));
    const RunOptions options = completed({});
    const Leases leases = TRY(lock_all(targets_, options.lock_wait, *options_.events, options_.cancellation));
    for (const auto& [name, target] : targets_) {
        SeedStore* store = target->seeds();
        if (store == nullptr) continue;
        int64_t total = 0;
        for (const auto& [table, count] : TRY(store->seeded())) total += count;
        ClearReport::Database done{name, {}};
        if (total > 0) {
            const SeedHooks hooks = seed_hooks(name, "clearing", total, nullptr);
            done.tables = TRY(audited<ClearOutcome>(*target, options.audit, "seed clear", "{}",
                                                    [&] { return store->clear(hooks); }));
        }
        report.databases.push_back(std::move(done));
    }
    return report;
}

// Connecting to write would make the file.
const DatabaseSettings* Project::missing_file() const {
    for (const DatabaseSettings& database : settings_.databases) {
        const bool selected = std::find(settings_.selected.begin(), settings_.selected.end(),
                                        database.name) != settings_.selected.end();
        std::error_code ignored;
        if (selected && database.url.scheme == "sqlite" && database.url.name != ":memory:" &&
            !std::filesystem::exists(database.url.name, ignored))
            return &database;
    }
    return nullptr;
}

}  // namespace godwit
