// The part that the lexers of all dialects share: where the statement being
// read begins and ends, and its first words.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sql/dialect.h"

namespace godwit {

enum class Stop : uint8_t {
    kInput,      // The piece is read to its end.
    kStatement,  // A `;` that ends a statement has just been read.
    kCommand,    // A psql command has been read to its end, see command().
    kData,       // COPY data begins here.
    kDataEnd,    // The line `\.` has been read.
    kFault,      // See fault(). Scanning may go on.
};

// What is wrong with the input, and where.
struct Fault {
    int64_t offset = 0;
    std::string message;
    std::string remedy;
};

// A command to psql itself: a backslash outside of quotes, up to the line's end.
struct PsqlCommand {
    int64_t offset = 0;   // Of the backslash.
    std::string text;     // "\set ON_ERROR_STOP on"; no more than its first 1,000 bytes.
    bool inside = false;  // In the middle of a statement.
};

// A word in upper case, cut at 64 bytes, which is longer than any keyword and than
// PostgreSQL's names.
class Word {
public:
    void clear() { size_ = 0; }
    void append(std::string_view more);
    std::string_view text() const { return {text_.data(), size_}; }

private:
    std::array<char, 64> text_;
    size_t size_ = 0;
};

// Up to six words.
class FirstWords {
public:
    void clear() { count_ = 0; }
    bool full() const { return count_ == words_.size(); }
    size_t count() const { return count_; }
    void add(const Word& word) { words_[count_++] = word; }  // Unless full().
    std::string_view operator[](size_t i) const { return words_[i].text(); }

private:
    std::array<Word, 6> words_;
    size_t count_ = 0;
};

// Reads input in pieces of any size, remembering only where it stands: it never
// looks back at earlier pieces, and the answers do not depend on where one
// piece ends. All offsets count from the start of the file.
class Lexer {
public:
    explicit Lexer(int64_t offset) : base_(offset) {}
    virtual ~Lexer() = default;
    Lexer(const Lexer&) = delete;
    Lexer& operator=(const Lexer&) = delete;

    // Reads on at piece[at], and leaves `at` at the first byte not read.
    Stop scan(std::string_view piece, size_t& at);
    // Says that no more comes. Afterwards scan() is called once more, with a
    // line feed, which settles what depended on a next character.
    virtual void end_input() {}
    // What the input left open when it ended; asked after that.
    virtual std::optional<Fault> unclosed() const = 0;

    // See LexicalState.
    virtual bool in_plain_text() const = 0;

    // The statement being read, or just read: from its first token to its last.
    bool in_statement() const { return in_statement_; }
    int64_t statement_begin() const { return statement_begin_; }
    int64_t statement_end() const { return statement_end_; }
    const FirstWords& words() const { return words_; }
    virtual bool has_data() const { return false; }
    virtual bool prints_data() const { return false; }
    // Up to where the data read so far is known not to be the line `\.`.
    virtual int64_t data_end() const { return base_; }

    // The first byte that is still part of something unfinished, other than a
    // comment between statements; what comes before will not be asked for.
    virtual int64_t needed_from() const { return in_statement_ ? statement_begin_ : base_; }
    virtual bool in_comment() const = 0;
    // Where the quote or comment that is being read was opened.
    int64_t opened() const { return opened_; }

    const Fault& fault() const { return fault_; }
    const PsqlCommand& command() const { return command_; }

protected:
    // Reads from cursor_ at most to end_.
    virtual Stop run() = 0;

    int64_t offset(const char* place) const { return base_ + (place - begin_); }
    void begin_statement(int64_t at);
    // Everything from solid_from_ up to `to` belongs to the statement, except
    // for white space at its end.
    void settle(const char* to);
    // Takes the rest of a word into word_.
    void read_word();

    const char* begin_ = nullptr;
    const char* cursor_ = nullptr;
    const char* end_ = nullptr;
    const char* solid_from_ = nullptr;
    int64_t base_;

    bool in_statement_ = false;
    int64_t statement_begin_ = 0;
    int64_t statement_end_ = 0;
    int64_t opened_ = 0;
    FirstWords words_;
    Word word_;  // The one being read.
    Fault fault_;
    PsqlCommand command_;

private:
    // Called with each stretch of the statement's text between comments.
    virtual void on_settled(std::string_view) {}
};

std::unique_ptr<Lexer> make_lexer(Dialect dialect, int64_t offset);

}  // namespace godwit
