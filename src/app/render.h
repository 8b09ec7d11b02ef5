// How commands show migrations, reports and times.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/command.h"
#include "app/json.h"
#include "model/ledger.h"
#include "plan/plan.h"
#include "run/run.h"

namespace godwit {

std::string show_time(const Timestamp& time);  // "2025-01-04 10:00:00", UTC.
std::string iso_time(const Timestamp& time);   // "2025-01-04T10:00:00.000Z".

// Cuts at `width` characters, with … where something was cut.
std::string fit(std::string_view text, size_t width);

// Rows as columns with two spaces between; the column `flexible` gives way so
// that a row fits 80 characters where it can. Text is made printable.
std::string table(const std::vector<std::vector<std::string>>& rows, size_t flexible,
                  std::string_view indent);

// The error of a failed report with what was applied and what to do next.
Error explained(const Report& report, Direction direction);

// Prints the outcome of up, down or redo, and returns the exit status. `more` adds
// members to JSON.
int finish_report(Session& session, const Report& report, Direction direction,
                  const std::function<void(Json&)>& more = {});

void write_standing(Json& json, const StandingRow& row);

// On a protected environment, asks for the name of every database of the plan
// that would lose something, or takes --yes-to; kInvalidInput without.
Result<void> confirm_destructive(Session& session, Project& project, const Plan& plan);

}  // namespace godwit
