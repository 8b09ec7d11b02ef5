#include "target/postgres/lease.h"

#include <fmt/format.h>

#include <csignal>

#include "target/postgres/history_sql.h"

namespace godwit::postgres {

using std::chrono::steady_clock;

namespace {

// The thread must notice soon that it is to end.
constexpr std::chrono::milliseconds kPoolWait{1'000};

}  // namespace

LeaseSql::LeaseSql(std::string_view schema, std::string_view table, LeaseTimes times)
    : name_((schema.empty() ? "" : identifier(schema) + ".") + "godwit_lease"), key_(literal(table)), times_(times) {}

std::string LeaseSql::create() const {
    // The token is part of a key, so that changing it needs the strongest row lock.
    return fmt::format("CREATE TABLE IF NOT EXISTS {} (history TEXT PRIMARY KEY, token BIGINT NOT NULL,"
                       " owner TEXT NOT NULL, taken_at TIMESTAMP WITH TIME ZONE NOT NULL,"
                       " heartbeat_at TIMESTAMP WITH TIME ZONE NOT NULL, expires_at TIMESTAMP WITH TIME ZONE NOT NULL,"
                       " UNIQUE (history, token))",
                       name_);
}

std::string LeaseSql::take(std::string_view owner) const {
    return fmt::format("INSERT INTO {0} AS l VALUES ({1}, 1, {2}, clock_timestamp(), clock_timestamp(),"
                       " clock_timestamp() + interval '{3} milliseconds') ON CONFLICT (history) DO UPDATE SET"
                       " token = l.token + 1, owner = excluded.owner, taken_at = excluded.taken_at,"
                       " heartbeat_at = excluded.heartbeat_at, expires_at = excluded.expires_at"
                       " WHERE l.expires_at < clock_timestamp() RETURNING token",
                       name_, key_, literal(owner), times_.lasts.count());
}

std::string LeaseSql::renew(int64_t token) const {
    return fmt::format("UPDATE {} SET heartbeat_at = clock_timestamp(),"
                       " expires_at = clock_timestamp() + interval '{} milliseconds'"
                       " WHERE history = {} AND token = {} RETURNING 1",
                       name_, times_.lasts.count(), key_, token);
}

std::string LeaseSql::release(int64_t token) const {
    return fmt::format("UPDATE {} SET expires_at = '-infinity' WHERE history = {} AND token = {}", name_, key_, token);
}

std::string LeaseSql::release_any() const {
    return fmt::format("UPDATE {} SET expires_at = '-infinity', token = token + 1 WHERE history = {}", name_, key_);
}

std::string LeaseSql::fence(int64_t token) const {
    return fmt::format("SELECT 1 / (SELECT count(*) FROM (SELECT 1 FROM {} WHERE history = {} AND token = {}"
                       " FOR KEY SHARE) AS held)",
                       name_, key_, token);
}

std::string LeaseSql::describe() const {
    return fmt::format("SELECT owner, to_char(taken_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
                       " extract(epoch FROM clock_timestamp() - heartbeat_at)::bigint, expires_at >= clock_timestamp()"
                       " FROM {} WHERE history = {}",
                       name_, key_);
}

Heartbeat::Heartbeat(LeaseSql sql, int64_t token, ConnectionPool& pool, PooledConnection connection)
    : sql_(std::move(sql)),
      token_(token),
      pool_(pool),
      connection_(std::move(connection)),
      renewed_at_(steady_clock::now().time_since_epoch().count()),
      thread_([this] { run(); }) {}

Heartbeat::~Heartbeat() {
    {
        const std::lock_guard lock(mutex_);
        stop_.request(SIGTERM);
    }
    wake_.notify_all();
    thread_.join();
    if (connection_) connection_->obey(nullptr);
}

Result<void> Heartbeat::check() const {
    const steady_clock::time_point renewed{steady_clock::duration(renewed_at_.load())};
    const bool ran_out = steady_clock::now() - renewed >= sql_.times().lasts;
    if (!lost_.load() && !ran_out) return {};
    return fail(lease_lost());
}

Result<bool> Heartbeat::renew_once() {
    if (!connection_ || !connection_->alive()) {
        connection_.give_back();
        connection_ = TRY(pool_.acquire(kPoolWait));
    }
    connection_->obey(&stop_);
    const auto rows = TRY(connection_->query(sql_.renew(token_), Stopping::kInterrupts));
    return !rows.empty() && PQntuples(rows[0].get()) == 1;
}

void Heartbeat::run() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, sql_.times().beat, [this] { return stop_.stop_requested(); })) {
        lock.unlock();
        // Measured before the request, so that the lease never seems longer than it is.
        const auto asked_at = steady_clock::now();
        const Result<bool> renewed = renew_once();
        if (renewed && !*renewed) lost_ = true;
        if (renewed && *renewed) renewed_at_ = asked_at.time_since_epoch().count();
        lock.lock();
    }
}

}  // namespace godwit::postgres
