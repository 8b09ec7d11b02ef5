// Which lexical rules a script follows.
#pragma once

#include <cstdint>
#include <string_view>

namespace godwit {

enum class Dialect : uint8_t {
    kPostgres,
    kSqlite,
    kDocument,  // None: this database takes operations in JSON.
};

// That of a kind of database: a URL's scheme up to a `+`. PostgreSQL's for one that is not known.
constexpr Dialect dialect_of(std::string_view kind) {
    if (kind == "sqlite") return Dialect::kSqlite;
    return kind == "dynamodb" ? Dialect::kDocument : Dialect::kPostgres;
}

}  // namespace godwit
