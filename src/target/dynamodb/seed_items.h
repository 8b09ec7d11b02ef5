// What seeding needs of items: written from values, told apart by their keys.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "model/value.h"

namespace godwit::dynamodb {

// As DynamoDB's JSON has them: {"S":"…"}, {"M":{…}}, …
void append_attribute(const Value& value, std::string& out);
std::string item_json(const ValueMembers& fields);

// Hashes of millions of keys in little more than eight bytes each. Parts grow one
// at a time, so that growing needs no second copy of all.
class HashSet {
public:
    bool contains(uint64_t hash) const;
    // False: it was there already.
    bool insert(uint64_t hash);
    size_t size() const;

private:
    struct Part {
        std::vector<uint64_t> slots;  // 0 is empty.
        size_t used = 0;
    };
    static size_t find(const Part& part, uint64_t hash);
    static void grow(Part& part);

    static constexpr size_t kParts = 64;
    std::array<Part, kParts> parts_;
};

}  // namespace godwit::dynamodb
