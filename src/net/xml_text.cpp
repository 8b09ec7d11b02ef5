#include "net/xml_text.h"

#include <charconv>
#include <utility>

#include "base/text.h"

namespace godwit::net {
namespace {

// The inside of the first element of that name, and what follows it.
std::optional<std::pair<std::string_view, std::string_view>> find_element(std::string_view xml,
                                                                          std::string_view name) {
    const std::string open = "<" + std::string(name), close = "</" + std::string(name) + ">";
    for (size_t at = xml.find(open); at != std::string_view::npos; at = xml.find(open, at + 1)) {
        const size_t after = at + open.size();
        if (after >= xml.size() || std::string_view("> \t\r\n/").find(xml[after]) == std::string_view::npos)
            continue;
        const size_t start = xml.find('>', after);
        if (start == std::string_view::npos) return std::nullopt;
        if (xml[start - 1] == '/') return std::pair{std::string_view(), xml.substr(start + 1)};
        const size_t end = xml.find(close, start);
        if (end == std::string_view::npos) return std::nullopt;
        return std::pair{xml.substr(start + 1, end - start - 1), xml.substr(end + close.size())};
    }
    return std::nullopt;
}

void append_utf8(std::string& out, uint32_t code_point) {
    const auto byte = [&](uint32_t value) { out += static_cast<char>(value); };
    if (code_point < 0x80) {
        byte(code_point);
    } else if (code_point < 0x800) {
        byte(0xc0 | code_point >> 6);
        byte(0x80 | (code_point & 0x3f));
    } else if (code_point < 0x10000) {
        byte(0xe0 | code_point >> 12);
        byte(0x80 | (code_point >> 6 & 0x3f));
        byte(0x80 | (code_point & 0x3f));
    } else {
        byte(0xf0 | code_point >> 18);
        byte(0x80 | (code_point >> 12 & 0x3f));
        byte(0x80 | (code_point >> 6 & 0x3f));
        byte(0x80 | (code_point & 0x3f));
    }
}

// Whether `entity` ("amp", "#10", "#x1F600") was one; its text goes to `out`.
bool append_entity(std::string& out, std::string_view entity) {
    constexpr std::pair<std::string_view, char> kNamed[] = {
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    for (const auto& [name, text] : kNamed) {
        if (entity != name) continue;
        out += text;
        return true;
    }
    if (!entity.starts_with('#')) return false;
    const int base = entity.size() > 1 && (entity[1] == 'x' || entity[1] == 'X') ? 16 : 10;
    const std::string_view digits = entity.substr(base == 16 ? 2 : 1);
    uint32_t code_point = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code_point, base);
    const bool surrogate = code_point >= 0xd800 && code_point < 0xe000;
    if (error != std::errc() || end != digits.data() + digits.size() || code_point > 0x10ffff || surrogate)
        return false;
    append_utf8(out, code_point);
    return true;
}

std::string decode_entities(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const size_t amp = std::min(text.find('&'), text.size());
        out += text.substr(0, amp);
        text.remove_prefix(amp);
        if (text.empty()) break;
        const size_t end = text.find(';');
        if (end != std::string_view::npos && append_entity(out, text.substr(1, end - 1))) {
            text.remove_prefix(end + 1);
        } else {
            out += '&';
            text.remove_prefix(1);
        }
    }
    return out;
}

}  // namespace

std::optional<std::string> xml_text(std::string_view xml, std::string_view name) {
    const auto found = find_element(xml, name);
    if (!found) return std::nullopt;
    return decode_entities(trim(found->first));
}

std::vector<std::string_view> xml_elements(std::string_view xml, std::string_view name) {
    std::vector<std::string_view> elements;
    while (const auto found = find_element(xml, name)) {
        elements.push_back(found->first);
        xml = found->second;
    }
    return elements;
}

}  // namespace godwit::net
