// Which lexical rules a script follows.
#pragma once

#include <cstdint>

namespace godwit {

enum class Dialect : uint8_t {
    kPostgres,
    kSqlite,
    kDocument,  // None: this database takes operations in JSON.
};

}  // namespace godwit
