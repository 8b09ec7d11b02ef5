// Who runs this program, and where.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace godwit {

std::string user_name();   // The login name, or "uid 1000".
std::string host_name();
int64_t process_id();
// "deploy@ci-7 pid 4711": how a holder of locks is named.
std::string owner_text();
// The environment variable, when set and not empty.
std::optional<std::string> environment_variable(const char* name);
// `bytes` random bytes from the kernel as hexadecimal digits.
std::string random_hex(size_t bytes);

}  // namespace godwit
