// Decides what to run. Pure: the same inputs give the same plan.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/graph.h"
#include "model/ledger.h"
#include "plan/goal.h"
#include "plan/state.h"

namespace godwit {

struct PlannedMigration {
    // Owned by the graph the plan was made from, or by `completed`.
    const Migration* migration = nullptr;
    // Going down without a down part: the migration with one that is made of the inverses
    // which the record kept, last step first. Else null.
    std::shared_ptr<const Migration> completed;
    Direction direction = Direction::kUp;
    bool resuming = false;   // An earlier attempt stopped after `steps_done` steps.
    int32_t steps_done = 0;  // 0 unless resuming.
    std::string step_hash;   // From the journal; see LedgerEntry. Empty unless resuming.
    std::string step_text;   // From the journal: the step in doubt; empty when none is.
    // What takes back the step in doubt, as it was found before that was first tried.
    std::string inverse;
    std::string why;         // One clause: "pending", "required by 2.0.0", "after 20250101_120000".
    std::vector<std::string> heads_removed;  // For HistoryLayout::kAlembic; see RecordChange.
    std::vector<std::string> heads_added;
};

struct Plan {
    std::vector<PlannedMigration> migrations;  // In execution order.
    std::vector<std::string> notes;            // For the reader: "R__views.sql changed, runs again".
    bool empty() const { return migrations.empty(); }
};

struct PlanOptions {
    bool allow_out_of_order = false;
    bool show_unfinished = false;  // For a plan that is only shown; else they are refused.
};

// Why a migration that is Migration::unfinished cannot run, and what to write where.
Error unfinished_error(const Migration& migration);

// Up: the migrations that the address means and all that they need, less what
// is applied. Repeatable ones run, when they are new or changed, after the
// plan leaves nothing else pending in their database.
// Down: all that cannot stay applied without what comes after the address.
// Repeatable ones go with what they depend on, and with `base` where they have
// a down part.
//
// A database that is not selected is never changed; where its ledger is not
// given, nothing of it counts as applied (for what needs it) nor as absent (for
// what it would lose).
//
// Fails, before anything runs, with
//   kConflict      an applied migration has no file or was edited (up: in a
//                  selected database; down: if it would be reverted); a pending
//                  one is older than the newest applied one of its line (unless
//                  allowed); `head` is asked for and there are several heads;
//                  going down past an irreversible migration;
//   kNeedsRepair   a migration is in flight in the other direction, or the goal
//                  does not include it, or no file has it (that the steps which
//                  are done were not edited is checked when it resumes);
//   kInvalidInput  the address means nothing or several things; a needed or
//                  dependent migration lies in a database that was not selected;
//                  a migration is unfinished.
// The error is the first of its kind, its details are the others.
Result<Plan> make_plan(const Graph& graph, const Ledgers& ledgers, const Goal& goal,
                       const PlanOptions& options);

// The goal as it stands once resolved: run again after a lost connection it
// still means the same migrations, where "+2" would move on.
Result<Goal> pin(const Graph& graph, const Ledgers& ledgers, const Goal& goal);

}  // namespace godwit
