// What went wrong, in terms the caller can act on.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/source_span.h"

namespace godwit {

// Codes name what the caller should do, not where the failure arose. Each maps
// to one process exit status (see app/exit_status.cpp).
enum class ErrorCode {
    kInvalidInput,  // A file, flag or setting is wrong; fix it and run again.
    kConflict,      // History and files disagree; a person must decide.
    kNotSupported,  // This target cannot do that; nothing was attempted.
    kUnavailable,   // The target cannot be reached or refused us; nothing was sent that counts.
    kLocked,        // Another run holds the runner's lock; try later.
    kBlocked,       // A session holds row or table locks that a statement needs; it had no effect.
    kRejected,      // The target refused the statement; it had no effect.
    kInDoubt,       // The connection died while a write was under way; its effect is unknown.
    kNeedsRepair,   // A crash left a step whose effect cannot be told; see `godwit repair`.
    kTimedOut,      // The run's own time limit passed; stopped at a safe point.
    kCancelled,     // Stopped on request at a safe point.
    kMismatch,      // A verification found a difference.
    kInternal,      // A bug in this program.
};

// Stable names for machines: "invalid_input", "conflict", ...
std::string_view to_string(ErrorCode code);

struct Error {
    ErrorCode code = ErrorCode::kInternal;
    std::string message;               // One sentence, lower case, no trailing full stop or newline.
    std::string native_code;           // SQLSTATE, name of SQLite's extended code; empty when none.
    SourceSpan where;                  // The place in the user's file, if there is one.
    std::vector<std::string> details;  // More lines: the server's DETAIL and HINT, the blocking session.
    std::string remedy;                // What to do, as a sentence; empty when the message says it.

    Error at(SourceSpan span) && {
        where = std::move(span);
        return std::move(*this);
    }
    Error with_remedy(std::string sentence) && {
        remedy = std::move(sentence);
        return std::move(*this);
    }
    Error with_detail(std::string line) && {
        details.push_back(std::move(line));
        return std::move(*this);
    }
    Error with_native_code(std::string native) && {
        native_code = std::move(native);
        return std::move(*this);
    }
};

inline Error make_error(ErrorCode code, std::string message) {
    Error error;
    error.code = code;
    error.message = std::move(message);
    return error;
}

}  // namespace godwit
