// Runs one statement outside any transaction of ours.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "target/postgres/server.h"
#include "target/target.h"

namespace godwit::postgres {

struct AloneLimits {
    std::chrono::milliseconds lock_timeout{0};
    std::chrono::milliseconds statement_timeout{0};
};

// What CONCURRENTLY waits for blocks nobody else, and giving up would throw away
// the work and leave an invalid index: there the usual lock_timeout does not
// count, only one that the migration itself asks for.
AloneLimits alone_limits(const ReadStep& step, const Execution& execution, const TargetConfig& config);

// Remembers which settings a SET of the script has changed, so that the tool's
// own limits do not undo them.
void note_session_statement(Server& server, std::string_view sql);

// kInDoubt when the connection was lost while the statement was under way.
// `fence`, if not empty, is asked before it.
Result<void> run_alone(Server& server, Connection& connection, const ReadStep& step, const AloneLimits& limits,
                       const std::string& fence);

}  // namespace godwit::postgres
