// Shows what would run, and why.
#pragma once

#include "app/command.h"
#include "plan/plan.h"

namespace godwit {

// For `plan` and `up --dry-run`; returns the exit status.
Result<int> show_plan(Session& session, const Goal& goal, PlanOptions options);

}  // namespace godwit
