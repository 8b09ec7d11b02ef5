// Chains the texts of the steps that are done, so that a migration which
// stopped half way may go on only where they are still what they were.
#pragma once

#include <string>

#include "base/sha256.h"
#include "model/migration.h"

namespace godwit {

// Starts from the empty string; 64 hexadecimal digits.
inline std::string chain_step_hash(const std::string& before, const Step& step) {
    return sha256_hex(before + step.verb + '\n' + step.body);
}

}  // namespace godwit
