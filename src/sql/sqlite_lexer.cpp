#include "sql/sqlite_lexer.h"

#include "sql/characters.h"

namespace godwit {
namespace {

constexpr ByteSet kStops = bytes_of("'\"`[;-/");

}  // namespace

Stop SqliteLexer::run() {
    while (cursor_ < end_) {
        switch (mode_) {
            case Mode::kPlain:
                if (const Stop stop = plain(); stop != Stop::kInput) return stop;
                break;
            case Mode::kWord:
                word();
                break;
            case Mode::kDash:
                pending('-');
                break;
            case Mode::kSlash:
                pending('*');
                break;
            case Mode::kQuoted:
                quoted();
                break;
            case Mode::kLineComment:
                line_comment();
                break;
            case Mode::kBlockComment:
                block_comment();
                break;
        }
    }
    if (in_statement_ && !in_comment() && mode_ != Mode::kDash && mode_ != Mode::kSlash) settle(end_);
    return Stop::kInput;
}

bool SqliteLexer::in_plain_text() const { return mode_ != Mode::kQuoted && !in_comment(); }

int64_t SqliteLexer::needed_from() const {
    if (in_statement_) return statement_begin_;
    if (mode_ == Mode::kBlockComment && opened_ + 2 == base_) return opened_;  // See end_input().
    return mode_ == Mode::kDash || mode_ == Mode::kSlash ? token_begin_ : base_;
}

// A comment that is never closed ends with the input; but `/*` as its last two
// bytes is no comment.
void SqliteLexer::end_input() {
    if (mode_ != Mode::kBlockComment || opened_ + 2 != base_) return;
    if (!in_statement_) start(opened_);
    statement_end_ = base_;
    mode_ = Mode::kPlain;
    take(Token::kOther);
}

std::optional<Fault> SqliteLexer::unclosed() const {
    if (mode_ == Mode::kQuoted) {
        const std::string what =
            closing_ == '\'' ? "a quoted string is never closed" : "a quoted name is never closed";
        return Fault{opened_, what, std::string("Close it with ") + closing_ + "."};
    }
    if (in_statement_ && (state_ == State::kTrigger || state_ == State::kSemicolon)) {
        return Fault{statement_begin_, "CREATE TRIGGER is never closed",
                     "Close it with END after the last `;` of its body."};
    }
    return std::nullopt;
}

Stop SqliteLexer::plain() {
    while (cursor_ < end_ && mode_ == Mode::kPlain) {
        if (!in_statement_) {
            between_statements();
            continue;
        }
        if (!watching()) {
            cursor_ = find_in(kStops, cursor_, end_);
            if (cursor_ == end_) break;
        }
        const Stop stop = token(*cursor_);
        if (stop != Stop::kInput) return stop;
    }
    return Stop::kInput;
}

void SqliteLexer::between_statements() {
    cursor_ = skip_in(kSpaceBytes, cursor_, end_);
    if (cursor_ == end_) return;
    switch (*cursor_) {
        case ';':
            ++cursor_;
            break;
        case '-':
        case '/':
            dash_or_slash(*cursor_);
            break;
        default:
            start(offset(cursor_));
            solid_from_ = cursor_;
            break;
    }
}

void SqliteLexer::start(int64_t at) {
    begin_statement(at);
    state_ = State::kStart;
    collecting_ = true;
}

Stop SqliteLexer::token(char c) {
    switch (c) {
        case ';':
            take(Token::kSemicolon);
            if (state_ != State::kStart) {
                ++cursor_;
                break;
            }
            settle(cursor_);
            ++cursor_;
            in_statement_ = false;
            return Stop::kStatement;
        case '\'':
        case '"':
        case '`':
            open_quote(c);
            break;
        case '[':
            open_quote(']');
            break;
        case '-':
        case '/':
            dash_or_slash(c);
            break;
        default:
            if (in(kSpaceBytes, c)) {
                cursor_ = skip_in(kSpaceBytes, cursor_, end_);
            } else if (in(kNameBytes, c)) {
                word_.clear();
                mode_ = Mode::kWord;
                word();
            } else {
                take(Token::kOther);
                ++cursor_;
            }
    }
    return Stop::kInput;
}

void SqliteLexer::word() {
    read_word();
    if (cursor_ == end_) return;
    mode_ = Mode::kPlain;
    const std::string_view word = word_.text();
    if (in(kDigitBytes, word[0])) {
        collecting_ = false;
    } else if (collecting_) {
        words_.add(word_);
        collecting_ = !words_.full();
    }
    if (word == "CREATE")
        take(Token::kCreate);
    else if (word == "TRIGGER")
        take(Token::kTrigger);
    else if (word == "TEMP" || word == "TEMPORARY")
        take(Token::kTemporary);
    else if (word == "END")
        take(Token::kEnd);
    else if (word == "EXPLAIN")
        take(Token::kExplain);
    else
        take(Token::kOther);
}

// The table of sqlite3_complete(). EXPLAIN goes on until something decides,
// since QUERY PLAN may follow.
void SqliteLexer::take(Token token) {
    switch (state_) {
        case State::kStart:
            state_ = token == Token::kCreate    ? State::kCreate
                     : token == Token::kExplain ? State::kExplain
                                                : State::kNormal;
            break;
        case State::kExplain:
            if (token == Token::kCreate)
                state_ = State::kCreate;
            else if (token != Token::kOther)
                state_ = State::kNormal;
            break;
        case State::kCreate:
            if (token == Token::kTrigger)
                state_ = State::kTrigger;
            else if (token != Token::kTemporary)
                state_ = State::kNormal;
            break;
        case State::kTrigger:
            if (token == Token::kSemicolon) state_ = State::kSemicolon;
            return;
        case State::kSemicolon:
            if (token == Token::kEnd)
                state_ = State::kEnd;
            else if (token != Token::kSemicolon)
                state_ = State::kTrigger;
            return;
        case State::kEnd:
            state_ = token == Token::kSemicolon ? State::kStart : State::kTrigger;
            return;
        case State::kNormal:
            break;
    }
    if (token == Token::kSemicolon) state_ = State::kStart;
}

void SqliteLexer::open_quote(char closing) {
    take(Token::kOther);
    if (closing == '\'') collecting_ = false;
    // A doubled quote reads as the end of one and the start of the next.
    if (offset(cursor_) != closed_at_ || closing != closing_ || closing == ']') opened_ = offset(cursor_);
    closing_ = closing;
    mode_ = Mode::kQuoted;
    ++cursor_;
}

void SqliteLexer::quoted() {
    cursor_ = find_byte(closing_, cursor_, end_);
    if (cursor_ == end_) return;
    ++cursor_;
    closed_at_ = offset(cursor_);
    mode_ = Mode::kPlain;
}

void SqliteLexer::dash_or_slash(char c) {
    if (in_statement_) settle(cursor_);
    token_begin_ = offset(cursor_++);
    mode_ = c == '-' ? Mode::kDash : Mode::kSlash;
    if (cursor_ < end_) pending(c == '-' ? '-' : '*');
}

void SqliteLexer::pending(char second) {
    if (*cursor_ == second) {
        ++cursor_;
        opened_ = token_begin_;
        star_ = false;
        mode_ = second == '-' ? Mode::kLineComment : Mode::kBlockComment;
        return;
    }
    mode_ = Mode::kPlain;
    if (!in_statement_) start(token_begin_);
    statement_end_ = token_begin_ + 1;
    solid_from_ = cursor_;
    take(Token::kOther);
}

void SqliteLexer::close_comment() {
    mode_ = Mode::kPlain;
    solid_from_ = cursor_;
}

void SqliteLexer::line_comment() {
    cursor_ = find_byte('\n', cursor_, end_);
    if (cursor_ < end_) close_comment();
}

void SqliteLexer::block_comment() {
    while (cursor_ < end_) {
        if (star_ && *cursor_ == '/') {
            ++cursor_;
            return close_comment();
        }
        cursor_ = find_byte('*', cursor_, end_);
        star_ = cursor_ < end_;
        if (star_) ++cursor_;
    }
}

}  // namespace godwit
