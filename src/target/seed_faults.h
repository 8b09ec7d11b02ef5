// What is wrong with a row that is to be seeded, in the same words for every database.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "target/seed_store.h"

namespace godwit {

// kInvalidInput with the item's place.
Error no_such_table(const SeedRow& row);
Error no_such_column(const SeedRow& row, std::string_view column, const std::vector<std::string>& columns);
Error no_primary_key(const SeedRow& row);
Error key_not_given(const SeedRow& row, std::string_view column);
Error made_twice(const SeedRow& row, std::string_view key);
// kConflict.
Error not_ours(const SeedRow& row, std::string_view key);
// Another row has the same value in a column, or columns, of which each value is to be unique.
Error not_unique(const SeedRow& row, std::string_view key);
// Removing the seeded rows of `table` would reach rows of `other` by a foreign key.
Error reaches_others(std::string_view table, std::string_view other);
Error key_changed(std::string_view table);

}  // namespace godwit
