// How a statement of a script may be run.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "sql/splitter.h"
#include "target/target.h"

namespace godwit::postgres {

struct Classification {
    StepKind kind = StepKind::kPlain;
    std::string why_alone;
    bool session_only = false;
    bool may_commit = false;
    // kBegin only: "ISOLATION LEVEL SERIALIZABLE" and the like.
    std::string transaction_modes;
};

// Judges by the first words, and asks the grammar only where these leave a
// doubt: a script of INSERTs is never parsed. kInvalidInput, with a place and a
// remedy, for what a migration must not hold (ROLLBACK, DISCARD ALL, …).
Result<Classification> classify(const Statement& statement);

// Whether `sql` changes how the server reads text that comes after it, so that it
// must be the last of its message.
bool changes_reading(std::string_view sql);

// Whether `text` holds `word` in any case of letters (ASCII); `word` is lower case.
bool mentions(std::string_view text, std::string_view word);

}  // namespace godwit::postgres
