#include "target/postgres/batch.h"

#include <algorithm>

namespace godwit::postgres {
namespace {

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Byte offset of the character `position` (from 1).
size_t byte_of(std::string_view text, int64_t position) {
    size_t byte = 0;
    for (int64_t character = 1; byte < text.size(); ++byte) {
        if (continues_character(text[byte])) continue;
        if (character++ == position) break;
    }
    return byte;
}

}  // namespace

// Statements that follow each other are of the same file, or of none.
uint32_t Batch::index_of(const std::string& file) {
    if (files_.empty() || files_.back() != file) files_.push_back(file);
    return static_cast<uint32_t>(files_.size() - 1);
}

void Batch::add(std::string_view sql, Origin origin, const SourceSpan& where) {
    const size_t begin = text_.size();
    text_.append(sql);
    statements_.push_back({begin, text_.size(), where.offset, where.line, where.column, index_of(where.file), origin});
    text_.append(";\n");
}

void Batch::clear() {
    text_.clear();
    statements_.clear();
    files_.clear();
}

Batch::Place Batch::locate(size_t completed, std::optional<int64_t> position) const {
    if (statements_.empty()) return {};
    size_t index = std::min(completed, statements_.size() - 1);
    size_t inside = 0;
    if (position) {
        const size_t byte = byte_of(text_, *position);
        const auto after = std::upper_bound(statements_.begin(), statements_.end(), byte,
                                            [](size_t at, const Entry& entry) { return at < entry.begin; });
        index = after == statements_.begin() ? 0 : static_cast<size_t>(after - statements_.begin()) - 1;
        inside = byte - statements_[index].begin;
    }
    const Entry& entry = statements_[index];
    const std::string_view statement = std::string_view(text_).substr(entry.begin, entry.end - entry.begin);
    Place place{entry.origin, {}, statement};
    const SourceSpan start{files_[entry.file], entry.line, entry.column, entry.offset};
    if (start.known()) place.where = advance(start, statement.substr(0, inside));
    return place;
}

}  // namespace godwit::postgres
