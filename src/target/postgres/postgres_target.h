// PostgreSQL 12 and later.
//
// One session does the work. A migration, its record and its COMMIT travel as few
// simple queries (transaction.h), so the server parses what the user wrote, byte
// by byte, and a small migration is one round trip. Whatever the script does to
// the session (SET, SET ROLE, search_path) is undone before the record is
// written, and the record's tables are always named with their schema.
//
// Behind a transaction pooler there is no session: then nothing is set beyond a
// transaction, and a lease takes the place of the session lock (lease.h).
#pragma once

#include <memory>

#include "base/result.h"
#include "target/target.h"

namespace godwit::postgres {

// Does not connect. kInvalidInput for an unknown URL parameter, a malformed port
// or history name.
Result<std::unique_ptr<Target>> open_target(const TargetConfig& config);

}  // namespace godwit::postgres
