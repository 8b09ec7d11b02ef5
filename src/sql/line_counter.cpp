#include "sql/line_counter.h"

#include <cstring>

#include "base/text.h"

namespace godwit {

void LineCounter::advance(std::string_view text) {
    offset_ += static_cast<int64_t>(text.size());
    while (!text.empty()) {
        const void* const found = std::memchr(text.data(), '\n', text.size());
        if (found == nullptr) break;
        ++line_;
        column_ = 1;
        text.remove_prefix(static_cast<size_t>(static_cast<const char*>(found) - text.data()) + 1);
    }
    column_ += static_cast<int32_t>(code_points(text));
}

}  // namespace godwit
