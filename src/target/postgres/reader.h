// Reads the steps of a PostgreSQL script, and decides how a migration is to run.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "model/migration.h"
#include "target/target.h"

namespace godwit::postgres {

// `note` is told what is accepted and ignored; may be empty.
Result<std::unique_ptr<StepReader>> read_steps(const Body& body, std::function<void(const SourceSpan&, std::string)> note);

// One pass over the script. One outer BEGIN … COMMIT is the migration's own
// transaction; more than that needs `transaction=off`.
Result<Execution> inspect(const Migration& migration, Direction direction, const TargetConfig& config);

}  // namespace godwit::postgres
