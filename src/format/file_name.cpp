#include "format/file_name.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "format/directory.h"

namespace godwit::format {
namespace {

constexpr size_t kDateDigits = 8;
constexpr size_t kTimeDigits = 6;
constexpr size_t kTimestampDigits = kDateDigits + kTimeDigits;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

size_t digits_at(std::string_view text, size_t at) {
    size_t end = std::min(at, text.size());
    while (end < text.size() && is_digit(text[end])) ++end;
    return end - std::min(at, text.size());
}

// Whether the version may end here: at the end, before an underscore, or before
// a hyphen that a letter follows.
bool ends_at(std::string_view stem, size_t at) {
    if (at == stem.size() || stem[at] == '_') return true;
    return stem[at] == '-' && at + 1 < stem.size() && is_letter(stem[at + 1]);
}

// Length of a semantic pre-release at `at`: "-rc.1", "-beta2"; 0 when there is none.
size_t prerelease_at(std::string_view stem, size_t at) {
    constexpr std::array<std::string_view, 6> kNames = {"alpha", "beta", "rc", "pre", "preview", "dev"};
    if (at >= stem.size() || stem[at] != '-') return 0;
    const size_t end = std::min(stem.find_first_of("_-", at + 1), stem.size());
    const std::string_view text = stem.substr(at + 1, end - at - 1);
    const size_t name =
        static_cast<size_t>(std::find_if_not(text.begin(), text.end(), is_letter) - text.begin());
    const bool known = std::any_of(kNames.begin(), kNames.end(), [&](std::string_view each) {
        return equal_ignoring_case(each, text.substr(0, name));
    });
    const bool numbered = text.substr(name).find_first_not_of("0123456789.") == std::string_view::npos;
    return known && numbered ? end - at : 0;
}

// Length of "1.2.3" at the start; at least one dot.
size_t dotted_at_start(std::string_view stem) {
    size_t at = digits_at(stem, 0);
    size_t dots = 0;
    while (at > 0 && at + 1 < stem.size() && stem[at] == '.' && is_digit(stem[at + 1])) {
        at += 1 + digits_at(stem, at + 1);
        ++dots;
    }
    return dots == 0 ? 0 : at + prerelease_at(stem, at);
}

NamedVersion named(std::string_view stem, size_t length, Scheme scheme) {
    NamedVersion found{std::string(stem.substr(0, length)), scheme, {}};
    if (length < stem.size()) found.description = description_in_name(stem.substr(length + 1));
    return found;
}

Scheme scheme_of(std::string_view version) {
    if (version.find('.') != std::string_view::npos) return Scheme::kDotted;
    return version.size() == kTimestampDigits ? Scheme::kTimestamp : Scheme::kNumber;
}

}  // namespace

std::string description_in_name(std::string_view text) {
    std::string out = shown_name(text);
    std::replace(out.begin(), out.end(), '_', ' ');
    return std::string(trim(out));
}

std::optional<NamedVersion> version_in_name(std::string_view stem) {
    const size_t digits = digits_at(stem, 0);
    if (digits == 0) return std::nullopt;
    if (const size_t dotted = dotted_at_start(stem); dotted > 0) {
        if (!ends_at(stem, dotted)) return std::nullopt;
        return named(stem, dotted, Scheme::kDotted);
    }
    if (!ends_at(stem, digits)) return std::nullopt;
    const bool date = digits == kDateDigits && (stem.starts_with("19") || stem.starts_with("20"));
    if (digits == kDateDigits && digits < stem.size() && stem[digits] == '_') {
        const size_t time = digits_at(stem, digits + 1);
        const size_t end = digits + 1 + time;
        if (time == kTimeDigits && ends_at(stem, end)) return named(stem, end, Scheme::kTimestamp);
        if (date && time > 0 && ends_at(stem, end)) return std::nullopt;
    }
    return named(stem, digits, scheme_of(stem.substr(0, digits)));
}

std::optional<NamedVersion> version_behind_prefix(std::string_view stem, char prefix) {
    if (stem.empty() || stem.front() != prefix) return std::nullopt;
    stem.remove_prefix(1);
    const size_t end = std::min(stem.find("__"), stem.size());
    std::string version(stem.substr(0, end));
    std::replace(version.begin(), version.end(), '_', '.');
    const auto parts = split(version, '.');
    const bool numbers = std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
        return !part.empty() && digits_at(part, 0) == part.size();
    });
    if (!numbers) return std::nullopt;
    NamedVersion found{version, scheme_of(version), {}};
    if (end < stem.size()) found.description = description_in_name(stem.substr(end + 2));
    return found;
}

std::optional<NamedVersion> repeatable_name(std::string_view stem) {
    if (!stem.starts_with("R__")) return std::nullopt;
    return NamedVersion{shown_name(stem), Scheme::kRepeatable, description_in_name(stem.substr(3))};
}

std::optional<NamedVersion> version_of_folder(std::string_view name) {
    const size_t end = std::min(name.find('_'), name.size());
    std::string version;
    for (const char c : name.substr(0, end)) {
        if (c == '-') continue;
        if (!is_digit(c)) return std::nullopt;
        version += c;
    }
    if (version.empty()) return std::nullopt;
    NamedVersion found{version, scheme_of(version), {}};
    if (end < name.size()) found.description = description_in_name(name.substr(end + 1));
    return found;
}

std::optional<std::string_view> without_ending(std::string_view name, std::string_view ending) {
    if (name.size() <= ending.size()) return std::nullopt;
    const std::string_view stem = name.substr(0, name.size() - ending.size());
    if (!equal_ignoring_case(name.substr(stem.size()), ending)) return std::nullopt;
    return stem;
}

bool is_editor_leftover(std::string_view name) {
    return name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#')) ||
           without_ending(name, ".swp") || without_ending(name, ".swo") || name == "__pycache__";
}

}  // namespace godwit::format
