// Writes new migration files from templates.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace godwit {

enum class NewFormat { kSql, kRevision, kOperations };

struct NewMigration {
    NewFormat format = NewFormat::kSql;
    std::string version;      // "20250104_100000", "e6239818bb3a".
    std::string description;  // As the user wrote it.
    std::string author;
    std::string created;               // "2025-01-04 10:00:00".
    std::vector<std::string> parents;  // kRevision only.
    std::vector<std::string> depends_on;
    std::vector<std::string> labels;  // kRevision only.
    std::string database_kind;        // For kOperations: "postgresql".
};

// Creates the file (or files) in `folder`, never replacing one that exists, and
// returns their paths. The text parses back to the same values.
Result<std::vector<std::string>> write_new_migration(const std::string& folder,
                                                     const NewMigration& migration);

// 12 random hexadecimal digits, as Alembic makes them.
std::string new_revision_id();
// "20250104_100000" for now, in UTC; the next second that no file of the folder begins with.
std::string new_timestamp_version(const std::string& folder);
// "Add e-mail to users!" -> "add_e_mail_to_users".
std::string slug(const std::string& description);

}  // namespace godwit
