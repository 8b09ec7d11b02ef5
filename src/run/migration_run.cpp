// In the journal, `step_hash` chains the texts of the steps that are done, so a
// file that was mended after a failure may go on if what is done stayed as it
// was; `step_text` holds the step that may be under way, and is empty when
// nothing is in doubt.
#include "run/migration_run.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "run/locks.h"
#include "run/step_hash.h"

namespace godwit {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int64_t kProgressBytes = 1 << 20;

// The longest text of a step in doubt that the journal keeps; those steps are
// single commands such as CREATE INDEX CONCURRENTLY.
constexpr size_t kStepTextLimit = 64 * 1024;

bool is_boundary(const ReadStep& step) { return step.kind == StepKind::kBegin || step.kind == StepKind::kCommit; }

bool is_lost(const Error& error) {
    return error.code == ErrorCode::kInDoubt || error.code == ErrorCode::kUnavailable;
}

milliseconds since(steady_clock::time_point start) {
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
}

}  // namespace

RecordChange MigrationRun::change(RecordChange::Kind kind) const {
    const Migration& migration = *planned_.migration;
    RecordChange change;
    change.kind = kind;
    change.version = migration.id.version;
    change.direction = planned_.direction;
    change.description = migration.description;
    change.checksum = migration.checksum;
    change.heads_removed = planned_.heads_removed;
    change.heads_added = planned_.heads_added;
    change.owner = options_.audit.user + "@" + options_.audit.host + " pid " + std::to_string(options_.audit.pid);
    return change;
}

void MigrationRun::count_hash(const Step& step) { done_hash_ = chain_step_hash(done_hash_, step); }

void MigrationRun::report_progress(const ReadStep& step) {
    ++statements_;
    const auto* script = std::get_if<Script>(&planned_.migration->body(planned_.direction));
    if (script == nullptr || step.end_offset - script->begin - bytes_reported_ < kProgressBytes) return;
    bytes_reported_ = step.end_offset - script->begin;
    events_.on(ScriptProgress{planned_.migration->id, bytes_reported_, script->end - script->begin, statements_});
}

