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

// The processor that the calling thread runs on.
int current_processor();
// Keeps the calling thread from then on off `processor`, where there is another.
// For a thread that lives for milliseconds beside the one that started it: a
// scheduler that gathers threads on few processors would part them too late.
void keep_off_processor(int processor);

}  // namespace godwit
