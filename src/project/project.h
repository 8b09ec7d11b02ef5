// The library's front door: a project's status, plan, up, down and the rest as
// functions. The command line, and programs that link libgodwit, call these.
//
//     godwit::ProjectOptions options;
//     options.request.url = "sqlite:app.db";
//     auto project = godwit::Project::open(options);
//     if (!project) …
//     godwit::Report report = (*project)->up({}, {});
//
// Errors are values; nothing throws. A Project is used from one thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "events/event.h"
#include "plan/plan.h"
#include "project/seeding.h"
#include "project/settings.h"
#include "run/run.h"
#include "run/settle.h"

namespace godwit {

struct ProjectOptions {
    SettingsRequest request;
    Environment environment;      // Empty: the process's own environment variables.
    EventSink* events = nullptr;  // May be null; outlives the project.
    const Cancellation* cancellation = nullptr;
    bool echo = false;                                   // Report statements even without DB_ECHO_SQL.
    std::optional<std::chrono::milliseconds> lock_wait;  // For the runner's lock; default 60 s.
};

// What stands where, of every selected database.
struct Status {
    struct Database {
        std::string name;
        std::string kind;
        std::string where;  // Without secrets.
        HistoryLayout layout = HistoryLayout::kSchemaMigrations;
        bool history_exists = false;
    };
    std::vector<Database> databases;
    State state;  // Points into the project's graph, and into `ledgers`.
    std::shared_ptr<const Ledgers> ledgers;
};

struct PlannedStep {
    std::string text;
    SourceSpan where;
    bool alone = false;  // Not inside the migration's transaction.
};

class Project {
public:
    // Reads the settings; neither files nor databases yet.
    static Result<std::unique_ptr<Project>> open(const ProjectOptions& options);
    ~Project();
    Project(const Project&) = delete;
    Project& operator=(const Project&) = delete;

    const Settings& settings() const { return settings_; }

    // Closes the connections; the next call that needs one opens it anew.
    void disconnect();

    // Reads every migration file of every database, once.
    Result<const Graph*> graph();
    // Notes of the files that were read: what was ignored, and why.
    const std::vector<std::string>& file_notes() const { return file_notes_; }

    // Reads files (once) and records (each time), the databases at the same time.
    // Never creates anything.
    Result<Status> status();
    // `goal.databases` is filled in from the settings.
    Result<Plan> plan(Goal goal, const PlanOptions& options);
    Result<Execution> execution(const PlannedMigration& planned);
    // The steps of a planned migration as the target reads them.
    Result<std::vector<PlannedStep>> steps(const PlannedMigration& planned);
    // The same one after the other, in flat memory and with their data.
    Result<void> visit_steps(const PlannedMigration& planned,
                             const std::function<Result<void>(const ReadStep&)>& visit);

    Report up(Goal goal, RunOptions options);
    Report down(Goal goal, RunOptions options);
    // Down one migration, up again.
    Report redo(RunOptions options);

    Result<std::vector<SettledRow>> stamp(const std::vector<std::string>& addresses, bool purge);
    Result<std::vector<SettledRow>> repair(RepairRequest request);

    Result<std::map<std::string, LockStatus>> lock_status();
    Result<std::map<std::string, std::string>> release_locks(bool force);

    // Names the destructive statements of a plan, one line each.
    Result<std::vector<std::string>> destructive_statements(const Plan& plan);

    // Reads the seed files; touches no database. kInvalidInput for a fault in one, for
    // a parameter or scenario that no file has, for a number out of its range.
    Result<SeedPlan> plan_seeds(const SeedRequest& request);
    // Writes what is planned, whatever refusals say: who asks has looked at them.
    Result<SeedReport> seed(SeedPlan plan);
    // Removes what was ever seeded and is still there, and nothing else.
    Result<ClearReport> clear_seeds();

private:
    struct Opened;
    class Muted;
    explicit Project(const ProjectOptions& options);

    enum class Access { kRead, kWrite };
    Result<void> load(Access access);     // Files and records, at the same time.
    void prepare_targets(Access access);  // Says which there are to be; opens none.
    Result<void> open_targets(Access access);
    void list_targets();  // Of those that are open.
    Result<void> read_files();
    Report run(Goal goal, RunOptions options);
    RunOptions completed(RunOptions options) const;
    const DatabaseSettings* missing_file() const;  // Of a selected SQLite database; null: none is missing.
    Result<SeedReport::Database> seed_one(seed::Purpose purpose, SeedPlan::Database& part, Target& target,
                                          const AuditRecord& audit);
    SeedHooks seed_hooks(const std::string& database, const std::string& what, int64_t total,
                         std::function<Result<bool>(SeedRow&)> next);

    ProjectOptions options_;
    Settings settings_;
    std::vector<std::string> file_notes_;
    std::optional<Graph> graph_;
    std::shared_ptr<const Ledgers> ledgers_;
    std::optional<Access> access_;
    std::vector<std::unique_ptr<Opened>> opened_;
    Targets targets_;
};

// For a program of which nothing else asks for SQLite's memory statistics: spares
// them, which makes reading a large schema faster. Before any other use.
void tune_for_program();

}  // namespace godwit
