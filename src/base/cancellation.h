// A request to stop, raised by a signal handler or another thread and polled
// by whoever works.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>

#include "base/result.h"

namespace godwit {

// Thread-safe and async-signal-safe: request() may be called from a signal
// handler. The deadline is set before work starts and not changed afterwards.
class Cancellation {
public:
    using Clock = std::chrono::steady_clock;

    void request(int signal) { signal_.store(signal, std::memory_order_relaxed); }
    // The signal number given to request(), or 0.
    int signal() const { return signal_.load(std::memory_order_relaxed); }

    void set_deadline(Clock::time_point deadline) { deadline_ = deadline; }
    std::optional<Clock::time_point> deadline() const { return deadline_; }

    bool stop_requested() const {
        return signal() != 0 || (deadline_ && Clock::now() >= *deadline_);
    }
    // kCancelled or kTimedOut when a stop is requested.
    Result<void> check() const;

private:
    std::atomic<int> signal_{0};
    std::optional<Clock::time_point> deadline_;
};

}  // namespace godwit
