#include "sql/destructive.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/text.h"

namespace godwit {
namespace {

// Words beyond these do not decide; a long INSERT is not walked through.
constexpr size_t kWords = 400;

size_t skip_quoted(std::string_view text, size_t at) {
    const char quote = text[at];
    const size_t end = text.find(quote, at + 1);
    return end == std::string_view::npos ? text.size() : end + 1;
}

size_t skip_dollar_quoted(std::string_view text, size_t at) {
    const size_t tag_end = text.find('$', at + 1);
    if (tag_end == std::string_view::npos) return at + 1;
    const std::string_view tag = text.substr(at, tag_end - at + 1);
    const size_t end = text.find(tag, tag_end + 1);
    return end == std::string_view::npos ? text.size() : end + tag.size();
}

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || static_cast<signed char>(c) < 0;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (size_t at = 0; at < text.size() && words.size() < kWords;) {
        const std::string_view rest = text.substr(at);
        if (rest.starts_with("--")) at += std::min(rest.find('\n'), rest.size());
        else if (rest.starts_with("/*")) at += std::min(rest.find("*/"), rest.size() - 2) + 2;
        else if (text[at] == '\'' || text[at] == '"' || text[at] == '`') at = skip_quoted(text, at);
        else if (text[at] == '$') at = skip_dollar_quoted(text, at);
        else if (is_word(text[at])) {
            size_t end = at;
            while (end < text.size() && is_word(text[end])) ++end;
            words.push_back(to_upper(text.substr(at, end - at)));
            at = end;
        } else {
            ++at;
        }
    }
    return words;
}

bool has(const std::vector<std::string>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool drops_column(const std::vector<std::string>& words) {
    constexpr std::array<std::string_view, 8> kHarmless = {"CONSTRAINT", "DEFAULT", "NOT", "IDENTITY", "EXPRESSION", "INDEX", "TRIGGER", "IF"};
    for (size_t i = 2; i + 1 < words.size(); ++i) {
        if (words[i] != "DROP") continue;
        if (words[i + 1] == "COLUMN") return true;
        if (std::find(kHarmless.begin(), kHarmless.end(), words[i + 1]) == kHarmless.end()) return true;
    }
    return false;
}

}  // namespace

bool is_destructive(std::string_view statement) {
    constexpr std::array<std::string_view, 7> kHarmlessDrops = {"INDEX", "TRIGGER", "VIEW", "RULE", "POLICY", "STATISTICS", "CAST"};
    const std::vector<std::string> words = words_of(statement);
    if (words.empty()) return false;
    if (words[0] == "TRUNCATE") return true;
    if (words[0] == "DROP") {
        return words.size() < 2 || std::find(kHarmlessDrops.begin(), kHarmlessDrops.end(), words[1]) == kHarmlessDrops.end();
    }
    if (words[0] == "DELETE" || words[0] == "UPDATE") return !has(words, "WHERE");
    return words[0] == "ALTER" && words.size() > 2 && words[1] == "TABLE" && drops_column(words);
}

}  // namespace godwit
