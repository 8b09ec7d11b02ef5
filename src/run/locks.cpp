#include "run/locks.h"

#include <algorithm>
#include <random>
#include <thread>

#include "base/process.h"
#include "base/text.h"

namespace godwit {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Result<std::unique_ptr<Lease>> lock_one(const std::string& database, Target& target, steady_clock::time_point deadline,
                                        milliseconds wait, EventSink& events, const Cancellation* cancellation) {
    std::string announced;
    for (int attempt = 0;; ++attempt) {
        if (cancellation != nullptr) CHECK(cancellation->check());
        Result<std::unique_ptr<Lease>> lease = target.try_lock();
        if (lease || lease.error().code != ErrorCode::kLocked) return lease;
        const std::string holder = lease.error().details.empty() ? "another run" : lease.error().details.front();
        const auto now = steady_clock::now();
        if (now >= deadline) {
            lease.error().message += " (waited " + human_duration(wait.count()) + ")";
            return lease;
        }
        if (holder != announced) events.on(LockAwaited{database, holder, wait});
        announced = holder;
        const auto left = std::chrono::ceil<milliseconds>(deadline - now);
        pause_for(std::min(backoff(attempt, milliseconds(50), milliseconds(1'000)), left), cancellation);
    }
}

}  // namespace

void pause_for(milliseconds time, const Cancellation* cancellation) {
    const auto until = steady_clock::now() + time;
    while (steady_clock::now() < until) {
        if (cancellation != nullptr && cancellation->stop_requested()) return;
        const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
        std::this_thread::sleep_for(std::clamp(left, milliseconds(1), milliseconds(50)));
    }
}

milliseconds backoff(int attempt, milliseconds first, milliseconds most) {
    static thread_local std::minstd_rand random(std::random_device{}());
    const int64_t full = std::min(first.count() << std::min(attempt, 20), most.count());
    return milliseconds(full - static_cast<int64_t>(random() % static_cast<uint64_t>(full / 4 + 1)));
}

Result<Leases> lock_all(const Targets& targets, milliseconds wait, EventSink& events, const Cancellation* cancellation) {
    const auto deadline = steady_clock::now() + wait;
    Leases leases;
    for (const auto& [database, target] : targets) {
        leases.push_back(TRY(lock_one(database, *target, deadline, wait, events, cancellation)));
    }
    return leases;
}

Result<std::string> force_unlock(const std::string& database, Target& target, AuditRecord audit,
                                 EventSink& events) {
    audit.run_id = random_hex(16);
    audit.command = "unlock";
    audit.plan = "[]";
    audit.result = "running";
    // Where there is no record yet, no run has begun, and none goes on after a loss.
    const bool noted = TRY(target.lock_status()).held && TRY(target.read_ledger()).exists;
    if (noted) {
        if (Result<void> begun = target.audit_begin(audit); !begun) {
            events.on(Remark{database, "the run may connect again: it could not be told of this: " +
                                           begun.error().message});
        }
    }
    Result<std::string> done = target.release_lock(true);
    audit.result = done ? "done" : "failed";
    audit.error = done ? "" : done.error().message;
    audit.duration_ms = 0;
    if (noted) (void)target.audit_end(audit);
    return done;
}

}  // namespace godwit
