// Tables of what each byte means to a lexer.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace godwit {

using ByteSet = std::array<bool, 256>;

constexpr ByteSet bytes_of(std::string_view list) {
    ByteSet set{};
    for (const char c : list) set[static_cast<uint8_t>(c)] = true;
    return set;
}

constexpr bool in(const ByteSet& set, char c) { return set[static_cast<uint8_t>(c)]; }

constexpr ByteSet letters_and(std::string_view more) {
    ByteSet set = bytes_of(more);
    for (int c = 'a'; c <= 'z'; ++c) set[static_cast<size_t>(c)] = set[static_cast<size_t>(c - 32)] = true;
    for (size_t c = 0x80; c < 0x100; ++c) set[c] = true;
    return set;
}

// White space of both dialects. (PostgreSQL 16 adds the vertical tab, which
// PostgreSQL 15 refuses.)
inline constexpr ByteSet kSpaceBytes = bytes_of(" \t\n\r\f");
inline constexpr ByteSet kDigitBytes = bytes_of("0123456789");
inline constexpr ByteSet kNameStartBytes = letters_and("_");
inline constexpr ByteSet kNameBytes = letters_and("_$0123456789");

// First in [from, end) that is in `set`, or end.
inline const char* find_in(const ByteSet& set, const char* from, const char* end) {
    while (from < end && !in(set, *from)) ++from;
    return from;
}

// First in [from, end) that is not in `set`, or end.
inline const char* skip_in(const ByteSet& set, const char* from, const char* end) {
    while (from < end && in(set, *from)) ++from;
    return from;
}

// First `c` in [from, end), or end.
inline const char* find_byte(char c, const char* from, const char* end) {
    const void* const found = std::memchr(from, c, static_cast<size_t>(end - from));
    return found == nullptr ? end : static_cast<const char*>(found);
}

constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

}  // namespace godwit
