#include "run/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/process.h"
#include "base/text.h"
#include "run/locks.h"
#include "run/migration_run.h"

namespace godwit {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How often one run may lose its connection without getting on in between.
constexpr int kRecoveriesWithoutProgress = 5;

bool is_lost(const Error& error) {
    return error.code == ErrorCode::kInDoubt || error.code == ErrorCode::kUnavailable;
}

milliseconds since(steady_clock::time_point start) {
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
}

std::string describe_plan(const Plan& plan, const std::string& database) {
    std::vector<std::string> rows;
    for (const PlannedMigration& planned : plan.migrations) {
        if (planned.migration->id.database != database) continue;
        rows.push_back(fmt::format(R"({{"version":{},"direction":"{}"}})", json_quote(planned.migration->id.version),
                                   planned.direction == Direction::kUp ? "up" : "down"));
    }
    return "[" + join(rows, ",") + "]";
}

// Carries one call of reach() from its first look to its report.
class Journey {
public:
    Journey(const Graph& graph, const Targets& targets, const Goal& goal, EventSink& events, const RunOptions& options)
        : graph_(graph), targets_(targets), goal_(goal), events_(events), options_(options) {}

    Report go(const Ledgers* seen) {
        if (Result<void> done = travel(seen); !done) report_.error = std::move(done).error();
        return std::move(report_);
    }

private:
    // What one reading of the records leads to. The plan points into `ledgers`
    // and the graph.
    struct Course {
        Ledgers ledgers;
        Plan plan;
        std::vector<Execution> executions;  // Parallel to plan.migrations.
    };

    Result<void> travel(const Ledgers* seen) {
        const Course first = TRY(chart(seen == nullptr ? TRY(read_ledgers(targets_)) : *seen));
        if (first.plan.empty()) return {};
        leases_ = TRY(lock_all(targets_, options_.lock_wait, events_, options_.cancellation));
        Result<void> done = under_lock();
        end_audit(done);
        return done;
    }

    Result<void> under_lock() {
        Course course = TRY(chart(TRY(read_ledgers(targets_))));
        goal_ = TRY(pin(graph_, course.ledgers, goal_));
        for (const PlannedMigration& planned : course.plan.migrations) report_.planned.push_back(planned.migration->id);
        if (course.plan.empty()) return {};
        CHECK(begin_audit(course.plan));
        events_.on(RunStarted{options_.command, static_cast<int32_t>(course.plan.migrations.size())});
        const auto started = steady_clock::now();
        while (true) {
            const size_t before = report_.finished.size();
            Result<void> done = carry_out(course);
            if (done) break;
            if (report_.finished.size() > before) recoveries_ = 0;
            if (done.error().code == ErrorCode::kLocked) CHECK(check_not_forced_out());
            if (!is_lost(done.error()) || ++recoveries_ > kRecoveriesWithoutProgress) return done;
            Result<Ledgers> ledgers = recover(done.error());
            if (!ledgers) return stop(std::move(ledgers).error());
            course = TRY(chart(std::move(ledgers).value()));
            settle_lost(course);
            report_.failed.reset();
        }
        report_.failed.reset();
        events_.on(RunFinished{options_.command, static_cast<int32_t>(report_.finished.size()), since(started)});
        return {};
    }

    // Reads, plans, and finds out how each migration is to run, before any does.
    Result<Course> chart(Ledgers ledgers) {
        Course course;
        course.ledgers = std::move(ledgers);
        course.plan = TRY(make_plan(graph_, course.ledgers, goal_, options_.plan));
        for (const PlannedMigration& planned : course.plan.migrations) {
            course.executions.push_back(TRY(inspect(planned)));
        }
        if (options_.transaction_mode == TransactionMode::kAll) CHECK(check_one_transaction(course));
        return course;
    }

