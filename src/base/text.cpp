#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>

namespace godwit {
namespace {

// What PostgreSQL's settings take: 24 days. Clocks can add it without overflow.
constexpr int64_t kLongestDurationMs = INT32_MAX;

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

// Length of the well-formed sequence at the start of `text`, 0 when there is none.
size_t utf8_length(std::string_view text) {
    const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0U; };
    const auto tail = [&](size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const uint32_t a = byte(0);
    const uint32_t b = byte(1);
    if (a < 0x80) return 1;
    if (a >= 0xC2 && a <= 0xDF) return tail(1) ? 2 : 0;
    if (a >= 0xE0 && a <= 0xEF) {
        if ((a == 0xE0 && b < 0xA0) || (a == 0xED && b > 0x9F)) return 0;
        return tail(1) && tail(2) ? 3 : 0;
    }
    if (a >= 0xF0 && a <= 0xF4) {
        if ((a == 0xF0 && b < 0x90) || (a == 0xF4 && b > 0x8F)) return 0;
        return tail(1) && tail(2) && tail(3) ? 4 : 0;
    }
    return 0;
}

// Optimal string alignment: two neighbours that changed places are one slip.
size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    std::vector<size_t> above = row;
    std::vector<size_t> above_that = row;
    const auto same = [&](size_t i, size_t j) { return lower(a[i - 1]) == lower(b[j - 1]); };
    for (size_t i = 1; i <= a.size(); ++i) {
        std::swap(above_that, above);
        std::swap(above, row);
        row[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({above[j - 1] + (same(i, j) ? 0 : 1), above[j] + 1, row[j - 1] + 1});
            const bool swapped = i > 1 && j > 1 && same(i, j - 1) && same(i - 1, j);
            if (swapped) row[j] = std::min(row[j], above_that[j - 2] + 1);
        }
    }
    return row[b.size()];
}

}  // namespace

std::string to_lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

std::string to_upper(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), upper);
    return out;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const size_t at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

std::vector<std::string_view> split_any(std::string_view text, std::string_view separators) {
    std::vector<std::string_view> parts;
    while (true) {
        const size_t first = text.find_first_not_of(separators);
        if (first == std::string_view::npos) return parts;
        text.remove_prefix(first);
        const size_t end = std::min(text.find_first_of(separators), text.size());
        parts.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    return fmt::format("{}", fmt::join(parts, separator));
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string count_of(int64_t count, std::string_view singular) {
    return fmt::format("{} {}{}", count, singular, count == 1 ? "" : "s");
}

std::string to_base64(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (size_t i = 0; i < bytes.size(); i += 3) {
        const size_t have = std::min<size_t>(3, bytes.size() - i);
        uint32_t group = 0;
        for (size_t k = 0; k < 3; ++k) group = group << 8 | (k < have ? static_cast<uint8_t>(bytes[i + k]) : 0U);
        for (size_t k = 0; k < 4; ++k) out.push_back(k <= have ? kBase64[group >> (18 - 6 * k) & 63] : '=');
    }
    return out;
}

std::string from_base64(std::string_view text) {
    std::string out;
    uint32_t group = 0;
    int bits = 0;
    for (const char c : text) {
        const char* place = c == '\0' ? nullptr : std::char_traits<char>::find(kBase64, 64, c);
        if (place == nullptr) continue;
        group = group << 6 | static_cast<uint32_t>(place - kBase64);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out.push_back(static_cast<char>(group >> bits & 255));
        }
    }
    return out;
}

std::string to_hex(std::string_view bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<uint8_t>(c);
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
    return out;
}

std::optional<size_t> find_invalid_utf8(std::string_view text) {
    size_t at = 0;
    while (at < text.size()) {
        if (static_cast<uint8_t>(text[at]) < 0x80) {
            ++at;
            continue;
        }
        const size_t length = utf8_length(text.substr(at));
        if (length == 0) return at;
        at += length;
    }
    return std::nullopt;
}

size_t code_points(std::string_view text) {
    return static_cast<size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xC0U) != 0x80U; }));
}

std::string printable(std::string_view text) {
    // Most texts are plain ASCII; the rest may hold C1 controls or broken UTF-8.
    const auto is_plain = [](char c) { return c >= 0x20 && c < 0x7F; };
    if (std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
    std::string out;
    for (size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const auto byte = static_cast<uint8_t>(c);
        const size_t length = byte < 0x80 ? 1 : utf8_length(text.substr(at));
        // U+0080 to U+009F are control characters, too: U+009B starts a terminal's sequences.
        const bool control = length == 2 && byte == 0xC2 && static_cast<uint8_t>(text[at + 1]) < 0xA0;
        if (c == '\n') out += "\\n";
        else if (c == '\t') out += "\\t";
        else if (c == '\r') out += "\\r";
        else if (byte < 0x20 || byte == 0x7F || length == 0) out += fmt::format("\\x{:02x}", byte);
        else if (control) out += fmt::format("\\u{:04x}", static_cast<uint8_t>(text[++at]));
        else {
            out += text.substr(at, length);
            at += length - 1;
        }
    }
    return out;
}

std::string json_quote(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<uint8_t>(c);
        if (c == '"' || c == '\\') out += {'\\', c};
        else if (c == '\n') out += "\\n";
        else if (byte < 0x20) out += fmt::format("\\u{:04x}", byte);
        else out.push_back(c);
    }
    return out + "\"";
}

std::optional<std::string> nearest(std::string_view text, const std::vector<std::string>& candidates) {
    const std::string* best = nullptr;
    size_t best_distance = std::max<size_t>(1, text.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        const size_t distance = edit_distance(text, candidate);
        if (distance < best_distance) {
            best = &candidate;
            best_distance = distance;
        }
    }
    return best == nullptr ? std::nullopt : std::optional(*best);
}

std::optional<int64_t> parse_duration_ms(std::string_view text, int64_t bare_unit_ms) {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0) return std::nullopt;
    const std::string_view unit = trim(text.substr(static_cast<size_t>(end - text.data())));
    int64_t scale = 0;
    if (unit.empty()) scale = bare_unit_ms;
    else if (unit == "ms") scale = 1;
    else if (unit == "s") scale = 1'000;
    else if (unit == "m" || unit == "min") scale = 60'000;
    else if (unit == "h") scale = 3'600'000;
    if (scale == 0 || number > kLongestDurationMs / scale) return std::nullopt;
    return number * scale;
}

std::string human_duration(int64_t ms) {
    if (ms < 1'000) return fmt::format("{} ms", ms);
    if (ms < 60'000) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000.0);
    return fmt::format("{} min {} s", ms / 60'000, ms % 60'000 / 1000);
}

}  // namespace godwit
