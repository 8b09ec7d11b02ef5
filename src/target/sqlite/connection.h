// One SQLite connection: opening, statements, errors.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/cancellation.h"
#include "base/result.h"

namespace godwit::sqlite {

// A prepared statement. Bind and column numbers start at 1 and 0, as SQLite's do.
class Statement {
public:
    explicit Statement(sqlite3_stmt* raw) : raw_(raw) {}

    Statement& bind(std::string_view text);
    Statement& bind(int64_t number);
    Statement& bind_real(double number);
    Statement& bind_blob(std::string_view bytes);
    Statement& bind_null();

    // True while there is a row.
    Result<bool> step();
    Result<void> run();  // Steps to the end, then resets.
    void reset();

    std::string text(int column) const;
    int64_t number(int column) const { return sqlite3_column_int64(raw_.get(), column); }
    bool is_null(int column) const { return sqlite3_column_type(raw_.get(), column) == SQLITE_NULL; }
    sqlite3_stmt* raw() const { return raw_.get(); }

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    std::unique_ptr<sqlite3_stmt, Finalize> raw_;
    int next_ = 1;
};

// Not thread-safe; one thread at a time.
class Connection {
public:
    // `flags` are those of sqlite3_open_v2.
    static Result<std::unique_ptr<Connection>> open(const std::string& path, int flags,
                                                    const Cancellation* cancellation);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Result<void> execute(const std::string& sql);
    Result<Statement> prepare(std::string_view sql);
    // The first column of the first row, empty when there is none.
    Result<std::string> value(std::string_view sql);

    // How long a statement waits for another connection's lock; 0 waits not at all.
    void set_lock_timeout(std::chrono::milliseconds timeout) { lock_timeout_ = timeout; }
    void set_statement_timeout(std::chrono::milliseconds timeout) { statement_timeout_ = timeout; }
    // To be called before a user's statement: its time starts to count.
    void start_statement() { statement_started_ = std::chrono::steady_clock::now(); }

    bool in_transaction() const { return sqlite3_get_autocommit(raw_.get()) == 0; }
    sqlite3* raw() const { return raw_.get(); }

    // The Error for a result code of the last call on this connection.
    Error error(int code) const;

private:
    Connection() = default;
    static int on_busy(void* self, int attempt);
    static int on_progress(void* self);
    bool must_stop() const;
    bool statement_timed_out() const;

    struct Close {
        void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
    };
    std::unique_ptr<sqlite3, Close> raw_;
    const Cancellation* cancellation_ = nullptr;
    std::chrono::milliseconds lock_timeout_{0};
    std::chrono::milliseconds statement_timeout_{0};
    std::chrono::steady_clock::time_point statement_started_{};
    std::chrono::steady_clock::time_point busy_since_{};
};

// "a""b" in double quotes.
std::string quote_identifier(std::string_view name);

}  // namespace godwit::sqlite
