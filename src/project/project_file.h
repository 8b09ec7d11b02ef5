// Reads godwit.toml.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "project/settings.h"

namespace godwit {

// `config` when given (it must exist), else godwit.toml in `folder` or above it,
// up to the root of the repository (the folder that holds .git) or the file
// system. Nothing when there is none.
Result<std::optional<std::string>> find_project_file(const std::string& folder, const std::string& config);

// `path` without `.` and `x/..`, where that leads to the same place (not through symbolic links).
std::string tidy_path(const std::string& path);

// Fills databases, environment and protection. `wanted_environment` is that of
// the command line, or empty. Unknown keys, wrong types, and unknown
// environments are kInvalidInput with file, line and column.
Result<void> read_project_file(const std::string& path, const std::string& wanted_environment,
                               const Environment& environment, Settings& settings);

}  // namespace godwit
