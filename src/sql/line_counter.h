// Turns offsets into lines and columns, going forwards through a text once.
#pragma once

#include <cstdint>
#include <string_view>

namespace godwit {

class LineCounter {
public:
    LineCounter(int64_t offset, int32_t line) : offset_(offset), line_(line) {}

    // `text` is what comes next. Costs a search for line ends, and a count of
    // the characters behind the last one.
    void advance(std::string_view text);

    int64_t offset() const { return offset_; }
    int32_t line() const { return line_; }
    int32_t column() const { return column_; }  // In code points, from 1.

private:
    int64_t offset_;
    int32_t line_;
    int32_t column_ = 1;
};

}  // namespace godwit