Result<void> MigrationRun::retry_while_blocked(const std::function<Result<void>()>& attempt) {
    const auto started = steady_clock::now();
    for (int tries = 0;; ++tries) {
        Result<void> done = attempt();
        if (done || done.error().code != ErrorCode::kBlocked) return done;
        const auto passed = since(started);
        if (passed >= options_.blocked_wait) {
            done.error().details.push_back("tried " + count_of(tries + 1, "time") + " in " + human_duration(passed.count()));
            return done;
        }
        const milliseconds rest = backoff(tries, milliseconds(100), milliseconds(5'000));
        std::string text = "blocked: " + done.error().message + "; trying again in " + human_duration(rest.count());
        if (!done.error().details.empty()) text += " (" + done.error().details.front() + ")";
        events_.on(Remark{planned_.migration->id.database, std::move(text)});
        pause_for(rest, options_.cancellation);
        if (options_.cancellation == nullptr) continue;
        if (Result<void> stop = options_.cancellation->check(); !stop) {
            // What it was waiting for all that time.
            stop.error().where = std::move(done.error().where);
            stop.error().details = std::move(done.error().details);
            return stop;
        }
    }
}

Result<void> MigrationRun::inside_transaction() {
    const auto reader = TRY(target_.read_steps(planned_.migration->body(planned_.direction)));
    while (const ReadStep* step = TRY(reader->next())) {
        if (is_boundary(*step)) continue;
        if (options_.cancellation != nullptr) CHECK(options_.cancellation->check());
        CHECK(target_.apply(*step));
        report_progress(*step);
    }
    const bool up = planned_.direction == Direction::kUp;
    return target_.record(change(up ? RecordChange::Kind::kApplied : RecordChange::Kind::kReverted));
}

Result<void> MigrationRun::in_one_transaction() {
    return retry_while_blocked([&] {
        bytes_reported_ = 0;
        statements_ = 0;
        return target_.in_transaction(execution_, [&] { return inside_transaction(); });
    });
}

RecordChange MigrationRun::progress(int32_t steps_done, const Step* in_flight, const std::string& error) const {
    RecordChange progress = change(RecordChange::Kind::kProgress);
    progress.steps_done = steps_done;
    progress.steps_total = execution_.steps;
    progress.step_hash = done_hash_;
    if (in_flight != nullptr) progress.step_text = in_flight->body.substr(0, kStepTextLimit);
    progress.error = error;
    return progress;
}

Result<void> MigrationRun::write_progress(int32_t steps_done, const Step* in_flight, const std::string& error) {
    return write(progress(steps_done, in_flight, error));
}

Result<void> MigrationRun::write(const RecordChange& progress) {
    CHECK(target_.record(progress));
    remains_.steps_done = progress.steps_done;
    remains_.steps_total = execution_.steps;
    return {};
}

Result<void> MigrationRun::open_reader() {
    reader_ = TRY(target_.read_steps(planned_.migration->body(planned_.direction)));
    return {};
}

Result<const ReadStep*> MigrationRun::next_step() {
    while (const ReadStep* step = TRY(reader_->next())) {
        if (step->kind != StepKind::kCommit) return step;
    }
    return nullptr;
}

Result<const ReadStep*> MigrationRun::reread(int32_t done) {
    CHECK(open_reader());
    for (int32_t skipped = 0; skipped < done;) {
        const ReadStep* step = TRY(reader_->next());
        if (step == nullptr) break;
        if (!is_boundary(*step)) ++skipped;
    }
    return next_step();
}

Result<void> MigrationRun::skip_done() {
    int32_t done = 0;
    while (done < planned_.steps_done) {
        const ReadStep* step = TRY(reader_->next());
        if (step == nullptr) break;
        if (is_boundary(*step)) continue;
        count_hash(step->step);
        ++done;
        // What a SET did was gone with the connection of the attempt before.
        if (step->session_only) CHECK(target_.apply_alone(*step, execution_));
    }
    if (done == planned_.steps_done && (done == 0 || done_hash_ == planned_.step_hash)) return {};
    return fail(make_error(ErrorCode::kNeedsRepair,
                           planned_.migration->id.version + " stopped after " + count_of(planned_.steps_done, "step") +
                               ", and those steps have been edited since")
                    .at(planned_.migration->where)
                    .with_remedy("Put the steps that are done back as they were, or settle the migration with "
                                 "`godwit repair`."));
}

Result<bool> MigrationRun::settle_doubt(const ReadStep& step) {
    ReadStep begun = step;
    begun.step.body = planned_.step_text;
    begun.data = {};
    const Effect effect = TRY(target_.effect_of(begun));
    const bool edited = step.step.body.substr(0, kStepTextLimit) != planned_.step_text;
    if (effect == Effect::kAbsent) return false;
    if (effect == Effect::kPresent && !edited) return true;
    const std::string what = effect == Effect::kPresent ? "a step took effect and was edited since"
                                                        : "it cannot be told whether a step took effect";
    const std::string& version = planned_.migration->id.version;
    return fail(make_error(ErrorCode::kNeedsRepair, version + " was interrupted: " + what)
                    .at(step.step.where)
                    .with_detail("the step was: " + printable(planned_.step_text.substr(0, 200)))
                    .with_remedy("Look at the database, then say `godwit repair --step-done " + version +
                                 "` if the step took effect, or `godwit repair --step-again " + version +
                                 "` to run it again."));
}

Result<void> MigrationRun::step_by_step() {
    int32_t done = planned_.steps_done;
    remains_.steps_done = done;
    remains_.steps_total = execution_.steps;
    CHECK(open_reader());
    CHECK(skip_done());
    if (!planned_.resuming) CHECK(retry_while_blocked([&] { return write_progress(done, nullptr, ""); }));
    bool in_doubt = !planned_.step_text.empty();
    while (const ReadStep* step = TRY(next_step())) {
        if (options_.cancellation != nullptr) CHECK(options_.cancellation->check());
        const auto started = steady_clock::now();
        if (in_doubt && step->kind != StepKind::kBegin && TRY(settle_doubt(*step))) {
            count_hash(step->step);
            CHECK(note_done(++done));
        } else {
            done = TRY(run_unit(*step, done));
        }
        in_doubt = false;
        events_.on(StepFinished{planned_.migration->id, planned_.direction, done, execution_.steps, since(started)});
    }
    const bool up = planned_.direction == Direction::kUp;
    RecordChange final = change(up ? RecordChange::Kind::kApplied : RecordChange::Kind::kReverted);
    final.steps_total = execution_.steps;
    final.execution_time_ms = since(started_).count();
    return retry_while_blocked([&] { return target_.record(final); });
}

// A unit is what is recorded together: a block or a statement in a transaction
// with its journal row, or a statement that stands alone.
Result<int32_t> MigrationRun::run_unit(const ReadStep& first, int32_t done) {
    const std::string hash_before = done_hash_;
    const ReadStep* step = &first;
    bool again = false;
    int32_t after = done;
    CHECK(retry_while_blocked([&]() -> Result<void> {
        done_hash_ = hash_before;
        if (std::exchange(again, true)) step = TRY(reread(done));
        if (step == nullptr) return fail(ErrorCode::kInternal, "the script ends before the step that was to run");
        const bool together = step->kind != StepKind::kAlone && !step->may_commit && target_.transactional();
        if (!together) {
            after = done + 1;
            return run_alone(*step, done);
        }
        Result<void> committed = target_.in_transaction(execution_, [&]() -> Result<void> {
            if (step->kind == StepKind::kBegin) {
                after = TRY(apply_block(done));
            } else {
                count_hash(step->step);
                CHECK(target_.apply(*step));
                report_progress(*step);
                after = done + 1;
            }
            return target_.record(progress(after, nullptr, ""));
        });
        if (!committed) done_hash_ = hash_before;
        if (!committed && !is_lost(committed.error())) note_failure(done, committed.error());
        return committed;
    }));
    remains_.steps_done = after;
    return after;
}

Result<int32_t> MigrationRun::apply_block(int32_t done) {
    while (const ReadStep* step = TRY(reader_->next())) {
        if (step->kind == StepKind::kCommit) break;
        if (options_.cancellation != nullptr) CHECK(options_.cancellation->check());
        count_hash(step->step);
        CHECK(target_.apply(*step));
        report_progress(*step);
        ++done;
    }
    return done;
}

// Without a down part, what takes the step back is found now: afterwards the database
// no longer shows what was there before. So it is not asked again of a step that may
// have begun.
Result<void> MigrationRun::write_intent(const ReadStep& step, int32_t done) {
    RecordChange intent = progress(done, &step.step, "");
    intent.keeps_inverse = planned_.direction == Direction::kUp && !planned_.migration->reversible();
    const bool begun = planned_.resuming && done == planned_.steps_done && !planned_.inverse.empty();
    if (intent.keeps_inverse) intent.inverse = begun ? planned_.inverse : TRY(target_.inverse_of(step));
    return write(intent);
}

Result<void> MigrationRun::run_alone(const ReadStep& step, int32_t done) {
    // Written before the step: after a crash the journal says what is in doubt.
    CHECK(write_intent(step, done));
    if (Result<void> applied = target_.apply_alone(step, execution_); !applied) {
        if (is_lost(applied.error())) return applied;
        CHECK(settle_refusal(step, done, std::move(applied).error()));
    }
    count_hash(step.step);
    report_progress(step);
    return note_done(done + 1);
}

// Whatever is in the way of the note, the step must not run again because of it.
Result<void> MigrationRun::note_done(int32_t done) {
    Result<void> noted = retry_while_blocked([&] { return write_progress(done, nullptr, ""); });
    if (noted || noted.error().code != ErrorCode::kBlocked) return noted;
    noted.error().code = ErrorCode::kRejected;
    noted.error().message = "the step took effect, but that could not be noted: " + noted.error().message;
    noted.error().remedy = "Run again: whether it took effect is found out first.";
    return noted;
}

// What a refused step left half done (an invalid index) is removed; where that is
// not possible, or the connection is gone, the doubt stays. Only what certainly
// had no effect stays kBlocked, which is tried again.
Result<void> MigrationRun::settle_refusal(const ReadStep& step, int32_t done, Error error) {
    const Result<Effect> effect = target_.effect_of(step);
    const bool blocked = error.code == ErrorCode::kBlocked;
    // Its last phase was in the way, and that has been brought to its end.
    if (blocked && effect && *effect == Effect::kPresent) return {};
    // A syntax error (42601) is found before a statement starts.
    remains_.partly = effect && *effect == Effect::kUnknowable && error.native_code != "42601";
    if (remains_.partly && blocked) {
        error.code = ErrorCode::kRejected;
        error.details.push_back("not tried again by itself: it may have committed a part of its work");
        error.remedy = "Look at what it did. If it may run again, run `godwit " + options_.command +
                       "` again; else change it, or settle it with `godwit repair`.";
    }
    if (remains_.partly)
        (void)write_progress(done, nullptr, error.message);
    else if (effect)
        note_failure(done, error);
    return fail(std::move(error));
}

// The server said no, so nothing is in doubt; what stays is what was done before.
void MigrationRun::note_failure(int32_t done, const Error& error) {
    Result<void> noted = done == 0 ? target_.record(change(RecordChange::Kind::kForgotten))
                                   : write_progress(done, nullptr, error.message);
    if (noted) remains_.steps_done = done;
}

}  // namespace godwit
