// The runner's lock: of the session, or a lease behind a transaction pooler. Runs
// of either kind keep out those of the other: each takes its own lock first and
// then looks for the other's, so two that come at once cannot both go on.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "target/postgres/lease.h"
#include "target/postgres/server.h"
#include "target/postgres/session_lock.h"
#include "target/target.h"

namespace godwit::postgres {

class Locking {
public:
    // Both outlive it.
    Locking(Server& server, const TargetConfig& config) : server_(server), config_(config) {}

    Result<std::unique_ptr<Lease>> try_lock();
    Result<LockStatus> status();
    Result<std::string> release(bool force);

    // kLocked when a lock that was taken is lost.
    Result<void> check() const;
    // For each transaction while a lease is held; else empty.
    std::string fence() const;

private:
    class SessionLease;
    class RowLease;

    LeaseSql lease_sql() const { return {server_.shape().schema, server_.history().table}; }
    int64_t key() const { return lock_key(server_.shape().schema, server_.history().table); }
    Result<std::unique_ptr<Lease>> try_session_lock_of(Connection& connection);
    Result<std::unique_ptr<Lease>> try_lease(Connection& connection);
    Result<std::optional<int64_t>> take_lease(Connection& connection);
    Result<LockStatus> lease_status(Connection& connection);
    static Error locked_by_lease(const LockStatus& status);

    Server& server_;
    const TargetConfig& config_;
    RowLease* held_ = nullptr;  // Owned by whoever locked.
};

}  // namespace godwit::postgres
