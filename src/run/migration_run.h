// Carries out one planned migration on its database.
#pragma once

#include <functional>

#include "base/result.h"
#include "run/run.h"

namespace godwit {

// What is left behind by a migration that failed.
struct Remains {
    int32_t steps_done = 0;
    int32_t steps_total = 0;
    bool partly = false;  // The step that was refused commits its own work: part of it may stay.
};

class MigrationRun {
public:
    MigrationRun(const PlannedMigration& planned, const Execution& execution, Target& target, EventSink& events,
                 const RunOptions& options)
        : planned_(planned), execution_(execution), target_(target), events_(events), options_(options) {}

    // The whole migration and its record in one transaction.
    Result<void> in_one_transaction();
    // Step by step, with the journal; resumes where an earlier attempt stopped.
    Result<void> step_by_step();
    // Steps and record, inside a transaction that the caller has opened.
    Result<void> inside_transaction();

    Remains remains() const { return remains_; }

private:
    RecordChange change(RecordChange::Kind kind) const;
    RecordChange progress(int32_t steps_done, const Step* in_flight, const std::string& error) const;
    Result<void> write_progress(int32_t steps_done, const Step* in_flight, const std::string& error);
    Result<void> write_intent(const ReadStep& step, int32_t done);
    Result<void> write(const RecordChange& progress);
    Result<void> open_reader();
    // The next step of the open reader that is not the end of a block; null at the end.
    Result<const ReadStep*> next_step();
    Result<void> skip_done();
    Result<bool> settle_doubt(const ReadStep& step);  // Whether the step took effect.
    // Opens the reader again, after `done` steps: for another try.
    Result<const ReadStep*> reread(int32_t done);
    Result<int32_t> run_unit(const ReadStep& first, int32_t done);  // Returns the steps done after it.
    Result<int32_t> apply_block(int32_t done);
    Result<void> run_alone(const ReadStep& step, int32_t done);
    // Writes that a step which stands alone has taken effect.
    Result<void> note_done(int32_t done);
    // Done after all, or why it is not.
    Result<void> settle_refusal(const ReadStep& step, int32_t done, Error error);
    void note_failure(int32_t done, const Error& error);
    void count_hash(const Step& step);
    void report_progress(const ReadStep& step);
    // Tries again, with growing pauses, while another session's locks are in the way.
    Result<void> retry_while_blocked(const std::function<Result<void>()>& attempt);

    const PlannedMigration& planned_;
    const Execution& execution_;
    Target& target_;
    EventSink& events_;
    const RunOptions& options_;
    std::unique_ptr<StepReader> reader_;
    Remains remains_;
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    std::string done_hash_;       // Of the steps done so far; see write_progress().
    int64_t bytes_reported_ = 0;
    int64_t statements_ = 0;
};

}  // namespace godwit
