#include "target/postgres/blockers.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace godwit::postgres {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLastMoment{700};

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

void BlockerWatch::watch(std::string condition, const Limits& limits) {
    condition_ = std::move(condition);
    endless_ = limits.lock_timeout.count() == 0;
    interval_ = milliseconds(2'000);
    for (const milliseconds limit : {limits.lock_timeout, limits.statement_timeout}) {
        if (limit.count() > 0) interval_ = std::min(interval_, std::max(limit / 3, milliseconds(50)));
    }
    waiting_ = looked_last_ = false;
    seen_.clear();
}

// Afterwards nothing more can be asked: a stop ends the wait for any answer.
bool BlockerWatch::is_last_moment() {
    if (looked_last_ || cancellation_ == nullptr || !cancellation_->deadline()) return false;
    looked_last_ = *cancellation_->deadline() - Cancellation::Clock::now() < kLastMoment;
    return looked_last_;
}

void BlockerWatch::look(std::chrono::steady_clock::duration elapsed) {
    if (blind_) return;
    if (!is_last_moment()) {
        if (elapsed < interval_) next_look_ = interval_;
        if (elapsed < next_look_) return;
    }
    next_look_ = std::chrono::duration_cast<milliseconds>(elapsed) + interval_;
    Result<std::vector<std::string>> found = ask();
    if (!found) {
        blind_ = true;
        return;
    }
    waiting_ = !found->empty();
    if (!waiting_) return;
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
    const bool time_ran_out =
        error.code == ErrorCode::kTimedOut || error.native_code == sqlstate::kQueryCancelled;
    if (error.code == ErrorCode::kBlocked || (time_ran_out && waiting_))
        error.details.insert(error.details.begin(), seen_.begin(), seen_.end());
}

}  // namespace godwit::postgres