    // Each script is read to its end for this once, not again under the lock and
    // after a lost connection. One that has changed meanwhile is refused here:
    // opening it tells. What is completed from the record belongs to the one plan.
    Result<Execution> inspect(const PlannedMigration& planned) {
        const Migration& migration = *planned.migration;
        if (planned.completed != nullptr) return target_of(planned).inspect(migration, planned.direction);
        const auto key = std::make_pair(&migration, planned.direction);
        if (const auto known = inspected_.find(key); known != inspected_.end()) {
            CHECK(target_of(planned).read_steps(migration.body(planned.direction)));
            return known->second;
        }
        Execution execution = TRY(target_of(planned).inspect(migration, planned.direction));
        return inspected_.emplace(key, std::move(execution)).first->second;
    }

    Result<void> check_one_transaction(const Course& course) {
        for (size_t i = 0; i < course.plan.migrations.size(); ++i) {
            const PlannedMigration& planned = course.plan.migrations[i];
            const Execution& execution = course.executions[i];
            const std::string& version = planned.migration->id.version;
            if (planned.migration->id.database != course.plan.migrations[0].migration->id.database) {
                return fail(make_error(ErrorCode::kNotSupported, "--tx-mode all cannot span several databases")
                                .with_remedy("Select one with --databases, or leave --tx-mode out."));
            }
            if (execution.transactional && !planned.resuming) continue;
            const std::string why = planned.resuming ? "an interrupted migration resumes step by step" : execution.why_not;
            return fail(make_error(ErrorCode::kNotSupported, "--tx-mode all cannot take " + version + ": " + why)
                            .at(execution.why_where)
                            .with_remedy("Leave --tx-mode out: each migration that can has a transaction of its own."));
        }
        return {};
    }

    Target& target_of(const PlannedMigration& planned) { return *targets_.at(planned.migration->id.database); }

    Result<void> carry_out(const Course& course) {
        if (options_.transaction_mode == TransactionMode::kAll) return all_at_once(course);
        for (size_t i = 0; i < course.plan.migrations.size(); ++i) {
            if (options_.cancellation != nullptr) CHECK(options_.cancellation->check());
            CHECK(check_leases());
            CHECK(one(course.plan.migrations[i], course.executions[i]));
        }
        return {};
    }

    Result<void> one(const PlannedMigration& planned, const Execution& execution) {
        in_flight_ = {planned};
        start(planned);
        const auto started = steady_clock::now();
        Target& target = target_of(planned);
        MigrationRun migration(planned, execution, target, events_, options_);
        const bool together = execution.transactional && target.transactional() && !planned.resuming &&
                              options_.transaction_mode == TransactionMode::kFile;
        Result<void> done = together ? migration.in_one_transaction() : migration.step_by_step();
        if (!done) {
            report_.failed = planned.migration->id;
            report_.failed_steps_done = migration.remains().steps_done;
            report_.failed_steps_total = execution.steps;
            report_.failed_partly = migration.remains().partly;
            report_.failed_in_doubt = done.error().code == ErrorCode::kInDoubt;
            if (!is_lost(done.error())) {
                events_.on(MigrationFailed{planned.migration->id, planned.direction, done.error()});
            }
            return done;
        }
        in_flight_.clear();
        finish(planned, since(started));
        return {};
    }

    // Steps are sent together, so one may fail while a later migration is being
    // read: its place tells whose it was.
    const PlannedMigration& blamed(const std::vector<PlannedMigration>& rows, const Error& error) const {
        const auto holds_place = [&](const PlannedMigration& planned) {
            const auto* script = std::get_if<Script>(&planned.migration->body(planned.direction));
            return script != nullptr && error.where.known() && script->file == error.where.file;
        };
        const auto is_last = [&](const PlannedMigration& planned) {
            return planned.migration->id == report_.failed;
        };
        auto row = std::find_if(rows.begin(), rows.end(), holds_place);
        if (row == rows.end()) row = std::find_if(rows.begin(), rows.end(), is_last);
        return row == rows.end() ? rows.back() : *row;
    }

