// Tells which statements destroy data or schema that cannot be had back.
#pragma once

#include <string_view>

namespace godwit {

// DROP of anything but an index, constraint, trigger, view, default or NOT NULL;
// TRUNCATE; DELETE or UPDATE without WHERE; ALTER TABLE … DROP COLUMN. Decided by
// the statement's words outside quotes and comments, so a body between dollar
// quotes does not count.
bool is_destructive(std::string_view statement);

}  // namespace godwit
