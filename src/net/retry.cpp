#include "net/retry.h"

#include <algorithm>

namespace godwit::net {

int64_t backoff_ms(const RetryPolicy& policy, int tries, RandomSource& random) {
    const int doublings = std::clamp(tries - 1, 0, 30);
    const int64_t most = std::min(policy.longest_wait_ms, policy.first_wait_ms << doublings);
    return static_cast<int64_t>(random.fraction() * static_cast<double>(most + 1));
}

bool RetryBudget::take() {
    if (tokens_ < kCost) return false;
    tokens_ -= kCost;
    return true;
}

void RetryBudget::succeeded(bool after_retry) {
    tokens_ = std::min(kCapacity, tokens_ + (after_retry ? kCost : 1));
}

RetryTrack::Decision RetryTrack::after_failure(FaultClass kind, int64_t now_ms, const RetryPolicy& policy,
                                               RetryBudget& budget, RandomSource& random) {
    if (kind == FaultClass::kThrottled) {
        throttles_++;
        if (throttled_since_ms_ < 0) throttled_since_ms_ = now_ms;
        if (policy.attempts_bound_throttling && attempts_ + throttles_ >= policy.max_attempts) {
            return {RetryVerdict::kAttemptsUsedUp};
        }
        const int64_t wait_ms = backoff_ms(policy, throttles_, random);
        const bool patient = now_ms + wait_ms - throttled_since_ms_ < policy.throttle_patience_ms;
        return {patient ? RetryVerdict::kAgain : RetryVerdict::kPatienceUsedUp, wait_ms};
    }
    attempts_++;
    if (kind != FaultClass::kTransient && kind != FaultClass::kBusy) return {RetryVerdict::kUseless};
    if (attempts_ >= policy.max_attempts) return {RetryVerdict::kAttemptsUsedUp};
    if (!budget.take()) return {RetryVerdict::kBudgetUsedUp};
    took_budget_ = true;
    return {RetryVerdict::kAgain, backoff_ms(policy, attempts_, random)};
}

}  // namespace godwit::net
