#include "sql/postgres_lexer.h"

#include <algorithm>
#include <utility>

#include "sql/characters.h"

namespace godwit {
namespace {

// Where skimming over the inside of a statement has to stop and look.
constexpr ByteSet kStops = bytes_of("'\"$;-/()\\");
constexpr ByteSet kEscapeStops = bytes_of("'\\");
constexpr ByteSet kCommentStops = bytes_of("*/");
constexpr ByteSet kLineEnds = bytes_of("\r\n");

}  // namespace

// --- Stops and answers -----------------------------------------------------

Stop PostgresLexer::run() {
    while (cursor_ < end_) {
        const Stop stop = step();
        if (stop != Stop::kInput) return stop;
    }
    if (in_statement_ && !in_comment() && mode_ != Mode::kDash && mode_ != Mode::kSlash) settle(end_);
    return Stop::kInput;
}

// clang-format off
Stop PostgresLexer::step() {
    switch (mode_) {
        case Mode::kPlain: return plain();
        case Mode::kWord: word(); break;
        case Mode::kNumber: number(); break;
        case Mode::kNumberName: number_name(); break;
        case Mode::kDash: pending('-'); break;
        case Mode::kSlash: pending('*'); break;
        case Mode::kUnicode: unicode(); break;
        case Mode::kDollar: dollar(); break;
        case Mode::kString: string(); break;
        case Mode::kEscapeString: escape_string(); break;
        case Mode::kEscaped: escaped(); break;
        case Mode::kQuotedName: quoted_name(); break;
        case Mode::kDollarBody: dollar_body(); break;
        case Mode::kLineComment: line_comment(); break;
        case Mode::kBlockComment: block_comment(); break;
        case Mode::kCommand: return command_line();
        case Mode::kCopyLine: return copy_line();
        case Mode::kData: return data();
    }
    return Stop::kInput;
}
// clang-format on

bool PostgresLexer::in_plain_text() const {
    switch (mode_) {
        case Mode::kString:
        case Mode::kEscapeString:
        case Mode::kEscaped:
        case Mode::kQuotedName:
        case Mode::kDollarBody:
        case Mode::kLineComment:
        case Mode::kBlockComment:
        case Mode::kData:
            return false;
        default:
            return true;
    }
}

int64_t PostgresLexer::needed_from() const {
    if (in_statement_) return statement_begin_;
    if (mode_ == Mode::kDash || mode_ == Mode::kSlash) return token_begin_;
    if (mode_ == Mode::kCopyLine && copy_dashes_ == 1) return token_begin_;
    return mode_ == Mode::kCommand ? command_.offset : base_;
}

std::optional<Fault> PostgresLexer::unclosed() const {
    switch (mode_) {
        case Mode::kString:
            return Fault{
                opened_, "a quoted string is never closed",
                "Close it with a quote; inside, write a quote as '' (a backslash does not escape it)."};
        case Mode::kEscapeString:
        case Mode::kEscaped:
            return Fault{opened_, "a quoted string is never closed",
                         "Close it with a quote; inside, write a quote as '' or \\'."};
        case Mode::kQuotedName:
            return Fault{opened_, "a quoted name is never closed", "Close it with a double quote."};
        case Mode::kDollarBody:
            return Fault{opened_, "a dollar quote " + delimiter_ + " is never closed",
                         "Close it with " + delimiter_ + ", in the same letter case."};
        case Mode::kBlockComment:
            return Fault{opened_, "a comment is never closed",
                         "Close it with */; comments nest, each /* needs its own."};
        default:
            break;
    }
    if (in_statement_ && depth_ > 0) {
        return Fault{parenthesis_, "a parenthesis is never closed", "Close it before the `;`."};
    }
    if (in_statement_ && watch_.in_body()) {
        return Fault{watch_.body_begin(), "BEGIN ATOMIC is never closed",
                     "Close the body with END after its last `;`."};
    }
    return std::nullopt;
}

// --- Plain text ------------------------------------------------------------

Stop PostgresLexer::plain() {
    while (cursor_ < end_ && mode_ == Mode::kPlain) {
        if (!in_statement_) {
            const Stop stop = between_statements();
            if (stop != Stop::kInput) return stop;
            continue;
        }
        if (after_ != After::kNothingToContinue) {
            if (continue_string(*cursor_)) continue;
        } else if (!watching()) {
            skim();
            if (cursor_ == end_) break;
        }
        const Stop stop = token(*cursor_);
        if (stop != Stop::kInput) return stop;
    }
    return Stop::kInput;
}

Stop PostgresLexer::between_statements() {
    cursor_ = skip_in(kSpaceBytes, cursor_, end_);
    if (cursor_ == end_) return Stop::kInput;
    switch (*cursor_) {
        case ';':
            ++cursor_;
            break;
        case '-':
        case '/':
            dash_or_slash(*cursor_);
            break;
        case '\\':
            open_command();
            break;
        default:
            start(offset(cursor_));
            solid_from_ = cursor_;
            break;
    }
    return Stop::kInput;
}

void PostgresLexer::start(int64_t at) {
    begin_statement(at);
    watch_.begin_statement();
    collecting_ = true;
    after_ = After::kNothingToContinue;
}

Stop PostgresLexer::token(char c) {
    switch (c) {
        case ';':
            if (depth_ == 0 && !watch_.in_body()) return end_statement();
            watch_.semicolon(depth_ == 0);
            ++cursor_;
            break;
        case '\'':
            open_string(plain_string());
            break;
        case '"':
            open_quoted_name();
            break;
        case '$':
            token_begin_ = offset(cursor_++);
            delimiter_ = "$";
            mode_ = Mode::kDollar;
            break;
        case '-':
        case '/':
            dash_or_slash(c);
            break;
        case '(':
            if (depth_++ == 0) parenthesis_ = offset(cursor_);
            other();
            break;
        case ')':
            if (depth_ > 0) --depth_;
            other();
            break;
        case '\\':
            open_command();
            break;
        case '.':
            watch_.dot();
            ++cursor_;
            break;
        default:
            space_word_or_number(c);
    }
    return Stop::kInput;
}

void PostgresLexer::space_word_or_number(char c) {
    if (in(kSpaceBytes, c)) {
        cursor_ = skip_in(kSpaceBytes, cursor_, end_);
    } else if (in(kNameStartBytes, c)) {
        word_.clear();
        token_begin_ = offset(cursor_);
        mode_ = Mode::kWord;
        word();
    } else if (in(kDigitBytes, c)) {
        literal();
        mode_ = Mode::kNumber;
        number();
    } else {
        other();
    }
}

// Moves to the next byte that could matter when words do not. A name before a
// quote or `$` belongs to it (E'…', a$b), and one at the end of the piece may:
// it is left to be read as a token.
void PostgresLexer::skim() {
    const char* const from = cursor_;
    cursor_ = find_in(kStops, from, end_);
    if (cursor_ < end_ && *cursor_ != '\'' && *cursor_ != '"' && *cursor_ != '$') return;
    const char* token = cursor_;
    if (token - from >= 2 && token[-1] == '&' && upper(token[-2]) == 'U') --token;
    while (token > from && in(kNameBytes, token[-1])) --token;
    cursor_ = token;
}

void PostgresLexer::other() {
    watch_.other();
    ++cursor_;
}

// What a migration's kind is told from comes before any value.
void PostgresLexer::literal() {
    collecting_ = false;
    watch_.other();
}

void PostgresLexer::word() {
    read_word();
    if (cursor_ < end_) end_word();
}

void PostgresLexer::end_word() {
    mode_ = Mode::kPlain;
    const char next = *cursor_;
    const std::string_view word = word_.text();
    if (word.size() == 1 && next == '\'') {
        switch (word[0]) {
            case 'E':
                return open_string(Mode::kEscapeString);
            case 'B':
            case 'X':
                open_string(Mode::kString);
                bits_ = true;
                return;
            case 'N':
                return open_string(plain_string());
            default:
                break;
        }
    }
    if (next == '&' && word == "U") {
        mode_ = Mode::kUnicode;
        ++cursor_;
        return;
    }
    report_word();
}

void PostgresLexer::report_word() {
    if (collecting_) {
        words_.add(word_);
        collecting_ = !words_.full();
    }
    watch_.word(word_.text(), token_begin_, depth_ == 0);
}

void PostgresLexer::unicode() {
    mode_ = Mode::kPlain;
    if (*cursor_ == '\'') return open_string(Mode::kString);
    if (*cursor_ == '"') return open_quoted_name();
    report_word();
    watch_.other();
}

// Digits, and a name that follows without a space: the server takes them for one
// token and refuses it, so that neither E'…' nor a dollar quote begins there.
void PostgresLexer::number() {
    cursor_ = skip_in(kDigitBytes, cursor_, end_);
    if (cursor_ == end_) return;
    mode_ = in(kNameStartBytes, *cursor_) ? Mode::kNumberName : Mode::kPlain;
}

void PostgresLexer::number_name() {
    cursor_ = skip_in(kNameBytes, cursor_, end_);
    if (cursor_ < end_) mode_ = Mode::kPlain;
}

Stop PostgresLexer::end_statement() {
    settle(cursor_);
    ++cursor_;
    in_statement_ = false;
    watch_.end_statement();
    copy_dashes_ = 0;
    if (has_data()) mode_ = Mode::kCopyLine;
    return Stop::kStatement;
}

// --- Comments --------------------------------------------------------------

void PostgresLexer::dash_or_slash(char c) {
    const char second = c == '-' ? '-' : '*';
    if (in_statement_) settle(cursor_);
    token_begin_ = offset(cursor_++);
    mode_ = c == '-' ? Mode::kDash : Mode::kSlash;
    if (cursor_ < end_) pending(second);
}

void PostgresLexer::pending(char second) {
    if (*cursor_ == second) {
        ++cursor_;
        return open_comment(second == '-' ? Mode::kLineComment : Mode::kBlockComment, token_begin_);
    }
    mode_ = Mode::kPlain;
    if (!in_statement_) start(token_begin_);
    statement_end_ = token_begin_ + 1;
    solid_from_ = cursor_;
    after_ = After::kNothingToContinue;
    watch_.other();
}

void PostgresLexer::open_comment(Mode mode, int64_t at) {
    mode_ = mode;
    opened_ = at;
    comment_depth_ = 1;
    comment_previous_ = 0;
}

void PostgresLexer::close_comment() {
    mode_ = Mode::kPlain;
    solid_from_ = cursor_;
}

void PostgresLexer::line_comment() {
    cursor_ = find_in(kLineEnds, cursor_, end_);
    if (cursor_ < end_) close_comment();
}

void PostgresLexer::block_comment() {
    while (cursor_ < end_) {
        const char c = *cursor_++;
        if (comment_previous_ == '/' && c == '*') {
            ++comment_depth_;
            comment_previous_ = 0;
        } else if (comment_previous_ == '*' && c == '/') {
            comment_previous_ = 0;
            if (--comment_depth_ == 0) return close_comment();
        } else if (c == '/' || c == '*') {
            comment_previous_ = c;
        } else {
            comment_previous_ = 0;
            cursor_ = find_in(kCommentStops, cursor_, end_);
        }
    }
}

// --- Quotes ----------------------------------------------------------------

void PostgresLexer::open_string(Mode mode) {
    literal();
    // A doubled quote reads as the end of one string and the start of the next.
    if (offset(cursor_) != string_closed_at_) opened_ = offset(cursor_);
    bits_ = false;
    mode_ = mode;
    ++cursor_;
}

void PostgresLexer::string() {
    cursor_ = find_byte('\'', cursor_, end_);
    if (cursor_ < end_) close_string();
}

void PostgresLexer::escape_string() {
    cursor_ = find_in(kEscapeStops, cursor_, end_);
    if (cursor_ == end_) return;
    if (*cursor_ == '\'') return close_string();
    ++cursor_;
    mode_ = Mode::kEscaped;
}

void PostgresLexer::escaped() {
    ++cursor_;
    mode_ = Mode::kEscapeString;
}

void PostgresLexer::close_string() {
    ++cursor_;
    string_closed_at_ = bits_ ? -1 : offset(cursor_);
    // What continues it follows its rules, not those of a plain '…'.
    if (mode_ != plain_string() || bits_) {
        continued_mode_ = mode_;
        after_ = bits_ ? After::kSpace : After::kQuote;
    }
    mode_ = Mode::kPlain;
}

// SQL continues a string in quotes on a later line. True when `c` is used up.
bool PostgresLexer::continue_string(char c) {
    if (c == '\'') {
        const After after = std::exchange(after_, After::kNothingToContinue);
        if (after == After::kSpace) return false;
        if (after == After::kNewline) opened_ = offset(cursor_);
        mode_ = continued_mode_;
    } else if (c == '\n' || c == '\r') {
        after_ = After::kNewline;
    } else if (in(kSpaceBytes, c)) {
        if (after_ == After::kQuote) after_ = After::kSpace;
    } else {
        // Of comments, only `--` may stand between the parts.
        if (c != '-') after_ = After::kNothingToContinue;
        return false;
    }
    ++cursor_;
    return true;
}

void PostgresLexer::open_quoted_name() {
    watch_.other();
    if (offset(cursor_) != name_closed_at_) opened_ = offset(cursor_);
    mode_ = Mode::kQuotedName;
    ++cursor_;
}

void PostgresLexer::quoted_name() {
    cursor_ = find_byte('"', cursor_, end_);
    if (cursor_ == end_) return;
    ++cursor_;
    name_closed_at_ = offset(cursor_);
    mode_ = Mode::kPlain;
}

// After `$`: a tag and `$` open a quote, digits make a parameter, else `$` stands alone.
void PostgresLexer::dollar() {
    while (cursor_ < end_) {
        const char c = *cursor_;
        const bool first = delimiter_.size() == 1;
        if (c == '$') {
            ++cursor_;
            literal();
            delimiter_.push_back('$');
            delimiter_matched_ = 0;
            opened_ = token_begin_;
            mode_ = Mode::kDollarBody;
            return;
        }
        if (first && !in(kNameStartBytes, c)) {
            literal();
            mode_ = in(kDigitBytes, c) ? Mode::kNumber : Mode::kPlain;
            return;
        }
        if (!in(kNameBytes, c)) {
            watch_.other();
            word_.clear();
            word_.append(std::string_view(delimiter_).substr(1));
            ++token_begin_;
            return end_word();
        }
        delimiter_.push_back(c);
        ++cursor_;
    }
}

void PostgresLexer::dollar_body() {
    while (cursor_ < end_) {
        if (delimiter_matched_ == 0) {
            cursor_ = find_byte('$', cursor_, end_);
            if (cursor_ == end_) return;
        }
        const char c = *cursor_++;
        if (c == delimiter_[delimiter_matched_]) {
            if (++delimiter_matched_ == delimiter_.size()) {
                mode_ = Mode::kPlain;
                return;
            }
        } else {
            delimiter_matched_ = c == '$' ? 1 : 0;
        }
    }
}

}  // namespace godwit
