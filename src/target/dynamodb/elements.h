// Elements of an operation (items, keys, updates, statements) that are read more
// than once: first all are checked, then they are sent.
#pragma once

#include <functional>
#include <string_view>

#include "target/dynamodb/attribute.h"
#include "target/dynamodb/operation.h"
#include "target/dynamodb/request.h"
#include "target/dynamodb/table.h"

namespace godwit::dynamodb {

// An element while it is being read.
struct Element {
    std::string_view json;  // Valid within the call.
    int64_t index = 0;      // From 0.
    const ItemReader* reader = nullptr;

    // Of the byte at `at`.
    SourceSpan place(size_t at = 0) const;
    // "Items[17]"
    std::string name(const Request& request) const;
};

// Reads all of them, in order, and stops at the first error or a request to stop;
// gives their number.
Result<int64_t> for_each_element(const Request& request, const ItemSource& items, const Cancellation* cancellation,
                                 const std::function<Result<void>(const Element&)>& use);

// kInvalidInput with the place in the file.
Result<void> check_element(ItemChecker& checker, const Element& element, const Request& request);
Result<void> check_element(const Shape& shape, const Element& element, const Request& request);

// All elements as items, or keys, of the table; gives their number.
Result<int64_t> check_items(TableWork& work, const Request& request, const ItemSource& items,
                            const std::vector<KeyAttribute>& keys, ItemRole role);

}  // namespace godwit::dynamodb
