// For libFuzzer: splits any bytes by both dialects and checks what must hold of
// every input, also of malformed ones. With replay.cpp it is a plain test.
#include <cstdio>
#include <cstdlib>

#include "sql/lexical_state.h"
#include "support/sql_split.h"

namespace godwit {
namespace {

[[noreturn]] void broken(const char* rule, std::string_view text, int64_t offset) {
    std::fprintf(stderr, "%s, at offset %lld of:\n%.*s\n", rule, static_cast<long long>(offset),
                 static_cast<int>(text.size()), text.data());
    std::abort();
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

// Behind the comment that begins `text`, or 0.
size_t comment_length(std::string_view text, Dialect dialect) {
    const bool postgres = dialect == Dialect::kPostgres;
    if (text.starts_with("--")) return std::min(text.find_first_of(postgres ? "\r\n" : "\n"), text.size());
    if (!text.starts_with("/*")) return 0;
    size_t at = 2;
    for (int depth = 1; at < text.size() && depth > 0;) {
        const std::string_view two = text.substr(at, 2);
        if (two == "*/") --depth;
        if (two == "/*" && postgres) ++depth;
        at += two == "*/" || (two == "/*" && postgres) ? 2 : 1;
    }
    return std::min(at, text.size());
}

// Behind the psql command that begins `text`: at the line's end, behind `\\`, or
// at the next command. Quotes count among its arguments.
size_t command_length(std::string_view text) {
    char quote = 0;
    for (size_t at = 1; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\n') return at;
        if (quote != 0) {
            if (c == '\\' && quote == '\'')
                ++at;
            else if (c == quote)
                quote = 0;
        } else if (c == '\\') {
            return text.substr(at).starts_with("\\\\") ? at + 2 : at;
        } else if (c == '\'' || c == '"' || c == '`') {
            quote = c;
        }
        if (at < text.size() && text[at] == '\n') return at;
    }
    return text.size();
}

// What lies outside of statements is white space, comments, `;`, and psql commands.
bool is_gap(std::string_view text, Dialect dialect) {
    while (!text.empty()) {
        size_t length = comment_length(text, dialect);
        if (length == 0 && (is_space(text[0]) || text[0] == ';')) length = 1;
        if (length == 0 && text[0] == '\\' && dialect == Dialect::kPostgres) length = command_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

void check_place(std::string_view text, const SourceSpan& where) {
    const std::string_view before = text.substr(0, static_cast<size_t>(where.offset));
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const std::string_view line = before.substr(before.rfind('\n') + 1);
    const auto columns = std::count_if(line.begin(), line.end(),
                                       [](char c) { return (static_cast<uint8_t>(c) & 0xC0U) != 0x80U; });
    if (where.line != lines + 1 || where.column != columns + 1)
        broken("a wrong line or column", text, where.offset);
}

void check_statement(std::string_view text, const Found& found, int64_t after, Dialect dialect) {
    const auto begin = static_cast<size_t>(found.where.offset);
    check_place(text, found.where);
    if (found.text.empty() || text.substr(begin, found.text.size()) != found.text)
        broken("not the text", text, found.where.offset);
    if (is_space(found.text.front()) || is_space(found.text.back()))
        broken("space around", text, found.where.offset);
    const auto from = static_cast<size_t>(after);
    if (found.where.offset < after || !is_gap(text.substr(from, begin - from), dialect)) {
        broken("something is lost before a statement", text, after);
    }
    const size_t end = begin + found.text.size();
    if (!is_gap(text.substr(end, static_cast<size_t>(found.end_offset) - end), dialect)) {
        broken("something is lost before the end of a statement", text, found.where.offset);
    }
}

void check_data(std::string_view text, const Found& found, int64_t after) {
    const size_t line = text.find('\n', static_cast<size_t>(after));
    const size_t from = line == std::string_view::npos ? text.size() : line + 1;
    if (text.substr(from, found.text.size()) != found.text) broken("not the data", text, after);
    const std::string_view rest = text.substr(
        from + found.text.size(), static_cast<size_t>(found.end_offset) - from - found.text.size());
    if (!rest.empty() && !rest.starts_with("\\.")) broken("data is lost", text, found.end_offset);
}

// A statement begins in plain text, as the other reader of the same text sees it.
void check_lexical_state(std::string_view text, const std::vector<Found>& all, Dialect dialect) {
    LexicalState state(dialect);
    size_t fed = 0;
    for (const Found& found : all) {
        if (found.kind != Found::Kind::kStatement) continue;
        const auto begin = static_cast<size_t>(found.where.offset);
        state.feed(text.substr(fed, begin - fed));
        fed = begin;
        if (!state.in_plain_text()) broken("not in plain text", text, found.where.offset);
    }
}

void check(std::string_view text, Dialect dialect) {
    const std::vector<Found> all = split_script(text, dialect, 1 << 20);
    int64_t after = 0;
    bool failed = false;
    for (const Found& found : all) {
        if (found.kind == Found::Kind::kStatement) check_statement(text, found, after, dialect);
        if (found.kind == Found::Kind::kData) check_data(text, found, after);
        if (found.kind == Found::Kind::kStatement || found.kind == Found::Kind::kData)
            after = found.end_offset;
        else
            check_place(text, found.where);
        failed = failed || found.kind == Found::Kind::kError;
    }
    if (!failed && !is_gap(text.substr(static_cast<size_t>(after)), dialect))
        broken("something is lost at the end", text, after);
    if (to_text(split_script(text, dialect, 1)) != to_text(all)) broken("it depends on the pieces", text, 0);
    check_lexical_state(text, all, dialect);
}

}  // namespace
}  // namespace godwit

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    godwit::check(text, godwit::Dialect::kPostgres);
    godwit::check(text, godwit::Dialect::kSqlite);
    return 0;
}
