#include "sql/lexer.h"

#include <algorithm>

#include "sql/characters.h"
#include "sql/postgres_lexer.h"
#include "sql/sqlite_lexer.h"

namespace godwit {

void Word::append(std::string_view more) {
    const size_t size = std::min(more.size(), text_.size() - size_);
    std::transform(more.data(), more.data() + size, text_.data() + size_, upper);
    size_ += size;
}

Stop Lexer::scan(std::string_view piece, size_t& at) {
    begin_ = piece.data() + at;
    cursor_ = solid_from_ = begin_;
    end_ = piece.data() + piece.size();
    const Stop stop = run();
    base_ = offset(cursor_);
    at = static_cast<size_t>(cursor_ - piece.data());
    return stop;
}

void Lexer::begin_statement(int64_t at) {
    in_statement_ = true;
    statement_begin_ = statement_end_ = at;
    words_.clear();
}

void Lexer::settle(const char* to) {
    if (to > solid_from_) {
        const char* last = to;
        while (last > solid_from_ && in(kSpaceBytes, last[-1])) --last;
        if (last > solid_from_) statement_end_ = offset(last);
        on_settled({solid_from_, static_cast<size_t>(to - solid_from_)});
    }
    solid_from_ = to;
}

void Lexer::read_word() {
    const char* const from = cursor_;
    cursor_ = skip_in(kNameBytes, cursor_, end_);
    word_.append({from, static_cast<size_t>(cursor_ - from)});
}

std::unique_ptr<Lexer> make_lexer(Dialect dialect, int64_t offset) {
    if (dialect == Dialect::kSqlite) return std::make_unique<SqliteLexer>(offset);
    return std::make_unique<PostgresLexer>(offset);
}

}  // namespace godwit
