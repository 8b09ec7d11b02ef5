#include "sql/postgres_watch.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "sql/characters.h"

namespace godwit {
namespace {

constexpr size_t kHeadLength = 400;
constexpr std::string_view kConforming = "STANDARD_CONFORMING_STRINGS";

// Words, numbers and quoted text in upper case and without quotes; `=` as TO.
std::vector<std::string> simple_tokens(std::string_view text) {
    std::vector<std::string> tokens;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at < end) {
        const char* from = at;
        if (*at == '\'' || *at == '"') {
            const char quote = *at;
            at = std::find(++from, end, quote);
            tokens.push_back(to_upper({from, static_cast<size_t>(at - from)}));
            at += at < end ? 1 : 0;
        } else if (in(kNameBytes, *at)) {
            at = skip_in(kNameBytes, at, end);
            tokens.push_back(to_upper({from, static_cast<size_t>(at - from)}));
        } else {
            if (*at == '=') tokens.emplace_back("TO");
            ++at;
        }
    }
    return tokens;
}

// As the server reads a boolean: any unambiguous beginning of true, false, yes,
// no, on and off, or 1 and 0; DEFAULT is on.
std::optional<bool> boolean(std::string_view text) {
    const auto begins = [&](std::string_view word, size_t least) {
        return text.size() >= least && word.substr(0, text.size()) == text;
    };
    if (begins("TRUE", 1) || begins("YES", 1) || begins("ON", 2) || text == "1" || text == "DEFAULT")
        return true;
    if (begins("FALSE", 1) || begins("NO", 1) || begins("OFF", 2) || text == "0") return false;
    return std::nullopt;
}

}  // namespace

PostgresWatch::Kind PostgresWatch::kind_of(std::string_view first_word) {
    if (first_word == "CREATE") return Kind::kCreate;
    if (first_word == "COPY") return Kind::kCopyTarget;
    constexpr std::array<std::string_view, 7> kSettings = {"SET", "RESET",    "DISCARD", "COMMIT",
                                                           "END", "ROLLBACK", "ABORT"};
    if (std::find(kSettings.begin(), kSettings.end(), first_word) != kSettings.end()) return Kind::kSetting;
    return Kind::kOrdinary;
}

void PostgresWatch::begin_statement() {
    kind_ = Kind::kFirst;
    previous_ = Previous::kOther;
    in_body_ = false;
    head_.clear();
}

void PostgresWatch::end_statement() {
    if (kind_ == Kind::kSetting) apply_setting();
}

void PostgresWatch::word(std::string_view text, int64_t at, bool top_level) {
    const bool is_routine = text == "FUNCTION" || text == "PROCEDURE";
    switch (kind_) {
        case Kind::kFirst:
            kind_ = kind_of(text);
            break;
        case Kind::kCreate:
            kind_ = text == "OR" ? Kind::kCreateOr : is_routine ? Kind::kRoutine : Kind::kOrdinary;
            break;
        case Kind::kCreateOr:
            kind_ = text == "REPLACE" ? Kind::kCreateOrReplace : Kind::kOrdinary;
            break;
        case Kind::kCreateOrReplace:
            kind_ = is_routine ? Kind::kRoutine : Kind::kOrdinary;
            break;
        case Kind::kRoutine:
            if (top_level) return routine_word(text, at);
            break;
        case Kind::kCopyTarget:
            // FROM and TO are reserved: a name only after a dot or in quotes.
            if (!top_level || previous_ == Previous::kDot) break;
            if (text == "FROM") kind_ = Kind::kCopyFrom;
            if (text == "TO") kind_ = Kind::kCopyTo;
            break;
        case Kind::kCopyFrom:
            // The server takes FROM STDOUT for a slip and reads its input.
            kind_ = text == "STDIN" || text == "STDOUT" ? Kind::kCopyStdin : Kind::kOrdinary;
            break;
        case Kind::kCopyTo:
            // And TO STDIN likewise.
            kind_ = text == "STDOUT" || text == "STDIN" ? Kind::kCopyStdout : Kind::kOrdinary;
            break;
        case Kind::kCopyStdin:
        case Kind::kCopyStdout:
        case Kind::kSetting:
        case Kind::kOrdinary:
            break;
    }
    previous_ = Previous::kOther;
}

// In PostgreSQL's grammar each statement of a body ends with `;`, and only then
// comes END: any other END is that of a CASE, or a name.
void PostgresWatch::routine_word(std::string_view text, int64_t at) {
    const Previous before = previous_;
    previous_ = Previous::kOther;
    if (!in_body_ && text == "BEGIN") {
        previous_ = Previous::kBegin;
        body_begin_ = at;
    } else if (!in_body_ && text == "ATOMIC" && before == Previous::kBegin) {
        previous_ = Previous::kAtomic;
        in_body_ = true;
    } else if (text == "END" && (before == Previous::kSemicolon || before == Previous::kAtomic)) {
        in_body_ = false;
    }
}

void PostgresWatch::semicolon(bool top_level) {
    punctuation(top_level ? Previous::kSemicolon : Previous::kOther);
}

void PostgresWatch::punctuation(Previous previous) {
    previous_ = previous;
    const bool undecided = kind_ == Kind::kFirst || kind_ == Kind::kCreate || kind_ == Kind::kCreateOr ||
                           kind_ == Kind::kCreateOrReplace || kind_ == Kind::kCopyFrom || kind_ == Kind::kCopyTo;
    if (undecided) kind_ = Kind::kOrdinary;
}

void PostgresWatch::text(std::string_view piece) {
    if (kind_ != Kind::kFirst && kind_ != Kind::kSetting) return;
    head_.append(piece.substr(0, kHeadLength - std::min(kHeadLength, head_.size())));
}

// SET [SESSION | LOCAL] standard_conforming_strings {TO | =} value, RESET
// {standard_conforming_strings | ALL}, DISCARD ALL, and the end of a transaction.
void PostgresWatch::apply_setting() {
    std::vector<std::string> tokens = simple_tokens(head_);
    if (tokens.empty()) return;
    const std::string command = std::move(tokens.front());
    tokens.erase(tokens.begin());
    if (command == "RESET" || command == "DISCARD") {
        const bool all = tokens.size() == 1 && tokens[0] == "ALL";
        const bool named = command == "RESET" && tokens.size() == 1 && tokens[0] == kConforming;
        if (!all && !named) return;
        session_conforming_ = true;
        local_conforming_.reset();
        return;
    }
    if (command != "SET") {
        // ROLLBACK TO a savepoint does not end the transaction.
        if (std::find(tokens.begin(), tokens.end(), "TO") == tokens.end()) local_conforming_.reset();
        return;
    }
    const bool local = !tokens.empty() && tokens[0] == "LOCAL";
    if (local || (!tokens.empty() && tokens[0] == "SESSION")) tokens.erase(tokens.begin());
    if (tokens.size() != 3 || tokens[0] != kConforming || tokens[1] != "TO") return;
    const std::optional<bool> value = boolean(tokens[2]);
    if (!value) return;
    if (local) {
        local_conforming_ = *value;
    } else {
        session_conforming_ = *value;
        local_conforming_.reset();
    }
}

}  // namespace godwit
