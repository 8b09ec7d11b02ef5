// The operations that a MemoryTarget understands; see memory_target.h.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "target/target.h"

namespace godwit {

enum class MemoryVerb : uint8_t {
    kCreate, kDrop, kSet, kUnset, kAppend, kLoad, kInsertVersion, kNotice, kWait, kFail, kBegin, kCommit,
};

// Views into the step it was read from.
struct MemoryOperation {
    MemoryVerb verb{};
    bool alone = false;
    std::string_view key;    // The whole body where the verb takes no key.
    std::string_view value;  // After `=`; for kLoad the lines of data.
};

// kInvalidInput at the step's place for an unknown verb or a missing operand.
Result<MemoryOperation> parse_memory_operation(const Step& step);

// As Target::read_steps. A Script is kNotSupported: this language has no text.
Result<std::unique_ptr<StepReader>> read_memory_steps(const Body& body);

}  // namespace godwit
