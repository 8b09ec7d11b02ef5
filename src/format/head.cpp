#include "format/head.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace godwit::format {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr size_t kContinuationIndent = 2;
constexpr std::array<std::string_view, 6> kNothing = {"none", "-", "n/a", "na", "nil", "null"};

std::string_view next_line(std::string_view& text) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

bool is_bullet(std::string_view text) {
    return text.size() > 1 && (text.front() == '-' || text.front() == '*') && text[1] == ' ';
}

// "Key" of "Key: value": up to three words of letters before a colon.
std::string_view key_of(std::string_view text) {
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) return {};
    const std::string_view key = trim(text.substr(0, colon));
    const bool words = std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ' || c == '_';
    });
    return words && std::count(key.begin(), key.end(), ' ') < 3 ? key : std::string_view();
}

}  // namespace

bool says_nothing(std::string_view value) {
    std::string_view text = trim(value);
    while (text.ends_with('.')) text.remove_suffix(1);
    if (text.empty() || (text.front() == '[' && text.back() == ']')) return true;
    return std::any_of(kNothing.begin(), kNothing.end(),
                       [&](std::string_view each) { return equal_ignoring_case(each, text); });
}

std::vector<ListItem> list_items(std::string_view text) {
    constexpr std::string_view kAround = " \t\r\n'\"`()[]";
    std::vector<ListItem> items;
    for (const std::string_view part : split(text, ',')) {
        std::string_view item = trim(part);
        if (is_bullet(item)) item.remove_prefix(2);
        const size_t first = item.find_first_not_of(kAround);
        if (first == std::string_view::npos) continue;
        item = item.substr(first, item.find_last_not_of(kAround) - first + 1);
        items.push_back({std::string(item), static_cast<size_t>(item.data() - text.data())});
    }
    return items;
}

bool any_leading_comment(std::string_view head, const std::function<bool(std::string_view)>& matches) {
    bool in_block = false;
    while (!head.empty()) {
        const std::string_view line = trim(next_line(head));
        if (in_block) {
            in_block = line.find("*/") == std::string_view::npos;
        } else if (line.starts_with("--")) {
            if (matches(line.substr(2))) return true;
        } else if (line.starts_with("/*")) {
            in_block = line.find("*/", 2) == std::string_view::npos;
        } else if (!line.empty()) {
            return false;
        }
    }
    return false;
}

std::string text_of(const Field& field) {
    std::string text;
    for (const FieldPiece& piece : field) {
        if (piece.text.empty()) continue;
        if (!text.empty()) text += ' ';
        text += piece.text;
    }
    return says_nothing(text) ? std::string() : printable(text);
}

std::vector<RawReference> references_in(const Field& field, bool from_prose) {
    std::vector<RawReference> references;
    if (text_of(field).empty()) return references;
    for (const FieldPiece& piece : field) {
        if (says_nothing(piece.text)) continue;
        for (ListItem& item : list_items(piece.text)) {
            if (says_nothing(item.text)) continue;
            SourceSpan where = piece.where;
            where.column += static_cast<int32_t>(code_points(std::string_view(piece.text).substr(0, item.at)));
            where.offset += static_cast<int64_t>(item.at);
            references.push_back({std::move(item.text), std::move(where), from_prose});
        }
    }
    return references;
}

bool HeadReader::read(const FileScan& scan, const Line& line, std::string_view text, size_t at) {
    const std::string_view key = key_of(text);
    const std::string lower = to_lower(key);
    const bool known = std::find(keys_.begin(), keys_.end(), lower) != keys_.end();
    if (!known) {
        const bool next = open_ != nullptr && line.number == open_line_ + 1 && key.empty() && goes_on(text);
        if (!next) {
            open_ = nullptr;
            return false;
        }
    } else {
        const auto [field, added] = fields_.try_emplace(lower);
        ignored_.clear();
        open_ = added ? &field->second : &ignored_;
        open_flows_ = std::find(flowing_.begin(), flowing_.end(), lower) != flowing_.end();
    }
    const size_t from = known ? text.find(':') + 1 : 0;
    const size_t first = std::min(text.find_first_not_of(kBlanks, from), text.size());
    open_->push_back({std::string(trim(text.substr(first))), scan.place(line, at + first)});
    open_line_ = line.number;
    return true;
}

const Field* HeadReader::find(std::string_view key) const {
    const auto field = fields_.find(key);
    return field == fields_.end() ? nullptr : &field->second;
}

bool HeadReader::goes_on(std::string_view text) const {
    const std::string_view value = trim(text);
    // A ruler or an empty comment line ends a field.
    if (value.find_first_not_of("-=*#~_ ") == std::string_view::npos) return false;
    if (open_flows_ || text.find_first_not_of(kBlanks) >= kContinuationIndent || is_bullet(value)) return true;
    const std::string& last = open_->back().text;
    return last.empty() || last.ends_with(',');
}

}  // namespace godwit::format
