// Reads the operations of a body as steps.
#pragma once

#include <memory>

#include "base/result.h"
#include "target/dynamodb/operation.h"
#include "target/target.h"

namespace godwit::dynamodb {

// As Target::read_steps; each step is one that parse_operation() understands.
Result<std::unique_ptr<StepReader>> read_steps(const Body& body);

// The elements of a step, as often as they are asked for. With `echo`, the listener
// hears each.
ItemSource items_of(const ReadStep& step, TargetListener* echo);

}  // namespace godwit::dynamodb
