#include "project/project.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/process.h"
#include "base/text.h"
#include "format/folder.h"
#include "run/locks.h"
#include "target/registry.h"
#include "target/sqlite/sqlite_target.h"

namespace godwit {
namespace {

class SilentSink final : public EventSink {
public:
    void on(const Event& /*event*/) override {}
};

SilentSink& silent_sink() {
    static SilentSink sink;
    return sink;
}

Result<std::unique_ptr<Target>> open_target(const TargetConfig& config) {
    return config.url.scheme == "sqlite" ? open_sqlite(config) : open_module_target(config);
}

// What was read of folders is remembered where the user's caches are.
std::string cache_folder(const Environment& environment) {
    if (const auto named = environment("GODWIT_INDEX")) return *named == "off" ? "" : *named;
    if (const auto caches = environment("XDG_CACHE_HOME"); caches && caches->starts_with('/'))
        return *caches + "/godwit";
    if (const auto home = environment("HOME"); home && home->starts_with('/'))
        return *home + "/.cache/godwit";
    return "";
}

// A database file is made by connecting to write: not where the migrations cannot be read.
bool makes_a_file(const Settings& settings) {
    return std::any_of(settings.databases.begin(), settings.databases.end(),
                       [](const DatabaseSettings& database) {
                           std::error_code ignored;
                           return database.url.scheme == "sqlite" && database.url.name != ":memory:" &&
                                  !std::filesystem::exists(database.url.name, ignored);
                       });
}

}  // namespace

// A target and what it reports through. Connecting happens on a thread of its
// own, so what is told then waits for the main thread.
struct Project::Opened final : TargetListener {
    TargetConfig config;
    EventSink* events = nullptr;
    std::unique_ptr<Target> target;
    Result<Ledger> ledger = Ledger{};

    const std::string& database() const { return config.database; }
    Result<void> open() {
        target = TRY(open_target(config));
        return {};
    }
    void open_and_read() {
        Result<void> opened = target ? Result<void>() : open();
        ledger = opened ? target->read_ledger() : fail(std::move(opened).error());
    }

    void on_statement(std::string_view text) override { tell(StatementSent{database(), std::string(text)}); }
    void on_notice(std::string_view severity, std::string_view text) override {
        tell(ServerNotice{database(), std::string(severity), std::string(text)});
    }
    void on_remark(std::string_view text) override {
        if (!muted) tell(Remark{database(), std::string(text)});
    }

    void tell(Event event) {
        const std::lock_guard guard(mutex);
        if (connecting)
            held_back.push_back(std::move(event));
        else
            events->on(event);
    }
    void connected() {
        const std::lock_guard guard(mutex);
        connecting = false;
        for (const Event& event : held_back) events->on(event);
        held_back.clear();
    }

