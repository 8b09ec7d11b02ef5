// A bounded set of connections, as DB_POOL_SIZE, DB_MAX_OVERFLOW and
// DB_POOL_TIMEOUT describe it: `size` are kept open between uses, up to
// `max_overflow` more are opened when all are in use and closed afterwards, and
// whoever asks beyond that waits.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "target/postgres/connection.h"
#include "target/target.h"

namespace godwit::postgres {

class ConnectionPool;

// A connection on loan; goes back when destroyed. Must not outlive its pool.
class PooledConnection {
public:
    PooledConnection() = default;
    PooledConnection(ConnectionPool* pool, std::unique_ptr<Connection> connection)
        : pool_(pool), connection_(std::move(connection)) {}
    PooledConnection(PooledConnection&& other) noexcept = default;
    PooledConnection& operator=(PooledConnection&& other) noexcept;
    ~PooledConnection() { give_back(); }

    Connection* operator->() const { return connection_.get(); }
    Connection& operator*() const { return *connection_; }
    explicit operator bool() const { return connection_ != nullptr; }

    // Returns it to the pool, which keeps it if it is alive and idle.
    void give_back();
    // Closes it instead.
    void discard();

private:
    ConnectionPool* pool_ = nullptr;
    std::unique_ptr<Connection> connection_;
};

// Safe to use from several threads.
class ConnectionPool {
public:
    // Opens one connection; called without the pool's lock, from any thread.
    using Open = std::function<Result<std::unique_ptr<Connection>>()>;

    ConnectionPool(PoolConfig config, Open open) : config_(config), open_(std::move(open)) {}

    // An idle connection that still answers, else a new one, else waits. After
    // the configured time: kUnavailable, naming the settings.
    Result<PooledConnection> acquire() { return acquire(config_.timeout); }
    Result<PooledConnection> acquire(std::chrono::milliseconds timeout);

    int32_t idle() const;
    int32_t in_use() const;

private:
    friend class PooledConnection;
    void take_back(std::unique_ptr<Connection> connection);
    void count_out();
    std::unique_ptr<Connection> take_idle();

    const PoolConfig config_;
    const Open open_;
    mutable std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<Connection>> idle_;
    int32_t in_use_ = 0;
};

}  // namespace godwit::postgres
