// A history that is as Godwit makes it, read in the message that a new session
// begins with. Anything else is left to the catalog: see catalog.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "target/postgres/catalog.h"
#include "target/postgres/connection.h"

namespace godwit::postgres {

// Two statements: describe_session() with where the record's tables are, and all
// of the history. Fails where there is no history.
std::string ask_at_first_sight(const TableName& history);

// What the answers tell of the tables. Nothing where history or journal have
// other columns, or where its rows cannot be understood without asking further.
std::optional<RecordShape> shape_at_first_sight(const Connection& connection, const ResultHandle& session,
                                                const ResultHandle& history);

// The rows, in order of application. Nothing where a time is one that only the
// server can turn into UTC.
std::optional<Ledger> rows_at_first_sight(const ResultHandle& history);

// "2026-11-21 17:08:13.5+01" (DateStyle ISO) in microseconds since 1970, UTC;
// infinity is the largest and -infinity the smallest number. Nothing for years
// that do not have four digits.
std::optional<int64_t> microseconds_of(std::string_view timestamp);

}  // namespace godwit::postgres
