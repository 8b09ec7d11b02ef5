#include "target/postgres/errors.h"

#include <algorithm>

#include "base/text.h"

namespace godwit::postgres {
namespace {

std::string diagnostic(const PGresult* result, int field_code) {
    const char* text = PQresultErrorField(result, field_code);
    return text == nullptr ? "" : text;
}

void add_lines(Error& error, std::string_view name, const std::string& text) {
    if (text.empty()) return;
    bool first = true;
    for (const std::string_view line : split(text, '\n')) {
        error.details.push_back((first ? std::string(name) + ": " : "  ") + printable(line));
        first = false;
    }
}

struct Rule {
    std::string_view sqlstate;
    ErrorCode code;
    std::string_view remedy;
};

constexpr Rule kRules[] = {
    {sqlstate::kLockNotAvailable, ErrorCode::kBlocked, ""},
    {sqlstate::kDeadlock, ErrorCode::kBlocked, ""},
    {sqlstate::kSerialization, ErrorCode::kBlocked, ""},
    {sqlstate::kReadOnly, ErrorCode::kUnavailable,
     "Connect to the primary (target_session_attrs=read-write finds it in a list of hosts), or unset "
     "default_transaction_read_only."},
    {sqlstate::kTooManyConnections, ErrorCode::kUnavailable, ""},
    {sqlstate::kCannotConnectNow, ErrorCode::kUnavailable, ""},
    {sqlstate::kInvalidTermination, ErrorCode::kRejected,
     "Write `-- godwit: transaction=off` into the file, so that the procedure or block may commit by itself."},
    {sqlstate::kActiveTransaction, ErrorCode::kRejected,
     "Write `-- godwit: transaction=off` into the file, so that the statement runs outside a transaction."},
    {sqlstate::kUnsafeEnumValue, ErrorCode::kRejected,
     "Put what uses the new value into a migration of its own, or write `-- godwit: transaction=off`."},
};

}  // namespace

ServerError read_server_error(const PGresult* result) {
    ServerError error;
    error.severity = diagnostic(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    error.sqlstate = diagnostic(result, PG_DIAG_SQLSTATE);
    error.message = diagnostic(result, PG_DIAG_MESSAGE_PRIMARY);
    error.detail = diagnostic(result, PG_DIAG_MESSAGE_DETAIL);
    error.hint = diagnostic(result, PG_DIAG_MESSAGE_HINT);
    error.context = diagnostic(result, PG_DIAG_CONTEXT);
    const std::string position = diagnostic(result, PG_DIAG_STATEMENT_POSITION);
    if (!position.empty()) error.position = std::strtoll(position.c_str(), nullptr, 10);
    // libpq itself failed: it has a message, but no fields.
    if (error.message.empty()) error.message = first_line(PQresultErrorMessage(result));
    return error;
}

Error to_error(const ServerError& server) {
    Error error = make_error(ErrorCode::kRejected, printable(server.message));
    error.native_code = server.sqlstate;
    add_lines(error, "DETAIL", server.detail);
    add_lines(error, "HINT", server.hint);
    add_lines(error, "CONTEXT", server.context);
    for (const Rule& rule : kRules) {
        if (rule.sqlstate != server.sqlstate) continue;
        error.code = rule.code;
        error.remedy = rule.remedy;
    }
    const bool timeout = server.message.find("statement timeout") != std::string::npos;
    if (server.sqlstate == sqlstate::kQueryCancelled && timeout) {
        error.remedy = "Allow the statement more time: `-- godwit: statement_timeout=…` in the file.";
    }
    if (server.sqlstate == sqlstate::kReadOnly) error.message = "this server is read-only, not the primary: " + error.message;
    return error;
}

Error lease_lost() {
    return make_error(ErrorCode::kLocked, "the lease is lost: another run may have taken it over")
        .with_remedy("Run again: what is recorded is not repeated.");
}

std::string first_line(std::string_view libpq_message) {
    std::string_view line = trim(libpq_message);
    line = line.substr(0, line.find('\n'));
    // `connection to server at "db" (10.0.0.7), port 5432 failed: reason`
    if (line.starts_with("connection to server")) {
        const size_t at = line.find(" failed: ");
        if (at != std::string_view::npos) line.remove_prefix(at + 9);
    }
    for (const std::string_view severity : {"FATAL:  ", "ERROR:  ", "PANIC:  "}) {
        if (line.starts_with(severity)) line.remove_prefix(severity.size());
    }
    return printable(trim(line));
}

}  // namespace godwit::postgres
