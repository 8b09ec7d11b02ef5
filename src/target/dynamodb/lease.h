// The runner's lock: an item of the record's table with an owner, a token that is
// raised whenever it changes hands, and a count that its holder raises while it
// lives.
//
// Nobody's clock is trusted. Who wants a lease that is held must have seen the same
// token and count for as long as the lease lasts, by the time that has passed on its
// own machine; its holder takes it for lost when no heartbeat that was sent within
// three quarters of that time has been confirmed. And every write of the record
// checks the token, in the same transaction.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/cancellation.h"
#include "base/result.h"
#include "target/dynamodb/history_table.h"
#include "target/target.h"

namespace godwit::dynamodb {

// Time that passes on this machine, also while it sleeps (CLOCK_BOOTTIME).
std::chrono::milliseconds time_passed();

// The lease's item as it was read.
struct LeaseState {
    bool held = false;
    std::string owner;   // "deploy@ci-7 pid 4711".
    std::string holder;  // Unique for each target and taking.
    std::string since;   // ISO 8601, by its holder's clock.
    int64_t token = 0;   // Of the last taking.
    int64_t beat = 0;
    std::chrono::milliseconds lasts{0};
    // The last token that was taken away by force, and by whom: "user@host".
    int64_t forced_token = 0;
    std::string forced_by;

    static LeaseState of(const std::optional<Item>& item);
    bool same_as(const LeaseState& other) const { return token == other.token && beat == other.beat; }
};

// Raises the count of a lease from a thread of its own, with a client of its own.
class Heartbeat {
public:
    // `taken_at`: when the request was sent that took the lease.
    Heartbeat(std::shared_ptr<net::AwsSession> session, std::string table, int64_t token,
              std::chrono::milliseconds lasts, std::chrono::milliseconds taken_at);
    ~Heartbeat();
    Heartbeat(const Heartbeat&) = delete;
    Heartbeat& operator=(const Heartbeat&) = delete;

    int64_t token() const { return token_; }
    // kLocked once another has the lease, or it may have run out. Any thread.
    Result<void> check() const;

private:
    void run();
    bool beat_once(net::AwsClient& client);  // Whether it was confirmed.

    const std::shared_ptr<net::AwsSession> session_;
    const std::string table_;
    const int64_t token_;
    const std::chrono::milliseconds lasts_;
    Cancellation stop_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::atomic<bool> lost_{false};
    std::atomic<int64_t> confirmed_at_ms_;
    std::thread thread_;  // Last: starts when all else is there.
};

class Locking {
public:
    // `table` outlives it; `lasts` is how long the leases taken here last.
    Locking(HistoryTable& table, std::shared_ptr<net::AwsSession> session, const TargetConfig& config,
            std::chrono::milliseconds lasts);

    // As Target has them.
    Result<std::unique_ptr<Lease>> try_lock();
    Result<LockStatus> status();
    Result<std::string> release(bool force);
    // Empty unless the lease that was taken last was freed by force.
    Result<std::string> forced_out_by();

    // kLocked once the lease that is held here is lost; nothing else is asked.
    Result<void> check() const;
    // What the record's writes check; nothing while no lease is held here.
    std::optional<int64_t> fence() const;

private:
    class Held;

    Result<LeaseState> look();
    // Takes the lease if it is free, or as it was `seen`. What it is then: ours, or
    // what was in the way.
    Result<LeaseState> take(const LeaseState* seen);
    Result<net::AwsOutcome> send_taking(const Update& update);
    bool is_ours(const LeaseState& state) const;  // Of the last taking.
    bool may_take(const LeaseState& state, std::chrono::milliseconds asked_at);
    Result<std::string> release_dead(LeaseState state);
    Result<std::string> release_by_force();

    HistoryTable& table_;
    const std::shared_ptr<net::AwsSession> session_;
    const TargetConfig config_;
    const std::chrono::milliseconds lasts_;
    const std::string holder_;  // Of all takings of this target; each adds its number.
    int64_t takings_ = 0;
    int64_t last_token_ = 0;
    std::optional<LeaseState> seen_;  // Held by another, and unchanged since seen_at_.
    std::chrono::milliseconds seen_at_{0};
    Held* held_ = nullptr;
};

}  // namespace godwit::dynamodb
