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

namespace godwit {

struct Statement {
    std::string_view text;   // From its first token to its last, without the final `;`.
    SourceSpan where;        // Of its first token.
    int64_t end_offset = 0;  // In the file, after the `;` and any data.
    // Its first words in upper case, up to six, e.g. {"CREATE", "UNIQUE", "INDEX",
    // "CONCURRENTLY"}: enough to tell cheaply which statements deserve parsing.
    std::vector<std::string_view> words;
    // PostgreSQL: `COPY … FROM STDIN`, whose data follows; see read_data().
    bool has_data = false;
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
        const Script& script, Dialect dialect,
        std::function<void(const SourceSpan&, std::string)> note = {});
    virtual ~StatementSplitter() = default;

    // Null at the end. The statement is valid until the next call. kInvalidInput
    // with the place where it was opened when a quote, comment or body is never
    // closed; a last statement without `;` is a statement.
    virtual Result<const Statement*> next() = 0;

    // After a statement with has_data: its data in pieces, empty at the end.
    // What is not read is skipped by next().
    virtual Result<std::string_view> read_data() = 0;
};

}  // namespace godwit
