#include "format/head.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"

namespace godwit::format {
namespace {

constexpr size_t kContinuationIndent = 2;
// A file of nothing but comments must not fill the memory.
constexpr size_t kMostPieces = 200;
constexpr std::array<std::string_view, 6> kNothing = {"none", "-", "n/a", "na", "nil", "null"};

std::string_view without_indent(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t' || text.front() == '\r'))
        text.remove_prefix(1);
    return text;
}

bool is_bullet(std::string_view text) {
    return text.size() > 1 && (text.front() == '-' || text.front() == '*') && text[1] == ' ';
}

// "None (the first migration)"
bool begins_with_none(std::string_view text) {
    constexpr std::string_view kNone = "none";
    if (!equal_ignoring_case(text.substr(0, kNone.size()), kNone)) return false;
    return text.size() == kNone.size() || std::isalnum(static_cast<unsigned char>(text[kNone.size()])) == 0;
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

void Head::assign(std::string_view first_stretch) {
    text = first_stretch;
    comments.clear();
    bool in_block = false;
    for (std::string_view rest = text; !rest.empty();) {
        const size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = without_indent(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (in_block)
            in_block = line.find("*/") == std::string_view::npos;
        else if (line.starts_with("--"))
            comments.push_back(line.substr(2));
        else if (line.starts_with("/*"))
            in_block = line.find("*/", 2) == std::string_view::npos;
        else if (!line.empty())
            return;
    }
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

std::vector<RawReference> references_in(const Field& field, const std::string& file, bool from_prose) {
    std::vector<RawReference> references;
    if (text_of(field).empty()) return references;
    for (const FieldPiece& piece : field) {
        if (says_nothing(piece.text) || (from_prose && begins_with_none(piece.text))) continue;
        for (ListItem& item : list_items(piece.text)) {
            if (says_nothing(item.text)) continue;
            SourceSpan where = piece.spot.in(file);
            where.column +=
                static_cast<int32_t>(code_points(std::string_view(piece.text).substr(0, item.at)));
            where.offset += static_cast<int64_t>(item.at);
            references.push_back({std::move(item.text), std::move(where), from_prose});
        }
    }
    return references;
}

bool HeadReader::read(const FileScan& scan, const Line& line, std::string_view text, size_t at) {
    const std::string_view key = key_of(text);
    const auto is_key = [&](std::string_view each) { return equal_ignoring_case(each, key); };
    const auto known = std::find_if(keys_.begin(), keys_.end(), is_key);
    if (known != keys_.end()) {
        const bool repeated = find(*known) != nullptr;
        ignored_.clear();
        open_ = repeated ? &ignored_ : &fields_.emplace_back(KeyedField{*known, {}}).field;
        open_flows_ = std::any_of(flowing_.begin(), flowing_.end(), is_key);
    } else if (open_ == nullptr || line.number != open_line_ + 1 || !key.empty() || !goes_on(text)) {
        open_ = nullptr;
        return false;
    }
    const std::string_view value = trim(known != keys_.end() ? text.substr(text.find(':') + 1) : text);
    const size_t first = value.empty() ? text.size() : static_cast<size_t>(value.data() - text.data());
    open_->push_back({std::string(value), scan.spot(line, at + first)});
    open_line_ = line.number;
    return true;
}

const Field* HeadReader::find(std::string_view key) const {
    for (const KeyedField& each : fields_) {
        if (each.key == key) return &each.field;
    }
    return nullptr;
}

bool HeadReader::goes_on(std::string_view text) const {
    const std::string_view value = trim(text);
    if (open_->size() == kMostPieces) return false;
    // A ruler or an empty comment line ends a field.
    if (value.find_first_not_of("-=*#~_ ") == std::string_view::npos) return false;
    if (open_flows_ || text.size() - without_indent(text).size() >= kContinuationIndent || is_bullet(value))
        return true;
    const std::string& last = open_->back().text;
    return last.empty() || last.ends_with(',');
}

}  // namespace godwit::format
