#include "target/sqlite/connection.h"

#include <algorithm>
#include <thread>

#include "base/text.h"
#include "target/sqlite/result_code.h"

namespace godwit::sqlite {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How many virtual-machine instructions pass between two looks at the clock and
// the request to stop: about a millisecond.
constexpr int kProgressInstructions = 20'000;

ErrorCode code_of(int primary) {
    switch (primary) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return ErrorCode::kBlocked;
        case SQLITE_CANTOPEN:
        case SQLITE_NOTADB:
        case SQLITE_PERM:
        case SQLITE_AUTH: return ErrorCode::kUnavailable;
        case SQLITE_NOMEM:
        case SQLITE_MISUSE: return ErrorCode::kInternal;
        default: return ErrorCode::kRejected;
    }
}

}  // namespace

Statement& Statement::bind(std::string_view text) {
    sqlite3_bind_text(raw_.get(), next_++, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
    return *this;
}

Statement& Statement::bind(int64_t number) {
    sqlite3_bind_int64(raw_.get(), next_++, number);
    return *this;
}

Statement& Statement::bind_real(double number) {
    sqlite3_bind_double(raw_.get(), next_++, number);
    return *this;
}

Statement& Statement::bind_blob(std::string_view bytes) {
    // Without bytes there is no pointer either, which would be NULL.
    sqlite3_bind_blob(raw_.get(), next_++, bytes.empty() ? "" : bytes.data(), static_cast<int>(bytes.size()),
                      SQLITE_TRANSIENT);
    return *this;
}

Statement& Statement::bind_null() {
    sqlite3_bind_null(raw_.get(), next_++);
    return *this;
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(raw_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    sqlite3* db = sqlite3_db_handle(raw_.get());
    return fail(make_error(code_of(code & 0xFF), sqlite3_errmsg(db))
                    .with_native_code(name_of_code(sqlite3_extended_errcode(db)))
                    .with_remedy(remedy_for_code(sqlite3_extended_errcode(db))));
}

Result<void> Statement::run() {
    while (TRY(step())) {
    }
    reset();
    return {};
}

void Statement::reset() {
    sqlite3_reset(raw_.get());
    sqlite3_clear_bindings(raw_.get());
    next_ = 1;
}

std::string Statement::text(int column) const {
    const unsigned char* bytes = sqlite3_column_text(raw_.get(), column);
    if (bytes == nullptr) return "";
    return {reinterpret_cast<const char*>(bytes), static_cast<size_t>(sqlite3_column_bytes(raw_.get(), column))};
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, int flags,
                                                     const Cancellation* cancellation) {
    std::unique_ptr<Connection> connection(new Connection);
    sqlite3* raw = nullptr;
    // No connection is used by two threads at once, so it needs no mutex of its own.
    const int code = sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    connection->raw_.reset(raw);
    if (code != SQLITE_OK) {
        return fail(
            make_error(ErrorCode::kUnavailable, "cannot open the database file " + printable(path) + ": " +
                                                    (raw != nullptr ? sqlite3_errmsg(raw) : "out of memory"))
                .with_native_code(name_of_code(code))
                .with_remedy(remedy_for_code(code)));
    }
    connection->cancellation_ = cancellation;
    sqlite3_extended_result_codes(raw, 1);
    sqlite3_busy_handler(raw, on_busy, connection.get());
    sqlite3_progress_handler(raw, kProgressInstructions, on_progress, connection.get());
    return connection;
}

Result<void> Connection::execute(const std::string& sql) {
    const int code = sqlite3_exec(raw_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return fail(error(code));
    return {};
}

Result<Statement> Connection::prepare(std::string_view sql) {
    sqlite3_stmt* raw = nullptr;
    const int code = sqlite3_prepare_v2(raw_.get(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
    if (code != SQLITE_OK) return fail(error(code));
    return Statement(raw);
}

Result<std::string> Connection::value(std::string_view sql) {
    Statement statement = TRY(prepare(sql));
    return TRY(statement.step()) ? statement.text(0) : std::string();
}

Error Connection::error(int code) const {
    const int primary = code & 0xFF;
    if (primary == SQLITE_INTERRUPT) {
        if (cancellation_ != nullptr && cancellation_->stop_requested()) return cancellation_->check().error();
        return make_error(ErrorCode::kRejected, "the statement took longer than its statement_timeout of " +
                                                    human_duration(statement_timeout_.count()))
            .with_native_code(name_of_code(code))
            .with_remedy("Raise statement_timeout for this migration (-- godwit: statement_timeout=…).");
    }
    return make_error(code_of(primary), sqlite3_errmsg(raw_.get()))
        .with_native_code(name_of_code(sqlite3_extended_errcode(raw_.get())))
        .with_remedy(remedy_for_code(sqlite3_extended_errcode(raw_.get())));
}

bool Connection::must_stop() const { return cancellation_ != nullptr && cancellation_->stop_requested(); }

bool Connection::statement_timed_out() const {
    return statement_timeout_.count() > 0 && steady_clock::now() - statement_started_ > statement_timeout_;
}

int Connection::on_busy(void* self, int attempt) {
    auto* connection = static_cast<Connection*>(self);
    const auto now = steady_clock::now();
    if (attempt == 0) connection->busy_since_ = now;
    if (connection->must_stop() || now - connection->busy_since_ >= connection->lock_timeout_) return 0;
    std::this_thread::sleep_for(milliseconds(std::min(1 << std::min(attempt, 6), 50)));
    return 1;
}

int Connection::on_progress(void* self) {
    const auto* connection = static_cast<const Connection*>(self);
    return connection->must_stop() || connection->statement_timed_out() ? 1 : 0;
}

std::string quote_identifier(std::string_view name) {
    std::string quoted = "\"";
    for (const char c : name) {
        if (c == '"') quoted.push_back('"');
        quoted.push_back(c);
    }
    return quoted + "\"";
}

}  // namespace godwit::sqlite
