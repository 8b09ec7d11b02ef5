// Small operations on text that the standard library lacks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit {

std::string to_lower(std::string_view text);  // ASCII only.
std::string to_upper(std::string_view text);  // ASCII only.
std::string_view trim(std::string_view text); // Spaces, tabs, CR, LF, FF, VT.
std::vector<std::string_view> split(std::string_view text, char separator);
// Pieces between runs of any of `separators`, without empty ones.
std::vector<std::string_view> split_any(std::string_view text, std::string_view separators);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
bool equal_ignoring_case(std::string_view a, std::string_view b);  // ASCII only.

// "1 migration", "2 migrations".
std::string count_of(int64_t count, std::string_view singular);

std::string to_base64(std::string_view bytes);    // RFC 4648, with padding.
std::string from_base64(std::string_view text);   // Ignores what is not Base64.
std::string to_hex(std::string_view bytes);       // Lower case.

// Byte offset of the first sequence that is not UTF-8 (Unicode 15, table 3-7), or nothing.
std::optional<size_t> find_invalid_utf8(std::string_view text);
// Code points in valid UTF-8.
size_t code_points(std::string_view text);

// With control characters (and DEL) shown as \n, \x1b, …, so that text from
// outside cannot drive the terminal.
std::string printable(std::string_view text);

// As a JSON string, quotes included (RFC 8259); `text` is UTF-8.
std::string json_quote(std::string_view text);

// The candidate closest to `text` by edit distance, if close enough to be a slip.
std::optional<std::string> nearest(std::string_view text, const std::vector<std::string>& candidates);

// "250ms", "5s", "2m", "1h", or a bare number taken as `bare_unit_ms`; not negative.
std::optional<int64_t> parse_duration_ms(std::string_view text, int64_t bare_unit_ms);

// "4 ms", "1.2 s", "3 min 5 s".
std::string human_duration(int64_t ms);

}  // namespace godwit
