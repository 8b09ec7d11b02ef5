// A value of any database, exact: what seeding writes and items consist of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace godwit {

struct ValueMember;

struct Value {
    enum class Kind : uint8_t {
        kNull,
        kBool,
        kNumber,
        kString,
        kBinary,
        kList,
        kMap,
        kStringSet,  // Sets hold values of the one kind that they are named after, none twice.
        kNumberSet,
        kBinarySet,
    };
    Kind kind = Kind::kNull;
    std::string text;          // Of a string; the bytes of a binary; a number as written; "true" or "false".
    std::vector<Value> items;  // Of a list or a set.
    std::vector<ValueMember> members;  // Of a map, in the order of writing.

    static Value boolean(bool value) { return of(Kind::kBool, value ? "true" : "false"); }
    static Value number(std::string text) { return of(Kind::kNumber, std::move(text)); }
    static Value string(std::string text) { return of(Kind::kString, std::move(text)); }
    static Value binary(std::string bytes) { return of(Kind::kBinary, std::move(bytes)); }

    bool is_set() const {
        return kind == Kind::kStringSet || kind == Kind::kNumberSet || kind == Kind::kBinarySet;
    }

private:
    static Value of(Kind kind, std::string text);
};

struct ValueMember {
    std::string name;
    Value value;
};
using ValueMembers = std::vector<ValueMember>;

inline Value Value::of(Kind kind, std::string text) {
    Value value;
    value.kind = kind;
    value.text = std::move(text);
    return value;
}

// "a string", "a set of numbers", …
std::string_view name_of(Value::Kind kind);

// As JSON (RFC 8259): a number stands as it was written, a set is an array, a
// binary its Base64.
std::string to_json(const Value& value);
void append_json(const Value& value, std::string& out);

// Null when there is none of that name.
const Value* find_member(const ValueMembers& members, std::string_view name);

}  // namespace godwit
