#include "target/postgres/classifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "target/postgres/parser.h"

namespace godwit::postgres {
namespace {

using Words = std::vector<std::string_view>;

std::string_view word(const Words& words, size_t index) {
    return index < words.size() ? words[index] : std::string_view();
}

bool holds(const Words& words, std::string_view wanted) {
    return std::find(words.begin(), words.end(), wanted) != words.end();
}

Classification plain() { return {}; }

Classification session_only() {
    Classification found;
    found.session_only = true;
    return found;
}

Classification alone(std::string_view what) {
    Classification found;
    found.kind = StepKind::kAlone;
    found.why_alone = fmt::format("{} cannot run inside a transaction", what);
    return found;
}

tl::unexpected<Error> refused(const Statement& statement, std::string message, std::string remedy) {
    return fail(make_error(ErrorCode::kInvalidInput, std::move(message)).at(statement.where).with_remedy(std::move(remedy)));
}

// Alone if the grammar says so; where it is too old for the statement, `otherwise` decides.
Classification alone_if_parsed_so(const Statement& statement, std::string_view what, bool otherwise) {
    const std::optional<ParsedStatement> parsed = parse_statement(statement.text);
    const bool is_alone = parsed ? parsed->alone : otherwise;
    return is_alone ? alone(what) : plain();
}

// What follows BEGIN [WORK | TRANSACTION] or START TRANSACTION.
std::string modes_after_begin(const Statement& statement) {
    const bool named = holds({"WORK", "TRANSACTION"}, word(statement.words, 1));
    const std::string_view last = named ? word(statement.words, 1) : word(statement.words, 0);
    const std::string upper = to_upper(statement.text);
    return std::string(trim(statement.text.substr(upper.find(last) + last.size())));
}

Result<Classification> classify_begin(const Statement& statement) {
    Classification found;
    found.kind = StepKind::kBegin;
    found.transaction_modes = modes_after_begin(statement);
    return found;
}

Result<Classification> classify_commit(const Statement& statement) {
    const Words& words = statement.words;
    if (word(words, 1) == "PREPARED") return alone("COMMIT PREPARED");
    if (holds(words, "CHAIN") && !holds(words, "NO")) {
        return refused(statement, "a migration cannot hold COMMIT AND CHAIN", "Write COMMIT, then BEGIN.");
    }
    Classification found;
    found.kind = StepKind::kCommit;
    return found;
}

Result<Classification> classify_rollback(const Statement& statement) {
    const Words& words = statement.words;
    if (word(words, 1) == "PREPARED") return alone("ROLLBACK PREPARED");
    if (word(words, 1) == "TO" || word(words, 2) == "TO") return plain();
    return refused(statement, fmt::format("a migration cannot hold {}", word(words, 0)),
                   "Remove it: a migration that fails is rolled back by itself.");
}

Result<Classification> classify_prepare(const Statement& statement) {
    if (word(statement.words, 1) != "TRANSACTION") return session_only();
    return refused(statement, "a migration cannot hold PREPARE TRANSACTION",
                   "Remove it: the migration commits together with its record.");
}

Result<Classification> classify_set(const Statement& statement) {
    const Words& words = statement.words;
    const bool names = word(words, 1) == "NAMES";
    const bool encoding = names || holds(words, "CLIENT_ENCODING");
    if (encoding && word(words, 0) == "SET" && !mentions(statement.text, "utf8") && !mentions(statement.text, "utf-8") &&
        !mentions(statement.text, "unicode") && !mentions(statement.text, "default")) {
        return refused(statement, "migration files are UTF-8, so the client encoding cannot be another",
                       "Convert the file to UTF-8 and remove the statement.");
    }
    static const Words kWithinTransaction = {"LOCAL", "CONSTRAINTS", "TRANSACTION"};
    return holds(kWithinTransaction, word(words, 1)) ? plain() : session_only();
}

Result<Classification> classify_discard(const Statement& statement) {
    if (word(statement.words, 1) != "ALL") return plain();
    return refused(statement, "DISCARD ALL would give up the lock that keeps other runs away",
                   "Write RESET ALL, DISCARD PLANS, DISCARD SEQUENCES or DISCARD TEMP.");
}

Result<Classification> classify_create(const Statement& statement) {
    const Words& words = statement.words;
    const size_t object = word(words, 1) == "UNIQUE" ? 2 : 1;
    if (word(words, object) == "INDEX" && word(words, object + 1) == "CONCURRENTLY") return alone("CREATE INDEX CONCURRENTLY");
    if (word(words, 1) == "DATABASE" || word(words, 1) == "TABLESPACE") return alone(fmt::format("CREATE {}", word(words, 1)));
    if (word(words, 1) == "SUBSCRIPTION") return alone_if_parsed_so(statement, "CREATE SUBSCRIPTION with a slot", true);
    return plain();
}

Result<Classification> classify_drop(const Statement& statement) {
    const Words& words = statement.words;
    if (word(words, 1) == "INDEX" && word(words, 2) == "CONCURRENTLY") return alone("DROP INDEX CONCURRENTLY");
    static const Words kAlone = {"DATABASE", "TABLESPACE", "SUBSCRIPTION"};
    return holds(kAlone, word(words, 1)) ? alone(fmt::format("DROP {}", word(words, 1))) : plain();
}

Result<Classification> classify_alter(const Statement& statement) {
    const std::string_view object = word(statement.words, 1);
    if (object == "SYSTEM") return alone("ALTER SYSTEM");
    if (object == "DATABASE" && mentions(statement.text, "tablespace")) {
        return alone_if_parsed_so(statement, "ALTER DATABASE SET TABLESPACE", true);
    }
    if (object == "TABLE" && mentions(statement.text, "detach")) {
        return alone_if_parsed_so(statement, "DETACH PARTITION CONCURRENTLY", mentions(statement.text, "concurrently"));
    }
    if (object == "SUBSCRIPTION") {
        const bool refreshes = mentions(statement.text, "refresh") || mentions(statement.text, "publication") ||
                               mentions(statement.text, "failover") || mentions(statement.text, "two_phase");
        return alone_if_parsed_so(statement, "ALTER SUBSCRIPTION with a refresh", refreshes);
    }
    return plain();
}

Result<Classification> classify_reindex(const Statement& statement) {
    const Words& words = statement.words;
    const bool whole = holds(words, "DATABASE") || holds(words, "SYSTEM") || holds(words, "SCHEMA");
    return alone_if_parsed_so(statement, whole ? "REINDEX of more than one table" : "REINDEX CONCURRENTLY",
                              whole || holds(words, "CONCURRENTLY"));
}

Result<Classification> classify_call_of_functions(const Statement& statement) {
    // An explicit unlock of everything would open the door to a second run.
    if (mentions(statement.text, "pg_advisory_unlock_all")) {
        return refused(statement, "pg_advisory_unlock_all would give up the lock that keeps other runs away",
                       "Unlock what the script locked, by its key.");
    }
    const std::string_view first = word(statement.words, 0);
    if (first == "SELECT" && mentions(statement.text, "set_config")) {
        const std::optional<ParsedStatement> parsed = parse_statement(statement.text);
        if (parsed && parsed->syntax == Syntax::kSetConfig) return session_only();
    }
    Classification found;
    found.may_commit = first == "CALL";
    if (first == "DO") {
        const BlockCommits commits = block_commits(statement.text);
        if (commits == BlockCommits::kDoes) return alone("a DO block that commits");
        found.may_commit = commits == BlockCommits::kMay;
    }
    return found;
}

using Judge = Result<Classification> (*)(const Statement&);

constexpr std::pair<std::string_view, Judge> kJudges[] = {
    {"INSERT", nullptr},  // First: what large scripts are made of.
    {"SELECT", classify_call_of_functions},
    {"CREATE", classify_create},
    {"ALTER", classify_alter},
    {"DROP", classify_drop},
    {"SET", classify_set},
    {"RESET", classify_set},
    {"BEGIN", classify_begin},
    {"START", classify_begin},
    {"COMMIT", classify_commit},
    {"END", classify_commit},
    {"ROLLBACK", classify_rollback},
    {"ABORT", classify_rollback},
    {"PREPARE", classify_prepare},
    {"DISCARD", classify_discard},
    {"DO", classify_call_of_functions},
    {"CALL", classify_call_of_functions},
    {"WITH", classify_call_of_functions},
    {"REINDEX", classify_reindex},
    {"VACUUM", [](const Statement&) -> Result<Classification> { return alone("VACUUM"); }},
    {"CLUSTER", [](const Statement& s) -> Result<Classification> { return alone_if_parsed_so(s, "CLUSTER of all tables", s.words.size() == 1); }},
    {"LOAD", [](const Statement&) -> Result<Classification> { return session_only(); }},
};

}  // namespace

Result<Classification> classify(const Statement& statement) {
    const std::string_view first = word(statement.words, 0);
    for (const auto& [name, judge] : kJudges) {
        if (name == first) return judge == nullptr ? plain() : judge(statement);
    }
    return plain();
}

bool mentions(std::string_view text, std::string_view word) {
    const auto same = [](char a, char b) { return a == b || (a >= 'A' && a <= 'Z' && a + ('a' - 'A') == b); };
    return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
}

bool changes_reading(std::string_view sql) {
    const auto starts = [&](std::string_view word) { return equal_ignoring_case(sql.substr(0, word.size()), word); };
    if (!starts("SET") && !starts("RESET") && !starts("SELECT")) return false;
    return mentions(sql, "standard_conforming_strings") || mentions(sql, "backslash_quote") ||
           mentions(sql, "client_encoding") || (starts("RESET") && mentions(sql, "all"));
}

}  // namespace godwit::postgres
