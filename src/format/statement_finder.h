// Tells whether a stretch of a script holds any statement at all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sql/dialect.h"

namespace godwit::format {

// Blanks, comments, semicolons, psql's backslash commands, and BEGIN, START
// TRANSACTION, COMMIT and END are not statements that change anything.
class StatementFinder {
public:
    explicit StatementFinder(Dialect dialect) : nests_(dialect == Dialect::kPostgres) {}

    // The next line or piece of one, without its line end. The byte offset in
    // `text` where the first statement starts, once; nothing until then.
    std::optional<size_t> feed(std::string_view text, bool line_ends);

private:
    size_t skip_block_comment(std::string_view text, size_t at);

    bool nests_;
    int32_t comment_depth_ = 0;
    bool in_rest_of_line_ = false;            // Behind `--` or a backslash.
    bool in_transaction_command_ = false;     // Up to its semicolon.
};

// Whether a line of a commented-out script, its `--` removed, begins like a
// statement: with one of SQL's verbs.
bool begins_with_verb(std::string_view text);
// The same, with the verb in capitals.
bool begins_with_capital_verb(std::string_view text);

}  // namespace godwit::format
