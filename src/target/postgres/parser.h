// PostgreSQL's own grammar, asked about the few statements whose first words do
// not say enough. The grammar is that of PostgreSQL 15: what is newer does not
// parse, and callers fall back on words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::postgres {

struct ObjectName {
    std::string schema;  // Empty when not given.
    std::string name;

    std::string sql() const;  // Quoted.
    bool operator==(const ObjectName&) const = default;
};

enum class Syntax : uint8_t {
    kOther,
    kCreateIndex,
    kDropIndex,
    kReindex,           // `object` is what it rebuilds; empty name: the database.
    kVacuum,            // VACUUM or ANALYZE.
    kCluster,           // Empty name: all tables.
    kCreateDatabase,
    kDropDatabase,
    kAlterDatabase,
    kCreateTablespace,
    kDropTablespace,
    kAlterSystem,
    kDetachPartition,   // `object` from `table`.
    kCreateSubscription,
    kAlterSubscription,
    kDropSubscription,
    kCreateEnum,
    kAddEnumValue,      // `text` to `object`.
    kDo,                // `text` is the body, `object.name` the language.
    kCall,
    kSetConfig,         // SELECT set_config(…, false) and nothing else.
};

struct ParsedStatement {
    Syntax syntax = Syntax::kOther;
    ObjectName object;
    ObjectName table;
    std::string text;
    bool concurrently = false;
    // Whether the grammar alone says that it cannot run inside a transaction.
    bool alone = false;
};

// Nothing when `sql` is not exactly one statement of the known grammar.
std::optional<ParsedStatement> parse_statement(std::string_view sql);

// The tokens of `sql` without comments; views into it. Nothing when a quote is
// left open.
std::optional<std::vector<std::string_view>> scan_tokens(std::string_view sql);

// How a PL/pgSQL block deals with transactions.
enum class BlockCommits : uint8_t {
    kNever,
    kMay,  // Calls procedures, or is written in a language that is not understood.
    kDoes, // Holds COMMIT or ROLLBACK.
};
// `sql` is a DO statement.
BlockCommits block_commits(std::string_view sql);

}  // namespace godwit::postgres