    Result<void> all_at_once(const Course& course) {
        const std::vector<PlannedMigration>& rows = course.plan.migrations;
        if (rows.empty()) return {};
        in_flight_ = rows;
        const auto started = steady_clock::now();
        const auto body = [&]() -> Result<void> {
            for (size_t i = 0; i < rows.size(); ++i) {
                start(rows[i]);
                report_.failed = rows[i].migration->id;
                report_.failed_steps_total = course.executions[i].steps;
                CHECK(MigrationRun(rows[i], course.executions[i], target_of(rows[i]), events_, options_).inside_transaction());
            }
            report_.failed.reset();
            return {};
        };
        Result<void> done = target_of(rows[0]).in_transaction(course.executions[0], body);
        if (!done) {
            const PlannedMigration& failed = blamed(rows, done.error());
            report_.failed = failed.migration->id;
            report_.failed_in_doubt = done.error().code == ErrorCode::kInDoubt;
            report_.one_transaction = true;
            if (!is_lost(done.error()))
                events_.on(MigrationFailed{*report_.failed, failed.direction, done.error()});
            return done;
        }
        in_flight_.clear();
        const auto each = since(started) / static_cast<int64_t>(rows.size());
        for (const PlannedMigration& planned : rows) finish(planned, each);
        return {};
    }

    void start(const PlannedMigration& planned) {
        const Migration& migration = *planned.migration;
        events_.on(MigrationStarted{migration.id, planned.direction, migration.description, planned.steps_done});
    }

    void finish(const PlannedMigration& planned, milliseconds took) {
        const Migration& migration = *planned.migration;
        report_.finished.push_back({migration.id, planned.direction, migration.description, took});
        events_.on(MigrationFinished{migration.id, planned.direction, migration.description, took});
    }

    // A lock that went with its session is as good as a lost connection: what is
    // known of the record may be out of date.
    Result<void> check_leases() {
        for (const auto& lease : leases_) {
            Result<void> held = lease->check();
            if (held) continue;
            held.error().code = ErrorCode::kUnavailable;
            return held;
        }
        return {};
    }

