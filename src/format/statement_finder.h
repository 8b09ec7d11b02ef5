// Tells whether a stretch of a script holds any statement at all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sql/dialect.h"

namespace godwit::format {

// Tells commands from blanks, comments, semicolons and psql's backslash commands,
// and statements from BEGIN, START TRANSACTION, COMMIT and END, which change
// nothing.
class StatementFinder {
public:
    explicit StatementFinder(Dialect dialect) : nests_(dialect == Dialect::kPostgres) {}

    // Byte offsets in the text that was fed.
    struct Found {
        std::optional<size_t> command;    // Where its first command of any kind starts.
        std::optional<size_t> statement;  // Where its first statement starts.
    };

    // The next line or piece of one, without its line end. Not to be called again
    // once a statement was found.
    Found feed(std::string_view text, bool line_ends);

private:
    size_t skip_block_comment(std::string_view text, size_t at);

    bool nests_;
    int32_t comment_depth_ = 0;
    bool in_rest_of_line_ = false;         // Behind `--` or a backslash.
    bool in_transaction_command_ = false;  // Up to its semicolon.
};

// Whether a line of a commented-out script, its `--` removed, begins like a
// statement: with one of SQL's verbs.
bool begins_with_verb(std::string_view text);
// The same, with the verb in capitals.
bool begins_with_capital_verb(std::string_view text);

}  // namespace godwit::format
