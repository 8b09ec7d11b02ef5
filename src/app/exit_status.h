// Which process exit status an error ends in; the list is in docs/cli.md.
#pragma once

#include "base/error.h"

namespace godwit {

inline constexpr int kExitDone = 0;
inline constexpr int kExitPending = 3;

// `signal` is the one that asked the run to stop, or 0.
int exit_status(ErrorCode code, int signal = 0);

}  // namespace godwit
