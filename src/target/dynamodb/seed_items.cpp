#include "target/dynamodb/seed_items.h"

#include "base/text.h"

namespace godwit::dynamodb {
namespace {

void append_set(const Value& value, const char* type, std::string& out) {
    out += std::string("{\"") + type + "\":[";
    for (const Value& item : value.items) {
        if (&item != &value.items.front()) out += ',';
        out += json_quote(item.kind == Value::Kind::kBinary ? to_base64(item.text) : item.text);
    }
    out += "]}";
}

void append_members(const ValueMembers& members, std::string& out) {
    out += '{';
    for (const ValueMember& member : members) {
        if (&member != &members.front()) out += ',';
        out += json_quote(member.name) + ":";
        append_attribute(member.value, out);
    }
    out += '}';
}

}  // namespace

void append_attribute(const Value& value, std::string& out) {
    switch (value.kind) {
        case Value::Kind::kNull:
            out += R"({"NULL":true})";
            return;
        case Value::Kind::kBool:
            out += R"({"BOOL":)" + value.text + "}";
            return;
        case Value::Kind::kNumber:
            out += R"({"N":")" + value.text + "\"}";
            return;
        case Value::Kind::kString:
            out += R"({"S":)" + json_quote(value.text) + "}";
            return;
        case Value::Kind::kBinary:
            out += R"({"B":")" + to_base64(value.text) + "\"}";
            return;
        case Value::Kind::kList:
            out += R"({"L":[)";
            for (const Value& item : value.items) {
                if (&item != &value.items.front()) out += ',';
                append_attribute(item, out);
            }
            out += "]}";
            return;
        case Value::Kind::kMap:
            out += R"({"M":)";
            append_members(value.members, out);
            out += '}';
            return;
        case Value::Kind::kStringSet:
            return append_set(value, "SS", out);
        case Value::Kind::kNumberSet:
            return append_set(value, "NS", out);
        case Value::Kind::kBinarySet:
            return append_set(value, "BS", out);
    }
}

std::string item_json(const ValueMembers& fields) {
    std::string out;
    append_members(fields, out);
    return out;
}

// The slot that holds the hash, or the empty one where it belongs.
size_t HashSet::find(const Part& part, uint64_t hash) {
    size_t slot = (hash / kParts) % part.slots.size();
    while (part.slots[slot] != 0 && part.slots[slot] != hash) slot = (slot + 1) % part.slots.size();
    return slot;
}

void HashSet::grow(Part& part) {
    Part larger;
    larger.slots.resize(part.slots.empty() ? 16 : part.slots.size() + part.slots.size() / 2);
    larger.used = part.used;
    for (const uint64_t hash : part.slots) {
        if (hash != 0) larger.slots[find(larger, hash)] = hash;
    }
    part = std::move(larger);
}

bool HashSet::contains(uint64_t hash) const {
    hash += hash == 0 ? 1 : 0;
    const Part& part = parts_[hash % kParts];
    return !part.slots.empty() && part.slots[find(part, hash)] == hash;
}

bool HashSet::insert(uint64_t hash) {
    hash += hash == 0 ? 1 : 0;
    Part& part = parts_[hash % kParts];
    if (part.used * 5 >= part.slots.size() * 4) grow(part);
    const size_t slot = find(part, hash);
    if (part.slots[slot] == hash) return false;
    part.slots[slot] = hash;
    ++part.used;
    return true;
}

size_t HashSet::size() const {
    size_t size = 0;
    for (const Part& part : parts_) size += part.used;
    return size;
}

}  // namespace godwit::dynamodb
