// What a script's psql commands mean here: a few are ignored, all others refused.
#pragma once

#include <string>

#include "base/result.h"
#include "sql/lexer.h"

namespace godwit {

// The note to show for a command that is accepted and ignored, else the error,
// without its place.
Result<std::string> judge_psql_command(const PsqlCommand& command);

}  // namespace godwit
