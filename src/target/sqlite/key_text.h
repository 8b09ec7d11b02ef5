// The text by which a seeded row's key is remembered: what SQLite's quote()
// makes of its columns, parted by commas: 'ada',7,X'00FF'.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "target/sqlite/connection.h"

namespace godwit::sqlite {

struct KeyPart {
    enum class Kind : uint8_t { kInteger, kReal, kText, kBlob };
    Kind kind = Kind::kText;
    std::string text;  // Of a number as written; the bytes of a blob.
};

// kConflict for what quote() never makes of a key.
Result<std::vector<KeyPart>> parse_key(std::string_view key);

// As the next value of the statement.
void bind_part(Statement& statement, const KeyPart& part);

}  // namespace godwit::sqlite
