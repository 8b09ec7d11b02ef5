#include "base/source_span.h"

#include <algorithm>

#include "base/text.h"

namespace godwit {

std::string to_string(const SourceSpan& span) {
    std::string text = span.file;
    if (span.line > 0) text += ":" + std::to_string(span.line);
    if (span.line > 0 && span.column > 0) text += ":" + std::to_string(span.column);
    return text;
}

SourceSpan advance(const SourceSpan& from, std::string_view text) {
    SourceSpan to = from;
    const auto lines = static_cast<int32_t>(std::count(text.begin(), text.end(), '\n'));
    const size_t last = text.rfind('\n');
    const std::string_view tail = last == std::string_view::npos ? text : text.substr(last + 1);
    if (to.line > 0) to.line += lines;
    if (to.column > 0) to.column = (lines > 0 ? 1 : to.column) + static_cast<int32_t>(code_points(tail));
    if (to.offset >= 0) to.offset += static_cast<int64_t>(text.size());
    return to;
}

}  // namespace godwit
