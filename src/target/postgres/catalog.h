// What the server says of the session and of the record's tables.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "target/postgres/connection.h"
#include "target/postgres/history_sql.h"

namespace godwit::postgres {

// "schema_migrations", "ops.schema_migrations", "\"My Schema\".\"Table\"": taken
// apart, without quotes. Unquoted letters keep their case.
struct TableName {
    std::string schema;  // Empty: found by the search path.
    std::string table;

    static Result<TableName> parse(std::string_view text);
    std::string sql() const;
};

// The session as it was when it began.
struct Session {
    int pid = 0;           // Of the backend that answered.
    std::string started;   // Of that backend, as text for comparison.
    bool pooled = false;   // Behind a transaction pooler: no session state, no session lock.
    bool in_recovery = false;
    std::string current_schema;  // Empty when the search path holds none that exists.
    std::map<std::string, std::string, std::less<>> settings;  // Of kWatchedSettings.
};

// Settings whose inherited value matters: limits that others have set for this
// role or database.
inline constexpr std::string_view kWatchedSettings[] = {"lock_timeout", "statement_timeout",
                                                        "idle_in_transaction_session_timeout", "transaction_timeout"};

// The record's tables as they stand.
struct RecordShape {
    bool partial = false;  // Of audit and revisions nothing is known: see Server::connect_and_read().
    bool journal_is_empty = false;  // Was so when looked at; false where nobody looked.
    std::string schema;  // Where they are, or would be made.
    bool history = false;
    bool journal = false;
    bool revisions = false;
    bool audit = false;
    bool golang_migrate = false;  // The history's table is that tool's: version and dirty.
    HistoryColumns columns;
};

// One statement, one row.
std::string describe_session();
Result<Session> read_session(const Connection& connection, const ResultHandle& row);

// Two statements: the columns of the history, the names of the other tables.
std::string describe_record(const TableName& history);
// kConflict when a table is another's, in a shape that cannot be used; but one of
// golang-migrate is told by the shape, because its row has more to say.
Result<RecordShape> read_record_shape(const TableName& history, HistoryLayout layout, const Session& session,
                                      const ResultHandle& columns, const ResultHandle& tables);

}  // namespace godwit::postgres
