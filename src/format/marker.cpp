#include "format/marker.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace godwit::format {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kRuler = " \t-=*#~_<>[]";
constexpr std::array<std::string_view, 6> kSectionWords = {"migration", "migrations", "section",
                                                           "script",    "changes",    "sql"};
constexpr std::array<std::string_view, 5> kDownWords = {"down", "downgrade", "rollback", "undo", "revert"};

bool is_word_byte(char c) {
    const auto byte = static_cast<uint8_t>(c);
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           byte >= 0x80;
}

std::string_view first_word(std::string_view text) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_word_byte);
    return text.substr(0, static_cast<size_t>(end - text.begin()));
}

std::string_view without_leading(std::string_view text, std::string_view characters) {
    return text.substr(std::min(text.find_first_not_of(characters), text.size()));
}

// Whether `rest`, which follows the marker's word, leaves it a marker.
bool marks(std::string_view word, std::string_view rest) {
    if (rest.find_first_not_of(kRuler) == std::string_view::npos) return true;
    const std::string_view text = without_leading(rest, kBlanks);
    if (text.front() == ':' || text.front() == '(' || text.front() == '-') return true;
    if (text.size() == rest.size()) return false;
    if (word == to_upper(word)) return true;
    const std::string next = to_lower(first_word(text));
    return std::find(kSectionWords.begin(), kSectionWords.end(), next) != kSectionWords.end();
}

}  // namespace

std::optional<Direction> section_marker(std::string_view comment, const MarkerWords& words) {
    const std::string_view plain = without_leading(comment, kBlanks);
    const std::string_view text = without_leading(plain, kRuler);
    const std::string_view word = first_word(text);
    const bool up = equal_ignoring_case(word, words.up);
    if (!up && !equal_ignoring_case(word, words.down)) return std::nullopt;
    const std::string_view rest = text.substr(word.size());
    // Behind a ruler only a word that stands alone is a marker; one or two
    // characters are no ruler but an item of a list, or a comment in a comment.
    const bool decorated = text.size() != plain.size();
    const std::string_view ruler = trim(plain.substr(0, plain.size() - text.size()));
    if (decorated && ruler.size() < 3 && trim(rest).empty()) return std::nullopt;
    const std::string_view after = without_leading(rest, kRuler);
    const bool alone =
        after.empty() || (after.front() == ':' && without_leading(after.substr(1), kRuler).empty());
    if (decorated ? !alone : !marks(word, rest)) return std::nullopt;
    return up ? Direction::kUp : Direction::kDown;
}

bool resembles_down_marker(std::string_view comment) {
    const std::string word = to_lower(first_word(without_leading(comment, kRuler)));
    return std::find(kDownWords.begin(), kDownWords.end(), word) != kDownWords.end();
}

}  // namespace godwit::format
