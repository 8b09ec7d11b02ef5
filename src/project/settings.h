// What a project consists of: its databases and environments, read from
// godwit.toml, the environment variables and the command line.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/url.h"
#include "model/database_name.h"
#include "model/ledger.h"
#include "target/target.h"

namespace godwit {

// Looks up an environment variable; empty and unset are the same.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

struct DatabaseSettings {
    std::string name = "main";
    DatabaseUrl url;
    std::string migrations;  // The folder's path, to open it.
    std::string seeds;       // The seed file's path; empty: it has none.
    std::string history;     // Table, collection or index.
    HistoryLayout layout = HistoryLayout::kSchemaMigrations;
    std::string name_template;                 // As TargetConfig has the two.
    std::map<std::string, std::string> names;
    std::optional<std::chrono::milliseconds> lock_timeout;
    std::optional<std::chrono::milliseconds> statement_timeout;
    std::optional<std::chrono::milliseconds> connect_timeout;

    std::string kind() const { return url.scheme.substr(0, url.scheme.find('+')); }  // "dynamodb"
};

struct Settings {
    std::string config_file;  // Empty when there is none.
    std::string environment;  // "dev"; empty when none is chosen.
    bool is_protected = false;
    std::vector<DatabaseSettings> databases;  // Sorted by name; never empty.
    std::vector<std::string> selected;        // Names; all of them unless --databases chose.
    std::vector<DatabaseName> names() const;  // Of all databases, with their kinds.
    std::optional<std::string> remark;        // "no database is named: using sqlite:godwit.db".

    // From the environment, as document 002 has them.
    bool echo_sql = false;                             // DB_ECHO_SQL
    PoolConfig pool;                                   // DB_POOL_SIZE, DB_MAX_OVERFLOW, DB_POOL_TIMEOUT
    std::optional<std::chrono::milliseconds> timeout;  // DB_MIGRATION_TIMEOUT, in seconds
};

// What the command line says; empty means not said.
struct SettingsRequest {
    std::string folder = ".";  // Where the search for godwit.toml starts.
    std::string config;
    std::string environment;
    std::string url;
    std::string migrations;
    std::string history;
    std::string seeds;
    std::vector<std::string> databases;  // Names or kinds ("postgresql").
};

// The order of the contract: --url, DATABASE_URL, the project file, DB_HOST and
// its like, else sqlite:godwit.db. kInvalidInput with file, line and column for
// a fault in the project file.
Result<Settings> read_settings(const SettingsRequest& request, const Environment& environment);

}  // namespace godwit
