// The lexical rules of PostgreSQL 15 and of psql, as far as they decide where
// statements begin and end (src/backend/parser/scan.l, psqlscan.l).
#pragma once

#include <string>

#include "sql/lexer.h"
#include "sql/postgres_watch.h"

namespace godwit {

class PostgresLexer final : public Lexer {
public:
    using Lexer::Lexer;

    std::optional<Fault> unclosed() const override;
    bool in_plain_text() const override;
    bool in_comment() const override { return mode_ == Mode::kLineComment || mode_ == Mode::kBlockComment; }
    bool has_data() const override { return watch_.copies_from_stdin(); }
    bool prints_data() const override { return watch_.copies_to_stdout(); }
    int64_t data_end() const override { return line_matched_ == 0 ? base_ : opened_; }
    int64_t needed_from() const override;

private:
    enum class Mode : uint8_t {
        kPlain,         // At the start of a token, or between tokens.
        kWord,          // In a name or keyword.
        kNumber,        // In digits, also those of $1.
        kNumberName,    // In a name right behind them.
        kDash,          // After `-`, which may start a comment.
        kSlash,         // After `/`, likewise.
        kUnicode,       // After U&, which may start a string or name.
        kDollar,        // After `$`, in what may be a tag.
        kString,        // '…' in which only a quote counts.
        kEscapeString,  // '…' in which a backslash counts too.
        kEscaped,       // After that backslash.
        kQuotedName,
        kDollarBody,
        kLineComment,
        kBlockComment,
        kCommand,   // A psql command.
        kCopyLine,  // The rest of the line after COPY … FROM STDIN;
        kData,
    };
    // What has followed a string that the next quote may continue.
    enum class After : uint8_t { kNothingToContinue, kQuote, kSpace, kNewline };

    enum class CommandState : uint8_t { kName, kArguments, kQuoted, kEscaped, kBackslash, kNext };

    Stop run() override;
    void on_settled(std::string_view text) override { watch_.text(text); }

    // Each reads on in its mode until that changes or the piece ends.
    Stop step();
    Stop plain();
    void word();
    void number();
    void number_name();
    void pending(char second);
    void unicode();
    void dollar();
    void string();
    void escape_string();
    void escaped();
    void quoted_name();
    void dollar_body();
    void line_comment();
    void block_comment();
    Stop command_line();
    Stop copy_line();
    Stop data();

    // At cursor_, each for one token.
    Stop between_statements();
    Stop token(char c);
    void space_word_or_number(char c);
    bool continue_string(char c);
    void skim();
    void end_word();
    void report_word();
    void dash_or_slash(char c);
    void other();
    void open_string(Mode mode);
    void open_quoted_name();
    void open_comment(Mode mode, int64_t at);
    void open_command();
    Stop end_command();
    Stop end_statement();

    void start(int64_t at);
    void close_string();
    void close_comment();
    void literal();
    bool watching() const { return collecting_ || watch_.curious(); }
    Mode plain_string() const { return watch_.conforming_strings() ? Mode::kString : Mode::kEscapeString; }

    Mode mode_ = Mode::kPlain;
    PostgresWatch watch_;
    bool collecting_ = false;  // First words are still wanted.

    int64_t token_begin_ = 0;  // Of the word, number, dollar or pending character.

    After after_ = After::kNothingToContinue;
    Mode continued_mode_ = Mode::kString;
    bool bits_ = false;              // In B'…' or X'…', where '' is no quote.
    int64_t string_closed_at_ = -1;  // Just behind the last closing quote.
    int64_t name_closed_at_ = -1;

    std::string delimiter_;  // "$tag$", or its beginning while it is read.
    size_t delimiter_matched_ = 0;

    int64_t depth_ = 0;        // Of parentheses.
    int64_t parenthesis_ = 0;  // The outermost open one.
    int64_t comment_depth_ = 0;
    char comment_previous_ = 0;

    CommandState command_state_ = CommandState::kName;
    char command_quote_ = 0;
    size_t copy_dashes_ = 0;  // After COPY …; on its line: of a comment.

    bool line_begins_ = false;  // Data: what comes next starts a line, or
    size_t line_matched_ = 0;   // goes on with so many bytes of "\.\r\n".
};

}  // namespace godwit
