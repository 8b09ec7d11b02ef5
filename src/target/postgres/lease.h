// The runner's lock behind a transaction pooler, where a session lock would stay
// on a backend that others use next: a row with an owner, a token and an end,
// judged by the server's clock.
//
// Every transaction of the holder first locks that row FOR KEY SHARE and fails
// when its token is gone. Heartbeats change other columns, so they pass; taking
// the lease over changes the token, so it cannot happen under a transaction that
// is under way, and a holder that wakes up too late writes nothing.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "base/cancellation.h"
#include "base/result.h"
#include "target/postgres/connection.h"
#include "target/postgres/pool.h"
#include "target/target.h"

namespace godwit::postgres {

// How long a lease lasts without a heartbeat, and how often it is renewed.
struct LeaseTimes {
    std::chrono::milliseconds lasts{30'000};
    std::chrono::milliseconds beat{8'000};
};

// The lease's table and row.
class LeaseSql {
public:
    LeaseSql(std::string_view schema, std::string_view table, LeaseTimes times = {});

    std::string create() const;
    // One row, the token, when the lease was free; no row when it is held.
    std::string take(std::string_view owner) const;
    // Affects no row when the token is no longer the current one.
    std::string renew(int64_t token) const;
    std::string release(int64_t token) const;
    std::string release_any() const;
    // For Transaction: divides by zero when the token is gone.
    std::string fence(int64_t token) const;
    // owner, since, seconds since the heartbeat, whether it still runs.
    std::string describe() const;

    const std::string& table() const { return name_; }  // Quoted and qualified.
    const LeaseTimes& times() const { return times_; }

private:
    std::string name_;
    std::string key_;
    LeaseTimes times_;
};

// Renews a lease from a thread of its own, over a connection of its own.
class Heartbeat {
public:
    // `pool` outlives the heartbeat.
    Heartbeat(LeaseSql sql, int64_t token, ConnectionPool& pool, PooledConnection connection);
    ~Heartbeat();
    Heartbeat(const Heartbeat&) = delete;
    Heartbeat& operator=(const Heartbeat&) = delete;

    // kLocked once another holds the lease, or it ran out for want of renewal.
    Result<void> check() const;

private:
    void run();
    // False: the lease is someone else's now.
    Result<bool> renew_once();

    const LeaseSql sql_;
    const int64_t token_;
    ConnectionPool& pool_;
    PooledConnection connection_;  // The thread's.
    Cancellation stop_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::atomic<bool> lost_{false};
    std::atomic<std::chrono::steady_clock::rep> renewed_at_;
    std::thread thread_;  // Last: starts when all else is there.
};

}  // namespace godwit::postgres
