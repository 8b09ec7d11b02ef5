#include "base/error.h"

namespace godwit {

std::string_view to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::kInvalidInput: return "invalid_input";
        case ErrorCode::kConflict: return "conflict";
        case ErrorCode::kNotSupported: return "not_supported";
        case ErrorCode::kUnavailable: return "unavailable";
        case ErrorCode::kLocked: return "locked";
        case ErrorCode::kBlocked: return "blocked";
        case ErrorCode::kRejected: return "rejected";
        case ErrorCode::kInDoubt: return "in_doubt";
        case ErrorCode::kNeedsRepair: return "needs_repair";
        case ErrorCode::kTimedOut: return "timed_out";
        case ErrorCode::kCancelled: return "cancelled";
        case ErrorCode::kMismatch: return "mismatch";
        case ErrorCode::kInternal: return "internal";
    }
    return "internal";
}

}  // namespace godwit
