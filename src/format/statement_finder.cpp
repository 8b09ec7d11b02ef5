#include "format/statement_finder.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace godwit::format {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v";
constexpr std::array<std::string_view, 4> kTransactionWords = {"BEGIN", "START", "COMMIT", "END"};

// The first words of the statements of PostgreSQL 15 and SQLite 3.40 that a
// script may hold, without the transaction commands.
constexpr std::array<std::string_view, 42> kVerbs = {
    "ALTER",   "ANALYZE", "ATTACH",   "CALL",    "CHECKPOINT", "CLUSTER", "COMMENT",   "COPY",     "CREATE",
    "DELETE",  "DETACH",  "DISCARD",  "DO",      "DROP",       "EXECUTE", "EXPLAIN",   "GRANT",    "IMPORT",
    "INSERT",  "LISTEN",  "LOAD",     "LOCK",    "MERGE",      "NOTIFY",  "PRAGMA",    "PREPARE",  "REASSIGN",
    "REFRESH", "REINDEX", "RELEASE",  "REPLACE", "RESET",      "REVOKE",  "SAVEPOINT", "SECURITY", "SELECT",
    "SET",     "TABLE",   "TRUNCATE", "UPDATE",  "VACUUM",     "WITH"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

std::string_view word_at(std::string_view text, size_t at) {
    size_t end = at;
    while (end < text.size() && is_letter(text[end])) ++end;
    return text.substr(at, end - at);
}

template <size_t kCount>
bool contains(const std::array<std::string_view, kCount>& words, std::string_view word) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view each) { return equal_ignoring_case(each, word); });
}

}  // namespace

StatementFinder::Found StatementFinder::feed(std::string_view text, bool line_ends) {
    Found found;
    size_t at = 0;
    while (at < text.size() && !in_rest_of_line_) {
        const std::string_view rest = text.substr(at);
        if (comment_depth_ > 0) {
            at = skip_block_comment(text, at);
        } else if (rest.starts_with("/*")) {
            ++comment_depth_;
            at += 2;
        } else if (rest.starts_with("--") || (rest.front() == '\\' && !in_transaction_command_)) {
            in_rest_of_line_ = true;
        } else if (rest.front() == ';') {
            in_transaction_command_ = false;
            ++at;
        } else if (in_transaction_command_ || kBlanks.find(rest.front()) != std::string_view::npos) {
            ++at;
        } else {
            const std::string_view word = word_at(text, at);
            if (!found.command) found.command = at;
            if (!contains(kTransactionWords, word)) {
                found.statement = at;
                return found;
            }
            in_transaction_command_ = true;
            at += word.size();
        }
    }
    if (line_ends) in_rest_of_line_ = false;
    return found;
}

size_t StatementFinder::skip_block_comment(std::string_view text, size_t at) {
    const size_t close = text.find("*/", at);
    const size_t open = nests_ ? text.find("/*", at) : std::string_view::npos;
    if (close == std::string_view::npos && open == std::string_view::npos) return text.size();
    comment_depth_ += open < close ? 1 : -1;
    return std::min(open, close) + 2;
}

bool begins_with_verb(std::string_view text) { return contains(kVerbs, word_at(trim(text), 0)); }

bool begins_with_capital_verb(std::string_view text) {
    const std::string_view word = word_at(trim(text), 0);
    return word == to_upper(word) && contains(kVerbs, word);
}

}  // namespace godwit::format
