#include "target/postgres/locking.h"

#include <fmt/format.h>

#include "base/text.h"
#include "target/postgres/history_sql.h"

namespace godwit::postgres {

// Gone with its session: nothing can be written over the connection that held
// the lock once that is lost.
class Locking::SessionLease final : public Lease {
public:
    SessionLease(Server& server, int64_t key) : server_(server), key_(key), generation_(server.generation()) {
        server_.depend(true);
    }
    ~SessionLease() override {
        if (!mine()) return;
        server_.depend(false);
        // A lock whose session has ended is free; another session could not free it.
        if (Connection* connection = server_.living_connection())
            (void)release_session_lock(*connection, key_);
    }

    Result<void> check() override {
        Result<Connection*> connection = server_.connection();
        if (mine() && connection && !(*connection)->closed_by_server()) return {};
        return fail(ErrorCode::kLocked, "the lock is lost: its session has ended");
    }

private:
    bool mine() const { return server_.generation() == generation_; }

    Server& server_;
    const int64_t key_;
    const int64_t generation_;
};

class Locking::RowLease final : public Lease {
public:
    RowLease(Locking& locking, LeaseSql sql, int64_t token, PooledConnection side)
        : locking_(locking), sql_(sql), token_(token), heartbeat_(std::in_place, sql, token, locking.server_.pool(), std::move(side)) {
        locking_.held_ = this;
    }
    ~RowLease() override {
        if (locking_.held_ == this) locking_.held_ = nullptr;
        heartbeat_.reset();  // First, or it would renew what is given up.
        if (Result<Connection*> connection = locking_.server_.connection()) (void)(*connection)->query(sql_.release(token_));
    }

    Result<void> check() override { return heartbeat_->check(); }
    std::string fence() const { return sql_.fence(token_); }

private:
    Locking& locking_;
    const LeaseSql sql_;
    const int64_t token_;
    std::optional<Heartbeat> heartbeat_;
};

Result<std::unique_ptr<Lease>> Locking::try_lock() {
    Connection* connection = TRY(server_.connection());
    if (server_.session().in_recovery) {
        return fail(make_error(ErrorCode::kUnavailable, server_.settings().describe() + " is a standby, not the primary")
                        .with_remedy("Connect to the primary; target_session_attrs=primary finds it in a list of hosts."));
    }
    return server_.session().pooled ? try_lease(*connection) : try_session_lock_of(*connection);
}

Result<std::unique_ptr<Lease>> Locking::try_session_lock_of(Connection& connection) {
    const LockTry tried = TRY(try_session_lock(connection, key(), lease_sql().table()));
    if (!tried.taken) return fail(locked_by(TRY(find_holders(connection, key()))));
    std::unique_ptr<Lease> lease = std::make_unique<SessionLease>(server_, key());
    if (!tried.lease_table) return lease;
    const LockStatus row = TRY(lease_status(connection));
    if (row.held) return fail(locked_by_lease(row));
    return lease;
}

Error Locking::locked_by_lease(const LockStatus& status) {
    return make_error(ErrorCode::kLocked, "another run holds the lock")
        .with_detail(status.holder)
        .with_detail(fmt::format("{}, taken {}", status.detail, status.since))
        .with_remedy("Wait for it, or look at it with `godwit lock status`.");
}

// Nothing: another holds it, or a transaction of a former holder is under way.
Result<std::optional<int64_t>> Locking::take_lease(Connection& connection) {
    const LeaseSql sql = lease_sql();
    const auto take = [&] {
        return connection.query("BEGIN;SET LOCAL lock_timeout = 200;" + sql.take(config_.owner) + ";COMMIT");
    };
    auto rows = take();
    if (!rows && rows.error().native_code == sqlstate::kUndefinedTable) {
        CHECK(connection.query("ROLLBACK"));
        const Server::Quiet quiet(server_);
        CHECK(connection.query("BEGIN;SELECT pg_catalog.pg_advisory_xact_lock(7160114523097001);" + sql.create() + ";COMMIT"));
        rows = take();
    }
    if (!rows && connection.alive()) CHECK(connection.query("ROLLBACK"));
    if (!rows && rows.error().code == ErrorCode::kBlocked) return std::nullopt;
    if (!rows) return fail(std::move(rows).error());
    const ResultHandle& token = rows->at(0);
    return PQntuples(token.get()) == 1 ? std::optional(number_field(token, 0, 0)) : std::nullopt;
}

Result<std::unique_ptr<Lease>> Locking::try_lease(Connection& connection) {
    // Asked for first: a lease that cannot be renewed is of no use.
    PooledConnection side = TRY(server_.pool().acquire());
    const std::optional<int64_t> token = TRY(take_lease(connection));
    if (!token) return fail(locked_by_lease(TRY(lease_status(connection))));
    std::unique_ptr<Lease> lease = std::make_unique<RowLease>(*this, lease_sql(), *token, std::move(side));
    const std::vector<LockHolder> holders = TRY(find_holders(connection, key()));
    if (!holders.empty()) return fail(locked_by(holders));
    return lease;
}

Result<LockStatus> Locking::lease_status(Connection& connection) {
    LockStatus status;
    auto rows = connection.query(lease_sql().describe());
    if (!rows && rows.error().native_code == sqlstate::kUndefinedTable) return status;
    if (!rows) return fail(std::move(rows).error());
    const ResultHandle& row = rows->at(0);
    if (PQntuples(row.get()) == 0) return status;
    status.held = bool_field(row, 0, 3);
    status.holder = printable(field(row, 0, 0));
    status.since = field(row, 0, 1);
    status.detail = fmt::format("lease, heartbeat {} ago", human_duration(number_field(row, 0, 2) * 1000));
    return status;
}

Result<LockStatus> Locking::status() {
    Connection* connection = TRY(server_.connection());
    // A lease keeps out those who come through the pooler, a session lock the
    // others: whichever is held is shown.
    if (server_.session().pooled) return lease_status(*connection);
    const std::vector<LockHolder> holders = TRY(find_holders(*connection, key()));
    if (holders.empty()) return lease_status(*connection);
    return LockStatus{true, holders.front().name(), holders.front().since, holders.front().detail()};
}

Result<std::string> Locking::release(bool force) {
    Connection* connection = TRY(server_.connection());
    const std::vector<LockHolder> holders = TRY(find_holders(*connection, key()));
    const LockStatus lease = TRY(lease_status(*connection));
    if (holders.empty() && !lease.held) return std::string("the lock is free");
    if (!force) {
        Error error = holders.empty() ? make_error(ErrorCode::kLocked, "the lock is held by " + lease.holder)
                                      : locked_by(holders);
        return fail(std::move(error).with_remedy("Wait for it; if it is beyond help, `godwit lock release --force` ends it."));
    }
    std::vector<std::string> done;
    for (const LockHolder& holder : holders) done.push_back(TRY(terminate(*connection, holder)));
    if (lease.held) {
        CHECK(connection->query(lease_sql().release_any()));
        done.push_back("took the lease from " + lease.holder);
    }
    return join(done, "; ");
}

Result<void> Locking::check() const { return held_ == nullptr ? Result<void>() : held_->check(); }

std::string Locking::fence() const { return held_ == nullptr ? "" : held_->fence(); }

}  // namespace godwit::postgres
