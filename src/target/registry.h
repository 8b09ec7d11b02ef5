// Loads the targets that are modules, by the scheme of their URL.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "target/target.h"

namespace godwit {

// SQLite is built in (target/sqlite); everything else is a module,
// lib/godwit/target_<name>.so, loaded at its first use, so that a run pays only
// for the client library that it needs. Looked for in GODWIT_MODULE_PATH, beside
// the program (../lib/godwit), then where it was installed.
//
// Does not connect. kInvalidInput for an unknown scheme or URL parameter;
// kNotSupported when the module is not installed, with the package to install.
Result<std::unique_ptr<Target>> open_module_target(const TargetConfig& config);

// Whether one of the modules, installed or not, is for URLs of this scheme.
bool is_module_scheme(std::string_view scheme);

}  // namespace godwit
