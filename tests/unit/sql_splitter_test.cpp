#include <gtest/gtest.h>

#include "sql/splitter.h"
#include "support/sql_split.h"

namespace godwit {
namespace {

std::unique_ptr<StatementSplitter> splitter_over(std::string_view text, Dialect dialect = Dialect::kPostgres,
                                                 Script script = {}) {
    script.file = "x.sql";
    return StatementSplitter::over(std::make_unique<TextSource>(text, 1 << 20), script, dialect);
}

Error first_error(std::string_view text, Dialect dialect = Dialect::kPostgres) {
    auto splitter = splitter_over(text, dialect);
    while (true) {
        const Result<const Statement*> next = splitter->next();
        if (!next) return next.error();
        if (*next == nullptr) return make_error(ErrorCode::kInternal, "no error");
    }
}

TEST(Splitter, PlacesCountFromWhereTheScriptBegins) {
    Script script;
    script.begin = 100;
    script.first_line = 7;
    auto splitter = splitter_over("\n  SELECT 'ä', (\n1;", Dialect::kPostgres, script);
    const Result<const Statement*> next = splitter->next();
    ASSERT_FALSE(next);
    EXPECT_EQ(to_string(next.error().where), "x.sql:8:15");
    EXPECT_EQ(next.error().where.offset, 100 + 16);
    EXPECT_EQ(next.error().code, ErrorCode::kInvalidInput);
}

TEST(Splitter, RepeatsItsError) {
    auto splitter = splitter_over("SELECT 1; \\i x\nSELECT 2;");
    ASSERT_TRUE(splitter->next());
    for (int i = 0; i < 3; ++i) {
        const Result<const Statement*> next = splitter->next();
        ASSERT_FALSE(next);
        EXPECT_EQ(to_string(next.error().where), "x.sql:1:11");
        EXPECT_FALSE(splitter->read_data());
    }
}

TEST(Splitter, StaysAtTheEnd) {
    auto splitter = splitter_over("SELECT 1");
    ASSERT_NE(splitter->next().value(), nullptr);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(splitter->next().value(), nullptr);
}

TEST(Splitter, GivesDataInPiecesAndThenItsEnd) {
    const std::string row = "1\tsome text that fills a line\n";
    std::string text = "COPY t FROM stdin;\n";
    std::string data;
    while (data.size() < 1'000'000) data += row;
    const auto after_semicolon = static_cast<int64_t>(text.size()) - 1;
    text += data + "\\.\n";
    const auto after_data = static_cast<int64_t>(text.size());
    text += "SELECT 2;";

    auto splitter = splitter_over(text);
    const Statement* copy = splitter->next().value();
    ASSERT_TRUE(copy != nullptr && copy->has_data);
    EXPECT_EQ(copy->end_offset, after_semicolon);
    std::string read;
    int pieces = 0;
    for (std::string_view piece = splitter->read_data().value(); !piece.empty(); ++pieces) {
        EXPECT_EQ(copy->text, "COPY t FROM stdin");
        EXPECT_LE(piece.size(), 256U * 1024);
        read += piece;
        piece = splitter->read_data().value();
    }
    EXPECT_GT(pieces, 3);
    EXPECT_TRUE(read == data);
    EXPECT_EQ(copy->end_offset, after_data);
    EXPECT_TRUE(splitter->read_data().value().empty());
    EXPECT_EQ(splitter->next().value()->text, "SELECT 2");
}

TEST(Splitter, SkipsDataThatNobodyReads) {
    auto splitter =
        splitter_over("COPY t FROM stdin;\n1\n2\n\\.\nSELECT 2; COPY u FROM stdin;\n3\n\\.\nSELECT 3;");
    EXPECT_EQ(splitter->next().value()->text, "COPY t FROM stdin");
    EXPECT_EQ(splitter->read_data().value(), "1\n2\n");
    EXPECT_EQ(splitter->next().value()->text, "SELECT 2");
    EXPECT_FALSE(splitter->next().value()->words.empty());
    EXPECT_EQ(splitter->next().value()->text, "SELECT 3");
    EXPECT_TRUE(splitter->read_data().value().empty());
    EXPECT_EQ(splitter->next().value(), nullptr);
}

TEST(Splitter, TakesStatementsLargerThanItsWindow) {
    for (const size_t size : {100'000U, 131'071U, 131'072U, 131'073U, 1'000'000U}) {
        const std::string large = "INSERT INTO t VALUES ('" + std::string(size, 'x') + ";\n')";
        const std::string text = "SELECT 1;\n" + large + ";\nSELECT 3;";
        for (const Dialect dialect : {Dialect::kPostgres, Dialect::kSqlite}) {
            auto splitter = splitter_over(text, dialect);
            EXPECT_EQ(splitter->next().value()->text, "SELECT 1");
            EXPECT_TRUE(splitter->next().value()->text == large);
            const Statement* last = splitter->next().value();
            EXPECT_EQ(last->text, "SELECT 3");
            EXPECT_EQ(to_string(last->where), "x.sql:4:1");
        }
    }
}

// Gives `count` copies of a line without ever holding them.
class RepeatingSource final : public ScriptSource {
public:
    RepeatingSource(std::string line, int64_t count) : line_(std::move(line)), left_(count) {}
    Result<size_t> read_into(char* buffer, size_t capacity) override {
        largest_ = std::max(largest_, capacity);
        size_t filled = 0;
        for (; left_ > 0 && filled + line_.size() <= capacity; --left_, filled += line_.size()) {
            std::memcpy(buffer + filled, line_.data(), line_.size());
        }
        return filled;
    }
    static inline size_t largest_ = 0;

private:
    std::string line_;
    int64_t left_;
};

TEST(Splitter, ReadsInFlatMemory) {
    // Statements, comments between them, and what is ignored, each 3 MB.
    for (const std::string line :
         {"INSERT INTO t VALUES (1, 'x');\n", "-- comment\n", "/* comment; */\n", ";;\n", "\\echo hello\n"}) {
        RepeatingSource::largest_ = 0;
        auto splitter = StatementSplitter::over(
            std::make_unique<RepeatingSource>(line, 3'000'000 / static_cast<int64_t>(line.size())), {},
            Dialect::kPostgres);
        while (splitter->next().value() != nullptr) {
        }
        EXPECT_LE(RepeatingSource::largest_, 256U * 1024) << line;
    }
}

TEST(Splitter, NamesTheRemedy) {
    const auto remedy = [](std::string_view text) { return first_error(text).remedy; };
    EXPECT_EQ(remedy("\\i other.sql"),
              "It is not SQL: put the statements of that file here, or make it a migration of its own.");
    EXPECT_EQ(remedy("\\c other"), "Delete it: the connection is chosen by --url or the project file.");
    EXPECT_EQ(remedy("\\set x 1"), "Write the value itself: psql's variables are not replaced here.");
    EXPECT_EQ(remedy("SELECT 1 \\gexec"), "End the statement with `;` instead.");
    EXPECT_EQ(remedy("SELECT 1\\; SELECT 2;"), "End the statement with `;` instead.");
    EXPECT_EQ(remedy("\\copy t from 'x'"),
              "Write COPY … FROM STDIN; with the data on the lines below it, ended by a line \\.");
    EXPECT_EQ(remedy("\\frobnicate"),
              "Delete it: only \\timing, \\echo and \\set ON_ERROR_STOP are accepted, and ignored.");
    EXPECT_EQ(remedy("SELECT (\n\\echo x\n1);"), "End the statement before it with `;`, or delete it.");
    EXPECT_EQ(remedy("COPY t FROM stdin; SELECT 1;\n"), "Move it behind the line \\. that ends the data.");
    EXPECT_EQ(remedy("SELECT 'it\\'s';"),
              "Close it with a quote; inside, write a quote as '' (a backslash does not escape it).");
    EXPECT_EQ(remedy("DO $x$ "), "Close it with $x$, in the same letter case.");
    EXPECT_EQ(first_error("SELECT [a", Dialect::kSqlite).remedy, "Close it with ].");
}

// A comment that fills many windows is not kept; its beginning is still known.
TEST(Splitter, NamesWhereALongCommentBegins) {
    const std::string text = "SELECT 1;\n  /* " + std::string(500'000, '\n') + "SELECT 2;";
    EXPECT_EQ(to_string(first_error(text).where), "x.sql:2:3");
    const std::string nul = "SELECT 1;\n/* " + std::string(500'000, '\n') + std::string(1, '\0') + "*/";
    EXPECT_EQ(to_string(first_error(nul).where), "x.sql:500002:1");
}

}  // namespace
}  // namespace godwit
