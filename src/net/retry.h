// When to try again, and how long to wait before.
#pragma once

#include <cstdint>

#include "net/aws_fault.h"
#include "net/time_source.h"

namespace godwit::net {

struct RetryPolicy {
    // Of one request, the first included, for all but throttling.
    int max_attempts = 8;
    // Throttling goes on being tried for this long; it is not bounded by
    // max_attempts unless the user set that.
    int64_t throttle_patience_ms = 300'000;
    bool attempts_bound_throttling = false;
    // Full jitter: a wait is evenly spread from 0 to the smaller of the two.
    int64_t first_wait_ms = 50;  // Doubles with each try.
    int64_t longest_wait_ms = 20'000;
};

// Between 0 and min(longest, first · 2^(tries − 1)); `tries` that failed, from 1.
// Source: "Exponential Backoff And Jitter", AWS Architecture Blog.
int64_t backoff_ms(const RetryPolicy& policy, int tries, RandomSource& random);

// What all requests of a client may spend on trying again after failures: when a
// service is down, hammering it does not bring it back. As AWS's SDKs do:
// 500 tokens, a try again takes 5 and gives them back when it succeeds, any other
// success gives 1. Throttling takes none.
class RetryBudget {
public:
    bool take();
    void succeeded(bool after_retry);

private:
    static constexpr int kCapacity = 500, kCost = 5;
    int tokens_ = kCapacity;
};

enum class RetryVerdict { kAgain, kAttemptsUsedUp, kPatienceUsedUp, kBudgetUsedUp, kUseless };

// The tries of one request.
class RetryTrack {
public:
    struct Decision {
        RetryVerdict verdict = RetryVerdict::kUseless;
        int64_t wait_ms = 0;
    };

    // One more try has failed, at `now_ms` on the steady clock.
    Decision after_failure(FaultClass kind, int64_t now_ms, const RetryPolicy& policy, RetryBudget& budget,
                           RandomSource& random);
    // Something was achieved after all: throttling starts to count anew.
    void progressed() {
        throttled_since_ms_ = -1;
        throttles_ = 0;
    }

    bool took_budget() const { return took_budget_; }

private:
    int attempts_ = 0;   // That failed otherwise than by throttling.
    int throttles_ = 0;  // In a row.
    int64_t throttled_since_ms_ = -1;
    bool took_budget_ = false;
};

}  // namespace godwit::net
