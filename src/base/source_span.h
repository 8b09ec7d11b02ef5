// A place in a file that a message can point at.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace godwit {

struct SourceSpan {
    std::string file;     // As shown to the user; empty when there is no file.
    int32_t line = 0;     // From 1; 0 when unknown.
    int32_t column = 0;   // From 1, in characters (code points); 0 when unknown.
    int64_t offset = -1;  // Bytes from the start of the file; -1 when unknown.

    bool known() const { return !file.empty(); }
};

// "file:12:9", without the parts that are unknown.
std::string to_string(const SourceSpan& span);

// The place after `text` (valid UTF-8), which starts at `from`.
SourceSpan advance(const SourceSpan& from, std::string_view text);

}  // namespace godwit
