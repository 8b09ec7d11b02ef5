// Sorts the names in a folder into migrations and what is none.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "format/directory.h"
#include "format/source.h"
#include "sql/dialect.h"

namespace godwit::format {

// The remedy for a name without a version.
inline constexpr std::string_view kNamePatterns =
    "A version must come first, as in 20250104_100000_add_email.sql; 20250104100000_x.sql, 0007_x.sql, "
    "1.2.0_x.sql, "
    "V1.2__x.sql and R__x.sql are read too.";

struct Sources {
    std::vector<Source> sources;      // By the names of their files.
    std::vector<std::string> python;  // Python files, which may be Alembic's.
    std::vector<std::string> notes;   // What is passed over.
    std::vector<Error> faults;        // Names that cannot be right.
    std::deque<Directory> folders;    // What `Source::directory` of diesel's folders points to.
};

// Where `dialect` is kDocument an x_rollback.json belongs to x.json, and SQL is out of place. Looks at names only; opens no file. `directory` must outlive the result.
Result<Sources> sort_into_sources(const Directory& directory, Dialect dialect);

}  // namespace godwit::format
