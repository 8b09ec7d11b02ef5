// Splits random SQLite-like text, and compares with what sqlite3_complete() says
// at each semicolon. The seed is printed; GODWIT_SEED repeats a run.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <random>

#include "support/sql_split.h"

namespace godwit {
namespace {

std::string soup(std::mt19937& random) {
    // clang-format off
    static const std::vector<std::string> kPieces = {
        "CREATE ", "TEMP ",  "TEMPORARY ", "TRIGGER ", "END",  "end ", "EXPLAIN ", "QUERY PLAN ", "SELECT 1", "creates ",
        "BEGIN ",  "CASE ",  "'",          "''",       "\"",   "`",    "[",        "]",           "--",       "/*",
        "*/",      "\n",     " ",          ";",        ";",    ";",    "; END;",   "-",           "/",        "*",
        "x",       "\\'",    "(",          "\r",       "\t",   "ü",    "$a$",      "'a;b'",       "/* ; */",  "-- ;\n",
    };
    // clang-format on
    std::uniform_int_distribution<size_t> pick(0, kPieces.size() - 1);
    std::uniform_int_distribution<int> length(1, 25);
    std::string text;
    for (int i = length(random); i > 0; --i) text += kPieces[pick(random)];
    return text + "\n";
}

bool complete(std::string_view text) { return sqlite3_complete(std::string(text).c_str()) == 1; }

// Only what has a token before its `;` is a statement.
bool has_token(std::string_view text) {
    sqlite3* db = nullptr;
    sqlite3_open(":memory:", &db);
    sqlite3_stmt* statement = nullptr;
    const int status =
        sqlite3_prepare_v2(db, text.data(), static_cast<int>(text.size()), &statement, nullptr);
    const bool empty = status == SQLITE_OK && statement == nullptr;
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return !empty;
}

// The ends of the statements in `text`, and whether the rest is unfinished.
struct Expected {
    std::vector<int64_t> ends;
    bool error = false;
};

Expected split_by_sqlite(std::string_view text) {
    Expected expected;
    size_t from = 0;
    for (size_t at = 0; at < text.size(); ++at) {
        if (text[at] != ';' || !complete(text.substr(from, at + 1 - from))) continue;
        if (has_token(text.substr(from, at - from))) expected.ends.push_back(static_cast<int64_t>(at) + 1);
        from = at + 1;
    }
    const std::string rest(text.substr(from));
    if (!has_token(rest)) return expected;
    // A comment may stay open, nothing else.
    if (complete(rest + "\n;") || complete(rest + "*/\n;"))
        expected.ends.push_back(static_cast<int64_t>(text.size()));
    else
        expected.error = true;
    return expected;
}

TEST(RandomSqlite, SplitsAsSqlite3CompleteSays) {
    const char* const given = std::getenv("GODWIT_SEED");
    const auto seed = given != nullptr ? static_cast<uint32_t>(std::stoul(given)) : std::random_device{}();
    std::printf("seed %u\n", seed);
    std::mt19937 random(seed);
    int statements = 0;
    for (int round = 0; round < 10'000; ++round) {
        const std::string text = soup(random);
        const Expected expected = split_by_sqlite(text);
        Expected found;
        for (const Found& each : split_script(text, Dialect::kSqlite, 1 << 20)) {
            if (each.kind == Found::Kind::kStatement)
                found.ends.push_back(each.end_offset);
            else
                found.error = true;
        }
        ASSERT_EQ(found.ends, expected.ends) << text;
        ASSERT_EQ(found.error, expected.error) << text;
        statements += static_cast<int>(found.ends.size());
    }
    EXPECT_GT(statements, 5'000);
}

}  // namespace
}  // namespace godwit
