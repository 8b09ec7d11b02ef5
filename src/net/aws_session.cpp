#include "net/aws_session.h"

#include <cstdlib>

#include "net/credentials.h"

namespace godwit::net {
namespace {

constexpr int64_t kRenewBeforeMs = 300'000;
// After a renewal that failed, or that brought credentials of short life.
constexpr int64_t kRenewAgainMs = 30'000;
constexpr int64_t kTolerableOffsetMs = 60'000;

}  // namespace

Result<std::shared_ptr<AwsSession>> AwsSession::open(const AwsOptions& options, Surroundings surroundings) {
    AwsConfig config = TRY(AwsConfig::load(options, std::move(surroundings)));
    return std::make_shared<AwsSession>(std::move(config), find_credentials);
}

AwsSession::AwsSession(AwsConfig config, Fetch fetch)
    : config_(std::move(config)), fetch_(std::move(fetch)) {}

bool AwsSession::still_holds(const Held& held) const {
    return held != nullptr && (!held->expires_ms || wall_ms() < *held->expires_ms);
}

bool AwsSession::is_fresh(const Held& held) const {
    if (!still_holds(held)) return false;
    return !held->expires_ms || wall_ms() < *held->expires_ms - kRenewBeforeMs || wall_ms() < next_try_ms_;
}

Result<AwsSession::Held> AwsSession::credentials(const Cancellation* cancellation) {
    std::unique_lock fetching(fetch_mutex_, std::defer_lock);
    {
        const std::lock_guard guard(mutex_);
        if (is_fresh(held_)) return held_;
        // Somebody else is renewing them, and they still hold: no need to wait.
        if (!fetching.try_lock() && still_holds(held_)) return held_;
    }
    if (!fetching.owns_lock()) fetching.lock();
    {
        const std::lock_guard guard(mutex_);
        if (is_fresh(held_)) return held_;
    }
    auto fetched = fetch_(config_, cancellation);
    const std::lock_guard guard(mutex_);
    if (!fetched && !still_holds(held_)) return fail(std::move(fetched).error());
    if (fetched) held_ = std::make_shared<const AwsCredentials>(std::move(*fetched));
    next_try_ms_ = wall_ms() + kRenewAgainMs;
    return held_;
}

void AwsSession::discard(const Held& credentials) {
    const std::lock_guard guard(mutex_);
    if (held_ == credentials) held_ = nullptr;
}

bool AwsSession::correct_clock(int64_t service_wall_ms) {
    if (std::abs(service_wall_ms - wall_ms()) < kTolerableOffsetMs) return false;
    clock_offset_ms_ = service_wall_ms - config_.surroundings().time->wall_ms();
    return true;
}

}  // namespace godwit::net