    std::mutex mutex;
    bool connecting = true;
    bool muted = false;  // Scripts are read for another reason than to run or show them.
    std::vector<Event> held_back;
};

class Project::Muted {
public:
    explicit Muted(const std::vector<std::unique_ptr<Opened>>& opened) : opened_(opened) { set(true); }
    ~Muted() { set(false); }
    Muted(const Muted&) = delete;
    Muted& operator=(const Muted&) = delete;

private:
    void set(bool muted) {
        for (const auto& each : opened_) each->muted = muted;
    }
    const std::vector<std::unique_ptr<Opened>>& opened_;
};

Project::Project(const ProjectOptions& options) : options_(options) {}
Project::~Project() = default;

Result<std::unique_ptr<Project>> Project::open(const ProjectOptions& options) {
    std::unique_ptr<Project> project(new Project(options));
    if (project->options_.events == nullptr) project->options_.events = &silent_sink();
    if (!project->options_.environment) {
        project->options_.environment = [](const std::string& name) {
            return environment_variable(name.c_str());
        };
    }
    project->settings_ = TRY(read_settings(project->options_.request, project->options_.environment));
    return project;
}

void Project::disconnect() {
    targets_.clear();
    opened_.clear();
    access_.reset();
}

Result<void> Project::read_files() {
    if (graph_) return {};
    std::vector<Migration> migrations;
    for (const DatabaseSettings& database : settings_.databases) {
        FolderOptions folder_options;
        folder_options.databases = settings_.names();
        folder_options.database = database.name;
        folder_options.kind = database.kind();
        folder_options.dialect = dialect_of(folder_options.kind);
        // What nothing is known of is refused when it is opened, whatever its files are.
        if (folder_options.kind != "sqlite" && !is_module_scheme(database.url.scheme))
            folder_options.dialect = Dialect::kPostgres;
        folder_options.shown_as = database.migrations + (database.migrations.ends_with('/') ? "" : "/");
        folder_options.cache.folder = cache_folder(options_.environment);
        folder_options.databases = settings_.names();
        Folder folder = TRY(read_folder(database.migrations, folder_options));
        std::move(folder.migrations.begin(), folder.migrations.end(), std::back_inserter(migrations));
        std::move(folder.notes.begin(), folder.notes.end(), std::back_inserter(file_notes_));
    }
    graph_ = TRY(Graph::build(std::move(migrations)));
    return {};
}

Result<const Graph*> Project::graph() {
    CHECK(read_files());
    return &*graph_;
}

void Project::prepare_targets(Access access) {
    if (access_ && (*access_ == access || access == Access::kRead)) return;
    disconnect();
    ledgers_.reset();
    for (const DatabaseSettings& database : settings_.databases) {
        if (std::find(settings_.selected.begin(), settings_.selected.end(), database.name) ==
            settings_.selected.end())
            continue;
        auto opened = std::make_unique<Opened>();
        opened->events = options_.events;
        TargetConfig& config = opened->config;
        config.database = database.name;
        config.url = database.url;
        config.history = database.history;
        config.layout = database.layout;
        config.environment = settings_.environment;
        config.is_protected = settings_.is_protected;
        config.name_template = database.name_template;
        config.names = database.names;
        if (database.lock_timeout) config.lock_timeout = *database.lock_timeout;
        if (database.statement_timeout) config.statement_timeout = *database.statement_timeout;
        if (database.connect_timeout) config.connect_timeout = *database.connect_timeout;
        config.pool = settings_.pool;
        config.owner = owner_text();
        config.echo = settings_.echo_sql || options_.echo;
        config.read_only = access == Access::kRead;
        config.listener = opened.get();
        config.cancellation = options_.cancellation;
        opened_.push_back(std::move(opened));
    }
    access_ = access;
}

Result<void> Project::open_targets(Access access) {
    prepare_targets(access);
    for (const auto& opened : opened_) {
        if (!opened->target) CHECK(opened->open());
    }
    list_targets();
    return {};
}

void Project::list_targets() {
    for (const auto& opened : opened_) {
        opened->connected();
        if (opened->target) targets_.emplace(opened->database(), opened->target.get());
    }
}

// Loading a client library and waiting for a server take about as long as
// reading a thousand files, so they happen at once.
Result<void> Project::load(Access access) {
    if (access == Access::kWrite && makes_a_file(settings_)) CHECK(read_files());
    prepare_targets(access);
    const int processor = current_processor();
    std::vector<std::thread> threads;
    for (const auto& opened : opened_) {
        threads.emplace_back([each = opened.get(), processor] {
            keep_off_processor(processor);
            each->open_and_read();
        });
    }
    Result<void> files = read_files();
    for (std::thread& thread : threads) thread.join();
    list_targets();
    CHECK(files);
    Ledgers ledgers;
    for (const auto& opened : opened_) ledgers.emplace(opened->database(), TRY(std::move(opened->ledger)));
    ledgers_ = std::make_shared<const Ledgers>(std::move(ledgers));
    return {};
}

Result<Status> Project::status() {
    CHECK(load(Access::kRead));
    Status status;
    for (const auto& [name, target] : targets_) {
        const Ledger& ledger = ledgers_->at(name);
        status.databases.push_back(
            {name, std::string(target->kind()), target->describe(), ledger.layout, ledger.exists});
    }
    status.ledgers = ledgers_;
    status.state = examine(*graph_, *ledgers_);
    return status;
}

Result<Plan> Project::plan(Goal goal, const PlanOptions& options) {
    CHECK(load(Access::kRead));
    goal.databases = settings_.selected;
    return make_plan(*graph_, *ledgers_, goal, options);
}

Result<Execution> Project::execution(const PlannedMigration& planned) {
    return targets_.at(planned.migration->id.database)->inspect(*planned.migration, planned.direction);
}

Result<void> Project::visit_steps(const PlannedMigration& planned,
                                  const std::function<Result<void>(const ReadStep&)>& visit) {
    const Target& target = *targets_.at(planned.migration->id.database);
    const auto reader = TRY(target.read_steps(planned.migration->body(planned.direction)));
    while (const ReadStep* step = TRY(reader->next())) {
        if (step->kind != StepKind::kBegin && step->kind != StepKind::kCommit) CHECK(visit(*step));
    }
    return {};
}

Result<std::vector<PlannedStep>> Project::steps(const PlannedMigration& planned) {
    std::vector<PlannedStep> steps;
    CHECK(visit_steps(planned, [&](const ReadStep& step) -> Result<void> {
        steps.push_back({step.step.body, step.step.where, step.kind == StepKind::kAlone});
        return {};
    }));
    return steps;
}

RunOptions Project::completed(RunOptions options) const {
    options.cancellation = options_.cancellation;
    if (options_.lock_wait) options.lock_wait = *options_.lock_wait;
    options.audit.user = user_name();
    options.audit.host = host_name();
    options.audit.pid = process_id();
    options.audit.tool_version = GODWIT_VERSION;
    return options;
}

Report Project::run(Goal goal, RunOptions options) {
    Report report;
    goal.databases = settings_.selected;
    options = completed(std::move(options));
    if (Result<void> loaded = load(Access::kWrite); !loaded) {
        report.error = std::move(loaded).error();
        return report;
    }
    return reach(*graph_, targets_, goal, *options_.events, options, ledgers_.get());
}

Report Project::up(Goal goal, RunOptions options) {
    goal.direction = Direction::kUp;
    return run(std::move(goal), std::move(options));
}

Report Project::down(Goal goal, RunOptions options) {
    goal.direction = Direction::kDown;
    return run(std::move(goal), std::move(options));
}

Report Project::redo(RunOptions options) {
    options.command = "redo";
    Report report = down({}, options);
    if (report.error || report.finished.empty()) return report;
    // Exactly what went comes back, not whatever else is pending.
    Goal again;
    again.address = report.finished.front().id.database + ":" + report.finished.front().id.version;
    Report up_report = up(again, std::move(options));
    up_report.finished.insert(up_report.finished.begin(), report.finished.begin(), report.finished.end());
    return up_report;
}

Result<std::vector<SettledRow>> Project::stamp(const std::vector<std::string>& addresses, bool purge) {
    CHECK(load(Access::kWrite));
    StampRequest request{addresses, settings_.selected, purge};
    return godwit::stamp(*graph_, targets_, request, *options_.events, completed({}));
}

Result<std::vector<SettledRow>> Project::repair(RepairRequest request) {
    CHECK(load(request.action == RepairRequest::Action::kShow ? Access::kRead : Access::kWrite));
    request.databases = settings_.selected;
    return godwit::repair(*graph_, targets_, request, *options_.events, completed({}));
}

Result<std::map<std::string, LockStatus>> Project::lock_status() {
    CHECK(open_targets(Access::kRead));
    std::map<std::string, LockStatus> all;
    for (const auto& [name, target] : targets_) all.emplace(name, TRY(target->lock_status()));
    return all;
}

Result<std::map<std::string, std::string>> Project::release_locks(bool force) {
    CHECK(open_targets(Access::kRead));
    std::map<std::string, std::string> all;
    for (const auto& [name, target] : targets_) {
        all.emplace(name, TRY(force ? force_unlock(name, *target, completed({}).audit, *options_.events)
                                    : target->release_lock(false)));
    }
    return all;
}

Result<std::vector<std::string>> Project::destructive_statements(const Plan& plan) {
    std::vector<std::string> found;
    // What there is to remark of the scripts is told when they run.
    const Muted quiet(opened_);
    for (const PlannedMigration& planned : plan.migrations) {
        CHECK(visit_steps(planned, [&](const ReadStep& step) -> Result<void> {
            if (targets_.at(planned.migration->id.database)->destroys(step.step)) {
                found.push_back(to_string(step.step.where) + ": " + printable(step.step.body.substr(0, 100)));
            }
            return {};
        }));
    }
    return found;
}

void tune_for_program() { spare_sqlite_statistics(); }

}  // namespace godwit
