// What all clients of one account and region share: configuration, credentials
// that are renewed in time, and how far our clock is off.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/cancellation.h"
#include "base/result.h"
#include "net/aws_config.h"
#include "net/signature.h"

namespace godwit::net {

struct AwsCredentials {
    AwsKeys keys;
    std::optional<int64_t> expires_ms;  // Wall clock; nothing: never.
    std::string source;                 // "the environment", "profile dev in ~/.aws/credentials".
};

// Safe to use from several threads at once.
class AwsSession {
public:
    using Fetch = std::function<Result<AwsCredentials>(const AwsConfig&, const Cancellation*)>;
    using Held = std::shared_ptr<const AwsCredentials>;

    // Opens no connection; credentials are looked for when they are first needed.
    static Result<std::shared_ptr<AwsSession>> open(const AwsOptions& options,
                                                    Surroundings surroundings = Surroundings::of_process());
    // With a source of credentials of the caller's choice.
    AwsSession(AwsConfig config, Fetch fetch);

    const AwsConfig& config() const { return config_; }

    // Those at hand, or fresh ones when these have less than five minutes left. One
    // thread fetches while the others go on with what still holds. When renewing
    // fails, the old ones are used as long as they hold.
    Result<Held> credentials(const Cancellation* cancellation);
    // The service says that these have expired: the next call fetches.
    void discard(const Held& credentials);

    // The wall clock, corrected by what replies told.
    int64_t wall_ms() const { return config_.surroundings().time->wall_ms() + clock_offset_ms_.load(); }
    // Takes the service's time for right; false when it is within 60 s of ours.
    bool correct_clock(int64_t service_wall_ms);

private:
    bool is_fresh(const Held& held) const;
    bool still_holds(const Held& held) const;

    AwsConfig config_;
    Fetch fetch_;
    std::atomic<int64_t> clock_offset_ms_{0};
    std::mutex mutex_;        // Guards held_ and next_try_ms_.
    std::mutex fetch_mutex_;  // Held while fetching; taken before mutex_.
    Held held_;
    int64_t next_try_ms_ = 0;
};

}  // namespace godwit::net
