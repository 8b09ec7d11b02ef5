#include "model/version_order.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.h"

namespace godwit {
namespace {

// The first byte of a key, and what follows a component; their values are the order.
constexpr char kNumber = 1;
constexpr char kText = 2;
constexpr char kPreRelease = 1;
constexpr char kRelease = 2;
constexpr char kComponent = 3;
constexpr char kPreReleaseEnd = 0;
constexpr char kPreReleaseNumber = 1;
constexpr char kPreReleaseText = 2;

constexpr size_t kMaxDigits = 0xffff;  // A length takes two bytes of the key.

bool is_digits(std::string_view text) {
    return !text.empty() && text.size() <= kMaxDigits &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_identifier(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    });
}

std::string_view without_leading_zeros(std::string_view digits) {
    return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
}

void append_number(std::string& key, std::string_view digits) {
    digits = without_leading_zeros(digits);
    key += static_cast<char>(digits.size() >> 8);
    key += static_cast<char>(digits.size() & 0xff);
    key += digits;
}

// The numbers of "1.2.0", "1_2" or "20250101_120000"; nothing if there are others things in it.
std::optional<std::string> core_key(std::string_view core) {
    std::string timestamp;
    if (core.size() == 15 && core[8] == '_') {
        timestamp = std::string(core.substr(0, 8)) + std::string(core.substr(9));
        if (is_digits(timestamp)) core = timestamp;
    }
    std::string key;
    size_t significant = 0;  // Bytes of `key` up to the last component that is not zero.
    size_t begin = 0;
    while (begin <= core.size()) {
        const size_t end = std::min(core.find_first_of("._", begin), core.size());
        const std::string_view digits = core.substr(begin, end - begin);
        if (!is_digits(digits)) return std::nullopt;
        key += kComponent;
        append_number(key, digits);
        if (!without_leading_zeros(digits).empty()) significant = key.size();
        begin = end + 1;
    }
    key.resize(significant);
    return key;
}

std::optional<std::string> pre_release_key(std::string_view text) {
    std::string key(1, kPreRelease);
    for (const std::string_view identifier : split(text, '.')) {
        if (!is_identifier(identifier)) return std::nullopt;
        if (is_digits(identifier)) {
            key += kPreReleaseNumber;
            append_number(key, identifier);
        } else {
            key += kPreReleaseText;
            key += identifier;
            key += '\0';
        }
    }
    key += kPreReleaseEnd;
    return key;
}

std::optional<std::string> number_key(std::string_view version) {
    const std::string_view precedence = version.substr(0, version.find('+'));
    const size_t dash = precedence.find('-');
    const auto core = core_key(precedence.substr(0, dash));
    if (!core) return std::nullopt;
    if (dash == std::string_view::npos) return std::string(1, kNumber) + *core + kRelease;
    const auto pre_release = pre_release_key(precedence.substr(dash + 1));
    if (!pre_release) return std::nullopt;
    return std::string(1, kNumber) + *core + *pre_release;
}

}  // namespace

std::string version_sort_key(std::string_view version) {
    if (auto key = number_key(version)) return std::move(*key);
    return std::string(1, kText) + std::string(version);
}

int compare_versions(std::string_view a, std::string_view b) {
    return version_sort_key(a).compare(version_sort_key(b));
}

}  // namespace godwit
