// What psql, not the server, makes of a script: its own commands, and the data
// behind COPY … FROM STDIN.
#include "sql/characters.h"
#include "sql/postgres_lexer.h"

namespace godwit {
namespace {

constexpr size_t kCommandLength = 1000;

}  // namespace

void PostgresLexer::open_command() {
    if (in_statement_) settle(cursor_);
    command_ = {offset(cursor_), "\\", in_statement_};
    command_state_ = CommandState::kName;
    mode_ = Mode::kCommand;
    ++cursor_;
}

Stop PostgresLexer::end_command() {
    mode_ = Mode::kPlain;
    solid_from_ = cursor_;
    return Stop::kCommand;
}

// Its arguments end with the line, at `\\`, or where the next command begins.
Stop PostgresLexer::command_line() {
    if (command_state_ == CommandState::kNext) {
        command_ = {offset(cursor_) - 1, "\\", in_statement_};
        command_state_ = CommandState::kName;
    }
    while (cursor_ < end_) {
        const char c = *cursor_;
        if (command_state_ == CommandState::kBackslash) {
            if (c == '\\') {
                ++cursor_;
                return end_command();
            }
            command_state_ = CommandState::kNext;
            return Stop::kCommand;
        }
        if (c == '\n') return end_command();
        ++cursor_;
        if (command_state_ == CommandState::kQuoted) {
            if (c == '\\' && command_quote_ == '\'')
                command_state_ = CommandState::kEscaped;
            else if (c == command_quote_)
                command_state_ = CommandState::kArguments;
        } else if (command_state_ == CommandState::kEscaped) {
            command_state_ = CommandState::kQuoted;
        } else if (c == '\\' && command_.text.size() > 1) {
            command_state_ = CommandState::kBackslash;
            continue;
        } else if (command_state_ == CommandState::kName) {
            if (in(kSpaceBytes, c)) command_state_ = CommandState::kArguments;
        } else if (c == '\'' || c == '"' || c == '`') {
            command_state_ = CommandState::kQuoted;
            command_quote_ = c;
        }
        if (command_.text.size() < kCommandLength) command_.text.push_back(c);
    }
    return Stop::kInput;
}

// psql reads the data from the next line on, and only afterwards the rest of
// this line. Nobody means that: nothing but a comment may stand there.
Stop PostgresLexer::copy_line() {
    while (cursor_ < end_) {
        const char c = *cursor_++;
        if (c == '\n') {
            mode_ = Mode::kData;
            line_begins_ = true;
            line_matched_ = 0;
            return Stop::kData;
        }
        if (copy_dashes_ == 2 || (copy_dashes_ == 0 && in(kSpaceBytes, c))) continue;
        if (c == '-' && ++copy_dashes_ > 0) {
            if (copy_dashes_ == 1) token_begin_ = offset(cursor_) - 1;
            continue;
        }
        const int64_t at = copy_dashes_ == 1 ? token_begin_ : offset(cursor_) - 1;
        fault_ = {at, "text after COPY … FROM STDIN; on its line, where the data begins on the next line",
                  "Move it behind the line \\. that ends the data."};
        copy_dashes_ = 2;
        return Stop::kFault;
    }
    return Stop::kInput;
}

Stop PostgresLexer::data() {
    while (cursor_ < end_) {
        if (!line_begins_) {
            cursor_ = find_byte('\n', cursor_, end_);
            if (cursor_ == end_) break;
            ++cursor_;
            line_begins_ = true;
            continue;
        }
        const char c = *cursor_;
        if (line_matched_ >= 2 && c == '\n') {
            ++cursor_;
            mode_ = Mode::kPlain;
            return Stop::kDataEnd;
        }
        constexpr std::string_view kEnd = "\\.\r";
        if (line_matched_ < kEnd.size() && c == kEnd[line_matched_]) {
            if (line_matched_++ == 0) opened_ = offset(cursor_);
            ++cursor_;
        } else {
            line_matched_ = 0;
            line_begins_ = false;
        }
    }
    return Stop::kInput;
}

}  // namespace godwit
