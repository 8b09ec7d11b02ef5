// What the server or libpq said, as an Error that tells the caller what to do.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "target/postgres/libpq.h"

namespace godwit::postgres {

// The fields of an ErrorResponse that are used (PostgreSQL documentation,
// "Error and Notice Message Fields").
struct ServerError {
    std::string severity;  // Not translated: "ERROR", "FATAL", "PANIC", "WARNING", …
    std::string sqlstate;
    std::string message;
    std::string detail;
    std::string hint;
    std::string context;
    std::optional<int64_t> position;  // In characters, from 1, of the text that was sent.

    // The server ends the session with such an error.
    bool ends_session() const { return severity == "FATAL" || severity == "PANIC"; }
};

ServerError read_server_error(const PGresult* result);

// Without a place; `native_code` is the SQLSTATE, the server's DETAIL, HINT and
// CONTEXT are the details.
Error to_error(const ServerError& error);

// Another run has taken the lease over: the error of a failed fence.
Error lease_lost();

// libpq's own message, in one line and without what the place already says.
std::string first_line(std::string_view libpq_message);

namespace sqlstate {
constexpr std::string_view kActiveTransaction = "25001";
constexpr std::string_view kReadOnly = "25006";
constexpr std::string_view kInvalidTermination = "2D000";
constexpr std::string_view kSerialization = "40001";
constexpr std::string_view kDeadlock = "40P01";
constexpr std::string_view kPrivilege = "42501";
constexpr std::string_view kUndefinedColumn = "42703";
constexpr std::string_view kUndefinedTable = "42P01";
constexpr std::string_view kTooManyConnections = "53300";
constexpr std::string_view kLockNotAvailable = "55P03";
constexpr std::string_view kUnsafeEnumValue = "55P04";
constexpr std::string_view kQueryCancelled = "57014";
constexpr std::string_view kCannotConnectNow = "57P03";
constexpr std::string_view kDivisionByZero = "22012";
}  // namespace sqlstate

}  // namespace godwit::postgres
