#include "target/postgres/session_lock.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "base/sha256.h"
#include "base/text.h"
#include "target/postgres/history_sql.h"

namespace godwit::postgres {
namespace {

constexpr std::string_view kApplicationPrefix = "godwit ";

Result<bool> is_running(Connection& connection, int pid) {
    const auto rows = TRY(connection.query(fmt::format("SELECT count(*) FROM pg_catalog.pg_stat_get_activity({})", pid)));
    return number_field(rows.at(0), 0, 0) > 0;
}

}  // namespace

int64_t lock_key(std::string_view schema, std::string_view table) {
    const auto hash = sha256("godwit\n" + std::string(schema) + "\n" + std::string(table));
    uint64_t key = 0;
    for (size_t i = 0; i < 8; ++i) key = key << 8 | hash[i];
    return static_cast<int64_t>(key);
}

std::string LockHolder::name() const {
    std::string_view shown = application;
    if (shown.starts_with(kApplicationPrefix)) shown.remove_prefix(kApplicationPrefix.size());
    return shown.empty() ? fmt::format("session {}", pid) : printable(shown);
}

std::string LockHolder::detail() const {
    return fmt::format("PostgreSQL session {} of user {} from {}", pid, user.empty() ? "unknown" : printable(user),
                       address.empty() ? "a local socket" : address);
}

Result<LockTry> try_session_lock(Connection& connection, int64_t key, std::string_view lease_table) {
    const auto rows = TRY(connection.query(fmt::format("SELECT pg_catalog.pg_try_advisory_lock({}), pg_catalog.to_regclass({}) IS NOT NULL",
                                                       key, literal(lease_table))));
    return LockTry{bool_field(rows.at(0), 0, 0), bool_field(rows[0], 0, 1)};
}

Result<void> release_session_lock(Connection& connection, int64_t key) {
    return connection.query(fmt::format("SELECT pg_catalog.pg_advisory_unlock({})", key)).map([](const auto&) {});
}

Result<std::vector<LockHolder>> find_holders(Connection& connection, int64_t key) {
    const auto bits = static_cast<uint64_t>(key);
    const auto rows = TRY(connection.query(fmt::format(
        "SELECT l.pid, a.usename, a.application_name, host(a.client_addr),"
        " to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), a.state"
        " FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
        " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.classid = {} AND l.objid = {}"
        " AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())",
        bits >> 32, bits & 0xFFFFFFFFu)));
    std::vector<LockHolder> holders;
    for (int row = 0; row < PQntuples(rows.at(0).get()); ++row) {
        const ResultHandle& found = rows[0];
        holders.push_back({static_cast<int>(number_field(found, row, 0)), text_field(found, row, 1),
                           text_field(found, row, 2), text_field(found, row, 3), text_field(found, row, 4),
                           field(found, row, 5) == "idle"});
    }
    return holders;
}

Result<std::string> terminate(Connection& connection, const LockHolder& holder) {
    CHECK(connection.query(fmt::format("SELECT pg_catalog.pg_terminate_backend({})", holder.pid)));
    const auto deadline = Connection::Clock::now() + std::chrono::seconds(10);
    while (TRY(is_running(connection, holder.pid))) {
        if (Connection::Clock::now() >= deadline) {
            return fail(ErrorCode::kLocked, fmt::format("session {} was told to end, but is still there", holder.pid));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return fmt::format("ended {} ({})", holder.detail(), holder.name());
}

Error locked_by(const std::vector<LockHolder>& holders) {
    Error error = make_error(ErrorCode::kLocked, "another run holds the lock");
    for (const LockHolder& holder : holders) {
        error.details.push_back(holder.name());
        error.details.push_back(fmt::format("{}, connected since {}", holder.detail(), holder.since.empty() ? "an unknown time" : holder.since));
    }
    return std::move(error).with_remedy("Wait for it, or look at it with `godwit lock status`.");
}

}  // namespace godwit::postgres
