// Compares the PostgreSQL splitter with PostgreSQL's own scanner and parser, as
// libpg_query offers them. The seed is printed; GODWIT_SEED repeats a run.
#include <gtest/gtest.h>
#include <pg_query.h>
#include <pg_query/pg_query.pb-c.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "base/text.h"
#include "support/sql_split.h"

namespace godwit {
namespace {

using Token = PgQuery__ScanToken;

struct Piece {
    int64_t begin = 0;
    int64_t end = 0;  // -1 when the scanner does not tell it.
    bool operator==(const Piece& other) const {
        return begin == other.begin && (end == other.end || end < 0 || other.end < 0);
    }
};

// What a text splits into: where statements begin and end, and where reading fails.
struct Pieces {
    std::vector<Piece> statements;
    int64_t error = -1;
    bool stopped = false;  // The scanner tells of an open quote at `error`, and no more.
    bool operator==(const Pieces&) const = default;
};

void PrintTo(const Pieces& pieces, std::ostream* out) {
    for (const auto& [begin, end] : pieces.statements) *out << begin << "-" << end << " ";
    *out << "error " << pieces.error;
}

Pieces split_by_godwit(std::string_view text) {
    Pieces pieces;
    for (const Found& found : split_script(text, Dialect::kPostgres, 1 << 20)) {
        const auto size = static_cast<int64_t>(found.text.size());
        if (found.kind == Found::Kind::kStatement) {
            pieces.statements.push_back({found.where.offset, found.where.offset + size});
        }
        if (found.kind == Found::Kind::kError) pieces.error = found.where.offset;
    }
    return pieces;
}

// The plain rules, over PostgreSQL's own tokens: `;` ends a statement outside of
// parentheses, and outside of the body of CREATE [OR REPLACE] {FUNCTION | PROCEDURE}
// … BEGIN ATOMIC …; END.
class PlainSplitter {
public:
    explicit PlainSplitter(std::string_view text) : text_(text) {}

    void take(const Token& token) {
        const int kind = token.token;
        if (kind == PG_QUERY__TOKEN__SQL_COMMENT || kind == PG_QUERY__TOKEN__C_COMMENT || pieces_.error >= 0)
            return;
        if (kind == PG_QUERY__TOKEN__ASCII_92) {
            pieces_.error = token.start;  // A psql command.
            return;
        }
        if (kind == PG_QUERY__TOKEN__ASCII_59 && kinds_.empty()) return;
        if (kind == PG_QUERY__TOKEN__ASCII_59 && depth_ == 0 && body_ < 0) return end_statement();
        if (kinds_.empty()) begin_ = token.start;
        end_ = has_escapes(token) ? -1 : token.end;
        count_parenthesis(token);
        if (is_routine() && depth_ == 0) look_for_body(token);
        kinds_.push_back(kind);
        last_start_ = token.start;
    }

    Pieces finish() {
        if (kinds_.empty() || pieces_.error >= 0) return pieces_;
        if (depth_ > 0)
            pieces_.error = parenthesis_;
        else if (body_ >= 0)
            pieces_.error = body_;
        else
            end_statement();
        return pieces_;
    }

private:
    // libpg_query does not tell the end of U&'…' and U&"…".
    bool has_escapes(const Token& token) const {
        const std::string_view head = text_.substr(static_cast<size_t>(token.start), 3);
        return head.size() == 3 && (head[0] == 'u' || head[0] == 'U') && head[1] == '&' &&
               (head[2] == '\'' || head[2] == '"');
    }
    void count_parenthesis(const Token& token) {
        if (token.token == PG_QUERY__TOKEN__ASCII_40 && depth_++ == 0) parenthesis_ = token.start;
        if (token.token == PG_QUERY__TOKEN__ASCII_41 && depth_ > 0) --depth_;
    }
    bool is_routine() const {
        const size_t at =
            starts({PG_QUERY__TOKEN__CREATE, PG_QUERY__TOKEN__OR, PG_QUERY__TOKEN__REPLACE}) ? 3 : 1;
        return starts({PG_QUERY__TOKEN__CREATE}) && kinds_.size() > at &&
               (kinds_[at] == PG_QUERY__TOKEN__FUNCTION || kinds_[at] == PG_QUERY__TOKEN__PROCEDURE);
    }
    bool starts(const std::vector<int>& with) const {
        return kinds_.size() >= with.size() && std::equal(with.begin(), with.end(), kinds_.begin());
    }
    void look_for_body(const Token& token) {
        const int before = kinds_.back();
        if (body_ < 0 && token.token == PG_QUERY__TOKEN__ATOMIC && before == PG_QUERY__TOKEN__BEGIN_P) {
            body_ = last_start_;
        } else if (body_ >= 0 && token.token == PG_QUERY__TOKEN__END_P &&
                   (before == PG_QUERY__TOKEN__ASCII_59 ||
                    (before == PG_QUERY__TOKEN__ATOMIC && body_at_ == kinds_.size()))) {
            body_ = -1;
        }
        if (body_ == last_start_) body_at_ = kinds_.size() + 1;
    }
    void end_statement() {
        pieces_.statements.push_back({begin_, end_});
        kinds_.clear();
        depth_ = 0;
    }

