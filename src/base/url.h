// A database URL, taken apart.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace godwit {

struct DatabaseUrl {
    // "sqlite", "postgresql", "mongodb", "mongodb+srv", "dynamodb",
    // "dynamodb+http", "opensearch", "elasticsearch", ...: lower case, the driver
    // suffix ("+asyncpg") removed, "postgres" read as "postgresql".
    std::string scheme;
    std::string user;
    Secret password;
    std::string host;   // Without brackets; may be a comma-separated list for PostgreSQL.
    std::string port;
    // The database's name; for sqlite the file's path, ":memory:" for memory.
    std::string name;
    std::map<std::string, std::string> parameters;  // From the query, decoded.

    // For messages: everything but the password and secret parameters.
    std::string display() const;
};

// Percent-decodes every part. Fails with kInvalidInput; the message never
// repeats the URL's text, since it may hold a password. Which parameters are
// known is the target's business.
//
// sqlite:app.db, sqlite:./a/b.db, sqlite:///./x.db (SQLAlchemy: relative),
// sqlite:////abs/x.db and sqlite:/abs/x.db (absolute), sqlite::memory:, sqlite://.
Result<DatabaseUrl> parse_database_url(std::string_view text);

// Whether the text is a port from 1 to 65535, or a comma-separated list of such.
bool is_port(std::string_view text);

}  // namespace godwit
