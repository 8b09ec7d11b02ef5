// Items as DynamoDB writes them ({"id": {"S": "x"}}): what the service would refuse
// is found before anything is sent, by its own rules.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "target/dynamodb/shape.h"

namespace godwit::dynamodb {

// An attribute that a table or one of its indexes uses as a key.
struct KeyAttribute {
    std::string name;
    char type = 'S';            // S, N or B.
    size_t longest_bytes = 0;   // 0: of an index, whose limit the service alone knows.
    bool of_table = false;      // Then every item has it.
};

enum class ItemRole : uint8_t {
    kItem,        // All of an item: with its keys, of 400 KB at most.
    kKey,         // The table's key attributes and nothing else.
    kAttributes,  // Any attributes, without keys and limits: values of an expression.
    kValue        // One attribute value: {"S": "x"}.
};

struct ItemFault {
    std::string message;  // "attribute \"age\": "N" holds a string …"
    size_t at = 0;        // Byte offset in the item.
};

// Checks items one after the other; keeps its memory.
class ItemChecker {
public:
    ItemChecker(std::vector<KeyAttribute> keys, ItemRole role);
    ~ItemChecker();

    std::optional<ItemFault> check(std::string_view json);
    // Of the item checked last, as DynamoDB counts: names and values.
    size_t size_bytes() const;

private:
    class Handler;
    std::unique_ptr<Handler> handler_;
};

// The table's key in an item that has been checked, as an object: what GetItem takes.
std::string key_of(std::string_view item, const std::vector<KeyAttribute>& keys);
// Equal for equal keys, however they are written; not for people.
std::string key_identity(std::string_view item, const std::vector<KeyAttribute>& keys);

// The largest item. Source: "Quotas" in the developer guide: 400 KB.
inline constexpr size_t kLargestItem = 409'600;

// kInvalidInput with the place: `json` is no object of attribute values, or no value.
Result<void> check_attributes(std::string_view json, std::string_view what, const TextPlace& place);
Result<void> check_value(std::string_view json, std::string_view what, const TextPlace& place);

}  // namespace godwit::dynamodb
