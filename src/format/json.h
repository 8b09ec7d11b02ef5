// JSON as a tree whose every value knows its place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace godwit::format {

struct JsonMember;

struct JsonValue {
    enum class Kind : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };
    Kind kind = Kind::kNull;
    std::string text;                 // Of a string; of a number as written; "true" or "false".
    std::vector<JsonValue> items;     // Of an array.
    std::vector<JsonMember> members;  // Of an object, in the order of the file.
    size_t at = 0;                    // Byte offset in the text.

    bool is_string() const { return kind == Kind::kString; }
};

struct JsonMember {
    std::string key;
    size_t key_at = 0;
    JsonValue value;
};

// "a string", "an array", …
std::string_view name_of(JsonValue::Kind kind);

// RFC 8259, in UTF-8, without NUL. A number stays text: one that passes through a
// double is a corrupted number. kInvalidInput with line and column: no JSON, more
// than 100 levels, a member given twice. `shown` is the file's name.
Result<JsonValue> parse_json(std::string_view text, const std::string& shown);

}  // namespace godwit::format
