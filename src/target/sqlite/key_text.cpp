#include "target/sqlite/key_text.h"

#include <charconv>
#include <cstdlib>

#include "base/text.h"

namespace godwit::sqlite {
namespace {

// 'it''s' from the front of `left`.
bool take_text(std::string_view& left, std::string& text) {
    for (size_t at = 1; at < left.size(); ++at) {
        if (left[at] != '\'') {
            text += left[at];
            continue;
        }
        if (at + 1 < left.size() && left[at + 1] == '\'') {
            text += left[++at];
            continue;
        }
        left.remove_prefix(at + 1);
        return true;
    }
    return false;
}

bool take_blob(std::string_view& left, std::string& bytes) {
    const size_t end = left.find('\'', 2);
    if (end == std::string_view::npos || end % 2 != 0) return false;
    for (size_t at = 2; at < end; at += 2) {
        unsigned byte = 0;
        const auto [stop, code] = std::from_chars(left.data() + at, left.data() + at + 2, byte, 16);
        if (code != std::errc() || stop != left.data() + at + 2) return false;
        bytes += static_cast<char>(byte);
    }
    left.remove_prefix(end + 1);
    return true;
}

bool take_number(std::string_view& left, KeyPart& part) {
    const size_t end = std::min(left.find(','), left.size());
    part.text = left.substr(0, end);
    left.remove_prefix(end);
    const char* last = part.text.data() + part.text.size();
    int64_t whole = 0;
    const auto [whole_end, whole_code] = std::from_chars(part.text.data(), last, whole);
    if (whole_code == std::errc() && whole_end == last) {
        part.kind = KeyPart::Kind::kInteger;
        return true;
    }
    part.kind = KeyPart::Kind::kReal;
    double real = 0;
    const auto [real_end, real_code] = std::from_chars(part.text.data(), last, real);
    return real_code == std::errc() && real_end == last;
}

bool take_part(std::string_view& left, KeyPart& part) {
    if (left.starts_with('\'')) return take_text(left, part.text);
    part.kind = KeyPart::Kind::kBlob;
    if (left.starts_with("X'")) return take_blob(left, part.text);
    return take_number(left, part);
}

}  // namespace

Result<std::vector<KeyPart>> parse_key(std::string_view key) {
    std::vector<KeyPart> parts;
    std::string_view left = key;
    while (true) {
        KeyPart part;
        if (!take_part(left, part)) break;
        parts.push_back(std::move(part));
        if (left.empty()) return parts;
        if (!left.starts_with(',')) break;
        left.remove_prefix(1);
    }
    return fail(ErrorCode::kConflict, "godwit_seeded holds no key of a row: " + printable(key));
}

void bind_part(Statement& statement, const KeyPart& part) {
    switch (part.kind) {
        case KeyPart::Kind::kInteger:
            statement.bind(std::strtoll(part.text.c_str(), nullptr, 10));
            return;
        case KeyPart::Kind::kReal:
            statement.bind_real(std::strtod(part.text.c_str(), nullptr));
            return;
        case KeyPart::Kind::kText:
            statement.bind(part.text);
            return;
        case KeyPart::Kind::kBlob:
            statement.bind_blob(part.text);
            return;
    }
}

}  // namespace godwit::sqlite
