// Tables that stand where the record should be, and are not it: told before
// anything is read from them or written.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace godwit {

// kConflict, naming what is missing, unless the columns that a table of this
// tool's own has include all that it must have.
Result<void> check_own_table(std::string_view table, const std::vector<std::string_view>& wanted,
                             const std::set<std::string>& columns);

// The one row of golang-migrate's schema_migrations (version, dirty).
struct GolangMigrateRow {
    std::string version;
    bool dirty = false;  // That version failed half way.
};

// kConflict: it keeps the newest version alone, where a history has a row for each.
// `row`: nothing when the table is empty.
Error golang_migrate_history(std::string_view table, const std::optional<GolangMigrateRow>& row);

}  // namespace godwit
