// What items are like before an operation changes them, as the operation that makes
// them so again.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "target/dynamodb/elements.h"
#include "target/dynamodb/table.h"

namespace godwit::dynamodb {

// The key (JSON) of the item that an element changes.
using KeyOf = std::function<std::string(const Element&, const std::vector<KeyAttribute>& keys)>;

// For elements that are items or keys.
std::string key_of_item(const Element& element, const std::vector<KeyAttribute>& keys);

// A restore_items operation: the items that are there now, and the keys of those that
// are not. Empty when it would be longer than kLargestInverse; reading stops then.
Result<std::string> restoring_operation(TableWork& work, const Request& request, const ItemSource& items,
                                        const KeyOf& key_of_element);

}  // namespace godwit::dynamodb
