// Reads the operations of a document database's migration: JSON objects with a
// `type`, in a file or kept in the record.
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "target/target.h"

namespace godwit::document {

inline constexpr std::array<std::string_view, 4> kStreamedMembers = {"Items", "Keys", "Updates", "Statements"};

// A step for each operation: `verb` is its type, `body` the whole object as it stands
// there, `where` its place. Of a member that may hold more than fits in memory (an array
// called as kStreamedMembers say) `body` has the brackets only; its elements are the
// step's data: one a call, an empty text after the last, and then from the first again.
//
// The body is a Script whose text is what stands between the brackets of the array of
// operations, or Steps of one operation each (whose verb may be empty).
// next() fails with kInvalidInput and the place for what is no operation.
Result<std::unique_ptr<StepReader>> read_operations(const Body& body);

}  // namespace godwit::document
