// The one symbol that a target's module exports.
#pragma once

#include "target/target.h"

namespace godwit {

// Names the build: a module of another version is refused, because what
// crosses the boundary are C++ objects.
#define GODWIT_MODULE_ABI "godwit-module-3"

// What `godwit_target_module` (extern "C", default visibility) points at.
struct TargetModule {
    const char* abi;  // GODWIT_MODULE_ABI
    Result<std::unique_ptr<Target>> (*open)(const TargetConfig& config);
};

}  // namespace godwit
