// Recognises, by its words, the few PostgreSQL statements that change where a
// statement ends or how what follows is read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit {

// Fed with the tokens of one statement after another.
class PostgresWatch {
public:
    void begin_statement();
    void end_statement();

    // A word outside of quotes, and where it stands. `top_level`: not in parentheses.
    void word(std::string_view text, int64_t at, bool top_level);
    void semicolon(bool top_level);
    void dot() { punctuation(Previous::kDot); }
    void other() { punctuation(Previous::kOther); }
    // The statement's text, in pieces, without comments.
    void text(std::string_view piece);

    // Whether tokens still matter for this statement.
    bool curious() const { return kind_ != Kind::kOrdinary && kind_ != Kind::kSetting; }

    // Inside BEGIN ATOMIC … END, where `;` ends no statement.
    bool in_body() const { return in_body_; }
    int64_t body_begin() const { return body_begin_; }

    bool copies_from_stdin() const { return kind_ == Kind::kCopyStdin; }
    bool copies_to_stdout() const { return kind_ == Kind::kCopyStdout; }

    // standard_conforming_strings, as the statements so far have set it.
    bool conforming_strings() const { return local_conforming_.value_or(session_conforming_); }

private:
    enum class Kind : uint8_t {
        kFirst,            // Nothing seen yet.
        kCreate,           // CREATE
        kCreateOr,         // CREATE OR
        kCreateOrReplace,  // CREATE OR REPLACE
        kRoutine,          // … FUNCTION or PROCEDURE
        kCopyTarget,       // COPY …
        kCopyFrom,         // COPY … FROM
        kCopyStdin,        // COPY … FROM STDIN
        kCopyTo,           // COPY … TO
        kCopyStdout,       // COPY … TO STDOUT
        kSetting,          // SET, RESET, DISCARD, or the end of a transaction
        kOrdinary,
    };
    enum class Previous : uint8_t { kOther, kDot, kBegin, kAtomic, kSemicolon };

    static Kind kind_of(std::string_view first_word);
    void punctuation(Previous previous);
    void routine_word(std::string_view text, int64_t at);
    void apply_setting();

    Kind kind_ = Kind::kFirst;
    Previous previous_ = Previous::kOther;
    bool in_body_ = false;
    int64_t body_begin_ = 0;
    std::string head_;  // The first bytes of a statement that may be a setting.
    bool session_conforming_ = true;
    std::optional<bool> local_conforming_;  // SET LOCAL: until the transaction ends.
};

}  // namespace godwit
