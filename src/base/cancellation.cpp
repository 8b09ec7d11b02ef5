#include "base/cancellation.h"

namespace godwit {

Result<void> Cancellation::check() const {
    if (signal() != 0) return fail(ErrorCode::kCancelled, "stopped on request");
    if (stop_requested()) {
        return fail(make_error(ErrorCode::kTimedOut, "the time limit of this run has passed")
                        .with_remedy("Raise --timeout (or DB_MIGRATION_TIMEOUT) and run the command again; "
                                     "what is applied stays applied."));
    }
    return {};
}

}  // namespace godwit
