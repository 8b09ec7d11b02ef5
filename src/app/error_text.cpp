#include "app/error_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include "base/text.h"

namespace godwit {
namespace {

constexpr size_t kShownColumns = 100;

std::optional<std::string> read_line(const SourceSpan& where) {
    std::ifstream file(where.file, std::ios::binary);
    if (!file) return std::nullopt;
    std::string line;
    for (int32_t number = 1; number <= where.line; ++number) {
        if (!std::getline(file, line)) return std::nullopt;
    }
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (where.line == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
    return line;
}

// The bytes of the code points [from, from + count) of valid UTF-8.
std::string slice(std::string_view text, size_t from, size_t count) {
    size_t seen = 0;
    std::string out;
    for (const char c : text) {
        if ((static_cast<uint8_t>(c) & 0xC0U) != 0x80U) ++seen;
        if (seen > from && seen <= from + count) out.push_back(c);
    }
    return out;
}

// With a capital and a full stop, unless it starts with a quotation.
std::string sentence(std::string text) {
    if (text.front() >= 'a' && text.front() <= 'z') text.front() = static_cast<char>(text.front() - 32);
    if (std::string_view(".!?").find(text.back()) == std::string_view::npos) text.push_back('.');
    return text;
}

// The line with a caret under the column; a long line is cut around it. Without
// a column the place is the whole file, and its line says nothing.
std::string excerpt(const SourceSpan& where) {
    if (!where.known() || where.line <= 0 || where.column <= 0) return "";
    const auto line = read_line(where);
    if (!line || find_invalid_utf8(*line)) return "";
    const auto column = static_cast<size_t>(where.column) - 1;
    const size_t from = column + 20 > kShownColumns ? column + 20 - kShownColumns : 0;
    std::string shown = slice(*line, from, kShownColumns);
    std::replace(shown.begin(), shown.end(), '\t', ' ');
    const std::string number = std::to_string(where.line);
    std::string text = fmt::format("  {:>4} | {}{}\n", number, from > 0 ? "…" : "", printable(shown));
    return text + fmt::format("  {:>4} | {:{}}^\n", "", "", column - from + (from > 0 ? 1 : 0));
}

}  // namespace

std::string error_text(const Error& error, bool colour) {
    std::string text = colour ? "\x1b[31merror:\x1b[0m " : "error: ";
    if (error.where.known()) {
        SourceSpan shown = error.where;
        shown.file = printable(shown.file);
        text += to_string(shown) + ": ";
    }
    text += printable(error.message);
    if (!error.native_code.empty()) text += fmt::format(" ({})", error.native_code);
    text += "\n" + excerpt(error.where);
    for (const std::string& detail : error.details) {
        for (const std::string_view line : split(detail, '\n'))
            text += fmt::format("  {}\n", printable(line));
    }
    if (!error.remedy.empty()) text += fmt::format("  {}\n", sentence(printable(error.remedy)));
    return text;
}

}  // namespace godwit
