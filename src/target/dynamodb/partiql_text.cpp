#include "target/dynamodb/partiql_text.h"

#include <algorithm>

#include "base/text.h"

namespace godwit::dynamodb {
namespace {

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
}

// Where the text that starts at `at` and ends with the next `closing` has ended.
size_t after(std::string_view text, size_t at, std::string_view closing) {
    const size_t found = text.find(closing, at);
    return found == std::string_view::npos ? text.size() : found + closing.size();
}

// After a quoted text; its quote, doubled, stands for itself.
size_t after_quoted(std::string_view text, size_t at) {
    const std::string_view quote = text.substr(at, 1);
    at = after(text, at + 1, quote);
    while (text.substr(at, 1) == quote) at = after(text, at + 1, quote);
    return at;
}

// The next token: blanks and comments are tokens too.
std::string_view next_token(std::string_view text, size_t at) {
    const std::string_view two = text.substr(at, 2);
    size_t end = at + 1;
    if (two == "--") {
        end = after(text, at, "\n");
    } else if (two == "/*") {
        end = after(text, at + 2, "*/");
    } else if (text[at] == '\'' || text[at] == '"') {
        end = after_quoted(text, at);
    } else if (is_word(text[at])) {
        while (end < text.size() && is_word(text[end])) end++;
    }
    return text.substr(at, end - at);
}

std::string without_quotes(std::string_view token) {
    if (token.size() < 2 || token.front() != '"') return std::string(token);
    std::string name;
    for (size_t i = 1; i + 1 < token.size(); i++) {
        name += token[i];
        if (token[i] == '"') i++;
    }
    return name;
}

std::string quoted(std::string_view name) {
    std::string out = "\"";
    for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
}

bool is_blank(std::string_view token) {
    return trim(token).empty() || token.starts_with("--") || token.starts_with("/*");
}

}  // namespace

PartiqlStatement with_real_names(std::string_view statement,
                                 const std::function<std::string(std::string_view)>& real) {
    PartiqlStatement made;
    bool table_next = false;
    for (size_t at = 0; at < statement.size();) {
        const std::string_view token = next_token(statement, at);
        at += token.size();
        if (is_blank(token)) {
            made.text += token;
            continue;
        }
        if (table_next && (token.front() == '"' || is_word(token.front()))) {
            made.tables.push_back(without_quotes(token));
            made.text += quoted(real(made.tables.back()));
            table_next = false;
            continue;
        }
        made.text += token;
        const std::string word = to_upper(token);
        const bool first = made.verb.empty();
        if (first) made.verb = word;
        table_next = word == "FROM" || word == "INTO" || (first && word == "UPDATE");
    }
    return made;
}

}  // namespace godwit::dynamodb
