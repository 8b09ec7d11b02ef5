// A target: DynamoDB. Migrations are JSON operations, the record is a table of its own.
#pragma once

#include <memory>

#include "base/result.h"
#include "target/target.h"

namespace godwit::dynamodb {

// Connects to nothing. kInvalidInput: the URL, the names or AWS's settings are wrong.
Result<std::unique_ptr<Target>> open_target(const TargetConfig& config);

}  // namespace godwit::dynamodb
