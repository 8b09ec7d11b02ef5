#include "base/source_span.h"

namespace godwit {

std::string to_string(const SourceSpan& span) {
    std::string text = span.file;
    if (span.line > 0) text += ":" + std::to_string(span.line);
    if (span.line > 0 && span.column > 0) text += ":" + std::to_string(span.column);
    return text;
}

}  // namespace godwit
