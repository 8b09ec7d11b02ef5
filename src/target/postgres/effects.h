// Whether the database already shows the effect of a statement that stood alone
// when its run was interrupted, and the removal of what it left half done.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "target/postgres/connection.h"
#include "target/postgres/parser.h"
#include "target/target.h"

namespace godwit::postgres {

using Remark = std::function<void(const std::string&)>;

// kBlocked when a session is still at work on it.
Result<Effect> find_effect(Connection& connection, const ReadStep& step, const Remark& remark);

// Drops an INVALID index that stands where CREATE INDEX CONCURRENTLY is to build
// one: IF NOT EXISTS would skip it in silence. `sql` may be any statement.
Result<void> clear_way(Connection& connection, std::string_view sql, const Remark& remark);

}  // namespace godwit::postgres
