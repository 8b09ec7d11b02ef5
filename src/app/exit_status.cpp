#include "app/exit_status.h"

namespace godwit {

int exit_status(ErrorCode code, int signal) {
    switch (code) {
        case ErrorCode::kInvalidInput:
        case ErrorCode::kNotSupported:
            return 2;
        case ErrorCode::kConflict:
            return 4;
        case ErrorCode::kLocked:
            return 6;
        case ErrorCode::kUnavailable:
            return 7;
        case ErrorCode::kNeedsRepair:
            return 8;
        case ErrorCode::kMismatch:
            return 9;
        case ErrorCode::kCancelled:
            return signal == 0 ? 130 : 128 + signal;
        case ErrorCode::kBlocked:
        case ErrorCode::kRejected:
        case ErrorCode::kInDoubt:
        case ErrorCode::kTimedOut:
        case ErrorCode::kInternal:
            return 1;
    }
    return 1;
}

}  // namespace godwit
