// Reads SQLite scripts: statements, and which of them need their own place
// outside a transaction.
#pragma once

#include <memory>

#include "base/result.h"
#include "model/migration.h"
#include "target/target.h"

namespace godwit::sqlite {

Result<std::unique_ptr<StepReader>> read_steps(const Body& body);

// `enforced`: whether the connection is configured to enforce foreign keys.
Result<Execution> inspect(const Migration& migration, Direction direction, const TargetConfig& config, bool enforced);

// Whether the step is `PRAGMA foreign_keys = …`, which inspect() has taken over.
bool sets_foreign_keys(std::string_view statement);

}  // namespace godwit::sqlite
