// Splits a script into statements exactly as the server's own client would.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/migration.h"
#include "sql/dialect.h"
#include "sql/script_source.h"

namespace godwit {

struct Statement {
    std::string_view text;  // From its first token to its last, without the final `;`.
    SourceSpan where;       // Of its first token.
    // In the file, after the `;`; after the data as well, once read_data() has
    // come to its end.
    int64_t end_offset = 0;
    // Its first words in upper case, e.g. {"CREATE", "UNIQUE", "INDEX",
    // "CONCURRENTLY"}: enough to tell cheaply which statements deserve parsing.
    // Up to six, each cut at 64 bytes, none after the first string or number;
    // names in quotes are left out, as is all punctuation.
    std::vector<std::string_view> words;
    // PostgreSQL: `COPY … FROM STDIN`, whose data follows; see read_data().
    bool has_data = false;
    // PostgreSQL: `COPY … TO STDOUT`, which answers with data.
    bool prints_data = false;
};

// Reads in flat memory: as much as the longest statement needs.
//
// PostgreSQL: knows '…' under standard_conforming_strings as the script itself
// sets it, E'…', U&'…', B'…', X'…', N'…', "…", U&"…", $tag$…$tag$, nested block
// comments, BEGIN ATOMIC bodies, rules with several actions in parentheses, COPY
// data up to `\.`, psql's \timing, \echo and \set ON_ERROR_STOP (a note), and
// refuses every other backslash command with its line.
//
// SQLite: the rules of sqlite3_complete(): '…', "…", `…`, […], comments without
// nesting, CREATE TRIGGER … END.
class StatementSplitter {
public:
    // `note` is called for what is accepted and ignored; may be empty.
    static Result<std::unique_ptr<StatementSplitter>> open(
        const Script& script, Dialect dialect, std::function<void(const SourceSpan&, std::string)> note = {});
    // The same for input that comes from elsewhere; `script` says where it starts
    // and what it is called.
    static std::unique_ptr<StatementSplitter> over(
        std::unique_ptr<ScriptSource> source, const Script& script, Dialect dialect,
        std::function<void(const SourceSpan&, std::string)> note = {});
    virtual ~StatementSplitter() = default;

    // Null at the end. The statement is valid until the next call. kInvalidInput
    // with the place where it was opened when a quote, comment or body is never
    // closed, and for what must not be in a script: a NUL byte, most psql commands.
    // A last statement without `;` is a statement. After an error, the same again.
    virtual Result<const Statement*> next() = 0;

    // After a statement with has_data: its data in pieces, empty at the end.
    // What is not read is skipped by next().
    virtual Result<std::string_view> read_data() = 0;

    // Once read_data() has come to its end: whether a line `\.` ended the data, and
    // not the input, as psql also allows.
    virtual bool data_was_closed() const = 0;
};

}  // namespace godwit
