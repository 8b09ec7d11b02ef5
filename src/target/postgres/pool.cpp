#include "target/postgres/pool.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace godwit::postgres {

PooledConnection& PooledConnection::operator=(PooledConnection&& other) noexcept {
    if (this != &other) {
        give_back();
        pool_ = other.pool_;
        connection_ = std::move(other.connection_);
    }
    return *this;
}

void PooledConnection::give_back() {
    if (connection_ != nullptr) pool_->take_back(std::move(connection_));
}

void PooledConnection::discard() {
    if (connection_ == nullptr) return;
    connection_.reset();
    pool_->count_out();
}

// The one given back last is the most likely to be alive.
std::unique_ptr<Connection> ConnectionPool::take_idle() {
    while (!idle_.empty()) {
        std::unique_ptr<Connection> connection = std::move(idle_.back());
        idle_.pop_back();
        if (!connection->closed_by_server()) return connection;
    }
    return nullptr;
}

Result<PooledConnection> ConnectionPool::acquire(std::chrono::milliseconds timeout) {
    const int32_t limit = std::max(1, config_.size + config_.max_overflow);
    std::unique_lock lock(mutex_);
    if (!returned_.wait_for(lock, timeout, [&] { return in_use_ < limit; })) {
        return fail(make_error(ErrorCode::kUnavailable,
                               fmt::format("no database connection became free within {}: {} of {} are in use",
                                           human_duration(timeout.count()), in_use_, limit))
                        .with_remedy("Raise DB_POOL_SIZE, DB_MAX_OVERFLOW or DB_POOL_TIMEOUT."));
    }
    ++in_use_;
    if (std::unique_ptr<Connection> connection = take_idle()) return PooledConnection(this, std::move(connection));
    lock.unlock();
    Result<std::unique_ptr<Connection>> opened = open_();
    if (opened) return PooledConnection(this, std::move(opened).value());
    lock.lock();
    --in_use_;
    returned_.notify_one();
    return fail(std::move(opened).error());
}

void ConnectionPool::take_back(std::unique_ptr<Connection> connection) {
    connection->on_wait({});
    const bool usable = connection->alive() && connection->transaction_status() == PQTRANS_IDLE;
    const std::lock_guard lock(mutex_);
    --in_use_;
    if (usable && static_cast<int32_t>(idle_.size()) + in_use_ < config_.size) idle_.push_back(std::move(connection));
    returned_.notify_one();
    // Otherwise it is closed when `connection` goes out of scope, after the lock.
}

void ConnectionPool::count_out() {
    const std::lock_guard lock(mutex_);
    --in_use_;
    returned_.notify_one();
}

int32_t ConnectionPool::idle() const {
    const std::lock_guard lock(mutex_);
    return static_cast<int32_t>(idle_.size());
}

int32_t ConnectionPool::in_use() const {
    const std::lock_guard lock(mutex_);
    return in_use_;
}

}  // namespace godwit::postgres
