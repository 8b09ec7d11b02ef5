// Turns the program's arguments into Arguments. The only user of CLI11.
#pragma once

#include <string>
#include <vector>

#include "app/command.h"
#include "base/result.h"

namespace godwit {

// Options may stand anywhere, before the command too. `--` ends them; "-1" and
// "+2" are positionals. kInvalidInput, naming the nearest known command or
// option, for what is not understood.
Result<Arguments> parse_command_line(const std::vector<std::string>& words);

// The texts of `godwit help` and `godwit help COMMAND`.
std::string help_text();
std::string help_text(const CommandSpec& command);

// The key of an option in Arguments::values: "message" for "-m,--message".
std::string key_of(const OptionSpec& option);

}  // namespace godwit
