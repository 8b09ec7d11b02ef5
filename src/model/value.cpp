#include "model/value.h"

#include "base/text.h"

namespace godwit {

std::string_view name_of(Value::Kind kind) {
    switch (kind) {
        case Value::Kind::kNull:
            return "null";
        case Value::Kind::kBool:
            return "a truth value";
        case Value::Kind::kNumber:
            return "a number";
        case Value::Kind::kString:
            return "a string";
        case Value::Kind::kBinary:
            return "a binary";
        case Value::Kind::kList:
            return "a list";
        case Value::Kind::kMap:
            return "a map";
        case Value::Kind::kStringSet:
            return "a set of strings";
        case Value::Kind::kNumberSet:
            return "a set of numbers";
        case Value::Kind::kBinarySet:
            return "a set of binaries";
    }
    return "a value";
}

void append_json(const Value& value, std::string& out) {
    switch (value.kind) {
        case Value::Kind::kNull:
            out += "null";
            return;
        case Value::Kind::kBool:
        case Value::Kind::kNumber:
            out += value.text;
            return;
        case Value::Kind::kString:
            out += json_quote(value.text);
            return;
        case Value::Kind::kBinary:
            out += json_quote(to_base64(value.text));
            return;
        case Value::Kind::kMap:
            out += '{';
            for (const ValueMember& member : value.members) {
                if (&member != &value.members.front()) out += ',';
                out += json_quote(member.name) + ":";
                append_json(member.value, out);
            }
            out += '}';
            return;
        default:
            out += '[';
            for (const Value& item : value.items) {
                if (&item != &value.items.front()) out += ',';
                append_json(item, out);
            }
            out += ']';
    }
}

std::string to_json(const Value& value) {
    std::string out;
    append_json(value, out);
    return out;
}

const Value* find_member(const ValueMembers& members, std::string_view name) {
    for (const ValueMember& member : members) {
        if (member.name == name) return &member.value;
    }
    return nullptr;
}

}  // namespace godwit
