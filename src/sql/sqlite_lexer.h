// The lexical rules of sqlite3_complete(), which the SQLite shell splits its
// input by (documented at the head of SQLite's src/complete.c).
#pragma once

#include "sql/lexer.h"

namespace godwit {

class SqliteLexer final : public Lexer {
public:
    using Lexer::Lexer;

    void end_input() override;
    std::optional<Fault> unclosed() const override;
    bool in_plain_text() const override;
    bool in_comment() const override { return mode_ == Mode::kLineComment || mode_ == Mode::kBlockComment; }
    int64_t needed_from() const override;

private:
    enum class Mode : uint8_t { kPlain, kWord, kDash, kSlash, kQuoted, kLineComment, kBlockComment };
    enum class State : uint8_t { kStart, kNormal, kExplain, kCreate, kTrigger, kSemicolon, kEnd };
    enum class Token : uint8_t { kSemicolon, kOther, kExplain, kCreate, kTemporary, kTrigger, kEnd };

    Stop run() override;
    Stop plain();
    void between_statements();
    Stop token(char c);
    void word();
    void dash_or_slash(char c);
    void pending(char second);
    void quoted();
    void line_comment();
    void block_comment();
    void open_quote(char closing);
    void close_comment();
    void start(int64_t at);
    void take(Token token);
    bool watching() const { return collecting_ || state_ != State::kNormal; }

    Mode mode_ = Mode::kPlain;
    State state_ = State::kStart;
    bool collecting_ = false;
    char closing_ = 0;  // Of the quote.
    int64_t closed_at_ = -1;
    bool star_ = false;  // In a comment, after `*`.
    int64_t token_begin_ = 0;
};

}  // namespace godwit