    std::string_view text_;
    Pieces pieces_;
    std::vector<int> kinds_;
    int64_t begin_ = 0;
    int64_t end_ = 0;
    int64_t depth_ = 0;
    int64_t parenthesis_ = 0;
    int64_t last_start_ = 0;
    int64_t body_ = -1;
    size_t body_at_ = 0;
};

int64_t byte_of_character(std::string_view text, int64_t index) {
    int64_t at = 0;
    for (; index > 0; --index) {
        do ++at;
        while ((static_cast<uint8_t>(text[static_cast<size_t>(at)]) & 0xC0U) == 0x80U);
    }
    return at;
}

// Nothing where the scanner refuses the text for a reason that is not about quotes.
std::optional<Pieces> split_by_scanner(const std::string& text) {
    const PgQueryScanResult scanned = pg_query_scan(text.c_str());
    std::optional<Pieces> pieces;
    if (scanned.error != nullptr) {
        if (std::string_view(scanned.error->message).starts_with("unterminated")) {
            pieces.emplace();
            pieces->stopped = true;
            pieces->error = byte_of_character(text, scanned.error->cursorpos - 1);
        }
    } else {
        PlainSplitter splitter(text);
        const auto* const bytes = reinterpret_cast<const uint8_t*>(scanned.pbuf.data);
        PgQuery__ScanResult* const result = pg_query__scan_result__unpack(nullptr, scanned.pbuf.len, bytes);
        for (size_t i = 0; i < result->n_tokens; ++i) splitter.take(*result->tokens[i]);
        pg_query__scan_result__free_unpacked(result, nullptr);
        pieces = splitter.finish();
    }
    pg_query_free_scan_result(scanned);
    return pieces;
}

std::string soup(std::mt19937& random) {
    // clang-format off
    static const std::vector<std::string> kPieces = {
        "SELECT ", "E'",  "e'", "U&'", "u&\"", "N'",  "B'",  "x'",  "'",    "'",   "''", "\"", "\"a\"", "$$",  "$a$",
        "$b$",     "$1",  "$",  "a$1", "\\",   "\\'", "--",  "/*",  "*/",   "\n",  "\n", "\r", " ",     "\t",  ";",
        ";",       ";",   "(",  ")",   "1",    ".",   "a",   "E",   "u",    "&",   "-",  "/",  "*",     "+",   ":",
        "é",       ",",   "[",  "]",   "'a'",  "'b'", "E'\\''", "-- c\n", "/* d */", "; END",
        "BEGIN ATOMIC ", " END", "CREATE FUNCTION f() ", "CREATE OR REPLACE PROCEDURE ", "CASE ", "ATOMIC ", "BEGIN ",
    };
    // clang-format on
    std::uniform_int_distribution<size_t> pick(0, kPieces.size() - 1);
    std::uniform_int_distribution<int> length(1, 25);
    std::string text;
    for (int i = length(random); i > 0; --i) text += kPieces[pick(random)];
    return text;
}

// libpg_query makes tokens of comments, and so does not join 'a' -- c
// 'b', as PostgreSQL does.
bool comment_joins_strings(std::string_view text) {
    for (size_t at = text.find("--"); at != std::string_view::npos; at = text.find("--", at + 1)) {
        const std::string_view before = trim(text.substr(0, at));
        size_t after = text.find_first_of("\r\n", at);
        if (after != std::string_view::npos) after = text.find_first_not_of(" \t\r\n", after);
        const bool joins = after != std::string_view::npos && (text[after] == '\'' || text[after] == '-');
        if (joins && before.ends_with('\'')) return true;
    }
    return false;
}

// Ours is the place of the quote itself: behind a prefix such as E, or in a later
// part of the string. A psql command before it is refused first.
void check_open_quote(const std::string& text, int64_t found, int64_t expected) {
    ASSERT_GE(found, 0) << text;
    const std::string_view rest = std::string_view(text).substr(static_cast<size_t>(found));
    if (rest[0] == '\\') return;
    ASSERT_GE(found, expected) << text;
    ASSERT_TRUE(rest[0] == '\'' || rest[0] == '"' || rest[0] == '$' || rest.starts_with("/*"))
        << text << "\nat " << found;
}

TEST(AgainstScanner, RandomTextSplitsAlike) {
    const char* const given = std::getenv("GODWIT_SEED");
    const auto seed = given != nullptr ? static_cast<uint32_t>(std::stoul(given)) : std::random_device{}();
    std::printf("seed %u\n", seed);
    std::mt19937 random(seed);
    int compared = 0;
    int unterminated = 0;
    for (int round = 0; round < 40'000; ++round) {
        const std::string text = soup(random);
        if (comment_joins_strings(text)) continue;
        const std::optional<Pieces> expected = split_by_scanner(text);
        if (!expected) continue;
        const Pieces found = split_by_godwit(text);
        if (expected->stopped) {
            check_open_quote(text, found.error, expected->error);
            ++unterminated;
        } else {
            ASSERT_EQ(found, *expected) << text;
            ++compared;
        }
        if (testing::Test::HasFailure()) return;
    }
    std::printf("%d alike, %d with an open quote\n", compared, unterminated);
    EXPECT_GT(compared, 8'000);
    EXPECT_GT(unterminated, 1'000);
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// Without white space and comments at both ends.
Piece tight(const std::string& text, int64_t begin, int64_t end) {
    const auto size = static_cast<size_t>(end - begin);
    const Pieces pieces = split_by_scanner(text.substr(static_cast<size_t>(begin), size)).value_or(Pieces{});
    if (pieces.statements.size() != 1) return {begin, end};
    const Piece& piece = pieces.statements[0];
    return {begin + piece.begin, piece.end < 0 ? -1 : begin + piece.end};
}

// Every file of the corpus that PostgreSQL's parser takes as a whole.
TEST(AgainstParser, CorpusSplitsAlike) {
    int compared = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(GODWIT_SOURCE_DIR "/tests/corpus/sql/postgres")) {
        const std::string name = entry.path().stem().string();
        // The parser knows standard_conforming_strings = on only.
        if (entry.path().extension() != ".sql" || name.find("conforming") != std::string::npos) continue;
        const std::string text = read_file(entry.path());
        if (text.find('\0') != std::string::npos) continue;
        const PgQuerySplitResult result = pg_query_split_with_parser(text.c_str());
        if (result.error == nullptr) {
            Pieces expected;
            for (int i = 0; i < result.n_stmts; ++i) {
                const PgQuerySplitStmt& statement = *result.stmts[i];
                const int64_t begin = statement.stmt_location;
                expected.statements.push_back(tight(text, begin, begin + statement.stmt_len));
            }
            EXPECT_EQ(split_by_godwit(text), expected) << name;
            ++compared;
        }
        pg_query_free_split_result(result);
    }
    std::printf("%d files\n", compared);
    EXPECT_GE(compared, 120);
}

}  // namespace
}  // namespace godwit
