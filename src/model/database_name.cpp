#include "model/database_name.h"

#include "base/text.h"

namespace godwit {

std::vector<std::string> databases_meant(std::string_view word, const std::vector<DatabaseName>& databases) {
    std::string kind = to_lower(word);
    if (kind == "postgres") kind = "postgresql";
    if (kind == "sqlite3") kind = "sqlite";
    std::vector<std::string> meant;
    for (const DatabaseName& database : databases) {
        if (database.name == word) return {database.name};
        if (database.kind == kind) meant.push_back(database.name);
    }
    return meant;
}

}  // namespace godwit