    // The locks went with the connection. They are taken again before anything is
    // written. The server may not have noticed yet that our session is gone, and who
    // has taken them since may soon be done, so that is waited for. Gives the records
    // as they are under the locks.
    Result<Ledgers> recover(const Error& error) {
        events_.on(Remark{"", "connection lost (" + error.message + "); connecting again to see what took effect"});
        const auto deadline = steady_clock::now() + options_.reconnect_wait;
        for (int attempt = 0;; ++attempt) {
            if (options_.cancellation != nullptr) CHECK(options_.cancellation->check());
            Result<Ledgers> back = come_back(deadline);
            if (back || back.error().code == ErrorCode::kLocked) return back;
            if (!is_lost(back.error()) || steady_clock::now() >= deadline) {
                back.error().details.push_back("while the outcome of a write was unknown: " + error.message);
                return back;
            }
            pause_for(backoff(attempt, milliseconds(100), milliseconds(2'000)), options_.cancellation);
        }
    }

    Result<Ledgers> come_back(steady_clock::time_point deadline) {
        for (const auto& [database, target] : targets_) CHECK(target->reconnect());
        CHECK(check_not_forced_out());
        leases_.clear();  // Now, because a lease that is still ours can only be given up over a connection.
        const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
        Result<Leases> again =
            lock_all(targets_, std::max(left, milliseconds(0)), events_, options_.cancellation);
        if (!again && again.error().code == ErrorCode::kLocked) {
            again.error().message = "the connection was lost, and another session holds the lock since";
            again.error().remedy = "Wait for it, then run again: what is recorded is not repeated.";
        }
        leases_ = TRY(std::move(again));
        return read_ledgers(targets_);
    }

    // Somebody who takes the lock by force wants this run to end.
    Result<void> check_not_forced_out() {
        for (const std::string& database : audited_) {
            const std::string who = TRY(targets_.at(database)->forced_out_by(audit_.run_id));
            if (who.empty()) continue;
            return fail(
                make_error(ErrorCode::kLocked,
                           "the lock of " + database + " was released by force while this run was at work")
                    .with_detail("by " + who + ", with `godwit lock release --force`")
                    .with_remedy(
                        "Nothing more was written. See `godwit status`, then run again: what is recorded "
                        "is not repeated."));
        }
        return {};
    }

    // Another has the lock: only the report is brought to its end.
    Result<void> stop(Error why) {
        if (why.code == ErrorCode::kLocked) {
            Result<Ledgers> ledgers = read_ledgers(targets_);
            Result<Course> course =
                ledgers ? chart(std::move(ledgers).value()) : fail(std::move(ledgers).error());
            if (course) settle_lost(*course);
        }
        return fail(std::move(why));
    }

    // What the history shows after a lost connection is the truth: a migration
    // that the new plan no longer holds was committed.
    void settle_lost(const Course& course) {
        for (const PlannedMigration& lost : std::exchange(in_flight_, {})) {
            const std::vector<PlannedMigration>& rows = course.plan.migrations;
            const MigrationId& id = lost.migration->id;
            // By name: what goes down by kept inverses is made anew for each plan.
            const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& each) {
                return each.migration->id == id && each.direction == lost.direction;
            });
            if (report_.failed == id) {
                if (row == rows.end()) report_.failed.reset();
                report_.failed_in_doubt = row != rows.end() && !row->step_text.empty();
                if (row != rows.end()) report_.failed_steps_done = row->steps_done;
            }
            if (row != rows.end()) continue;
            events_.on(Remark{id.database, "the history shows that " + id.version + " was committed"});
            finish(lost, milliseconds(0));
        }
    }

    Result<void> begin_audit(const Plan& plan) {
        audit_ = options_.audit;
        audit_.run_id = random_hex(16);
        audit_.command = options_.command;
        audit_.result = "running";
        began_ = steady_clock::now();
        std::set<std::string> databases;
        for (const PlannedMigration& planned : plan.migrations) databases.insert(planned.migration->id.database);
        for (const std::string& database : databases) {
            CHECK(targets_.at(database)->create_ledger());
            audit_.plan = describe_plan(plan, database);
            CHECK(targets_.at(database)->audit_begin(audit_));
            audited_.insert(database);
        }
        return {};
    }

    // A run that cannot note its end has still done its work: said, not failed.
    void end_audit(const Result<void>& done) {
        audit_.duration_ms = since(began_).count();
        audit_.result = done ? "done" : done.error().code == ErrorCode::kCancelled ? "cancelled" : "failed";
        audit_.error = done ? "" : done.error().message;
        for (const std::string& database : audited_) {
            if (Result<void> noted = targets_.at(database)->audit_end(audit_); !noted) {
                events_.on(Remark{database, "the end of this run could not be noted in godwit_audit: " + noted.error().message});
            }
        }
    }

    const Graph& graph_;
    const Targets& targets_;
    Goal goal_;
    EventSink& events_;
    const RunOptions& options_;
    std::map<std::pair<const Migration*, Direction>, Execution> inspected_;
    Leases leases_;
    Report report_;
    AuditRecord audit_;
    std::set<std::string> audited_;
    std::vector<PlannedMigration> in_flight_;  // Begun, and not known to have ended.
    steady_clock::time_point began_;
    int recoveries_ = 0;
};

}  // namespace

Report reach(const Graph& graph, const Targets& targets, const Goal& goal, EventSink& events, const RunOptions& options,
             const Ledgers* seen) {
    return Journey(graph, targets, goal, events, options).go(seen);
}

Result<Ledgers> read_ledgers(const Targets& targets) {
    Ledgers ledgers;
    for (const auto& [database, target] : targets) ledgers.emplace(database, TRY(target->read_ledger()));
    return ledgers;
}

}  // namespace godwit
