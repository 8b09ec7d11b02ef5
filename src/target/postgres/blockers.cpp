#include "target/postgres/blockers.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace godwit::postgres {
namespace {

using std::chrono::milliseconds;

std::string describe(const ResultHandle& rows, int row) {
    const int64_t pid = number_field(rows, row, 0);
    if (pid == 0) return "blocked by a prepared transaction (see pg_prepared_xacts)";
    std::string text = fmt::format("blocked by session {}", pid);
    if (const auto user = field(rows, row, 1); !user.empty()) text += fmt::format(" of user {}", printable(user));
    if (const auto application = field(rows, row, 2); !application.empty()) {
        text += fmt::format(" ({})", printable(application));
    }
    if (const auto state = field(rows, row, 3); !state.empty()) {
        text += fmt::format(", {} in a transaction for {}", state, human_duration(number_field(rows, row, 5)));
    }
    if (const auto query = field(rows, row, 4); !query.empty()) text += ": " + printable(query);
    return text;
}

}  // namespace

void BlockerWatch::watch(std::string condition, milliseconds lock_timeout) {
    condition_ = std::move(condition);
    endless_ = lock_timeout.count() == 0;
    interval_ = endless_ ? milliseconds(2'000) : std::clamp(lock_timeout / 3, milliseconds(50), milliseconds(2'000));
    seen_.clear();
}

void BlockerWatch::look(std::chrono::steady_clock::duration elapsed) {
    if (elapsed < interval_) {
        next_look_ = interval_;
        return;
    }
    if (blind_ || elapsed < next_look_) return;
    next_look_ = std::chrono::duration_cast<milliseconds>(elapsed) + interval_;
    Result<std::vector<std::string>> found = ask();
    if (!found) {
        blind_ = true;
        return;
    }
    if (found->empty()) return;
    if (endless_ && listener_ != nullptr && *found != seen_) listener_->on_remark("waiting: " + join(*found, "; "));
    seen_ = std::move(*found);
}

Result<std::vector<std::string>> BlockerWatch::ask() {
    const PooledConnection side = TRY(pool_.acquire(milliseconds(0)));
    const auto rows = TRY(side->query(
        "SELECT blocker.pid, b.usename, b.application_name, b.state, left(b.query, 200),"
        " (extract(epoch FROM clock_timestamp() - b.xact_start) * 1000)::bigint"
        " FROM pg_catalog.pg_stat_activity w, unnest(pg_catalog.pg_blocking_pids(w.pid)) AS blocker (pid)"
        " LEFT JOIN pg_catalog.pg_stat_activity b ON b.pid = blocker.pid"
        " WHERE w.wait_event_type = 'Lock' AND " + condition_ + " ORDER BY blocker.pid LIMIT 5",
        Stopping::kInterrupts));
    std::vector<std::string> blockers;
    for (int row = 0; row < PQntuples(rows.at(0).get()); ++row) blockers.push_back(describe(rows[0], row));
    return blockers;
}

void BlockerWatch::explain(Error& error) const {
    if (error.code == ErrorCode::kBlocked) error.details.insert(error.details.begin(), seen_.begin(), seen_.end());
}

}  // namespace godwit::postgres
