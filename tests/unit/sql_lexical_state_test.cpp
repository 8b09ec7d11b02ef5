#include <gtest/gtest.h>

#include <string>

#include "sql/lexical_state.h"

namespace godwit {
namespace {

// For each line of `text`, whether it begins in plain text: "+" or "-".
std::string line_starts(std::string_view text, Dialect dialect, size_t step) {
    LexicalState state(dialect);
    std::string out = state.in_plain_text() ? "+" : "-";
    while (!text.empty()) {
        size_t size = std::min(step, text.size());
        const size_t newline = text.find('\n');
        if (newline != std::string_view::npos) size = std::min(size, newline + 1);
        state.feed(text.substr(0, size));
        if (text[size - 1] == '\n') out += state.in_plain_text() ? "+" : "-";
        text.remove_prefix(size);
    }
    return out;
}

struct Case {
    const char* text;
    const char* starts;
};

void check(Dialect dialect, const std::vector<Case>& cases) {
    for (const Case& each : cases) {
        for (const size_t step : {1, 2, 7, 1000}) {
            EXPECT_EQ(line_starts(each.text, dialect, step), each.starts)
                << each.text << " in steps of " << step;
        }
    }
}

// clang-format off
TEST(LexicalState, Postgres) {
    check(Dialect::kPostgres, {
        {"", "+"},
        {"SELECT\n1;\n", "+++"},
        {"SELECT '\n-- DOWN\n';\n", "+--+"},
        {"SELECT E'\\'\n-- DOWN\n';\n", "+--+"},
        {"SELECT '\\'\n-- DOWN\n", "+++"},
        {"SELECT \"\n-- DOWN\n\";\n", "+--+"},
        {"DO $$\n-- DOWN\n$$;\n", "+--+"},
        {"DO $a$\n$$\n-- DOWN\n$a\n$a$;\n", "+----+"},
        {"/*\n-- DOWN\n/* */\n*/\n-- DOWN\n", "+---++"},
        {"-- it's\n-- \"x /* $$\n", "+++"},
        {"SELECT 1 -- it's\n, 2\n", "+++"},
        {"COPY t FROM stdin;\n-- DOWN\n'\n\\.\n-- DOWN\n", "+---++"},
        {"COPY t FROM stdin\n;\n-- DOWN\n\\.\n", "++--+"},
        {"COPY t FROM stdin; SELECT '\n-- DOWN\n\\.\n", "+--+"},
        {"COPY t TO stdout;\n-- DOWN\n", "+++"},
        {"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC\nSELECT 1;\nEND;\n", "++++"},
        {"SELECT (\n1;\n-- DOWN\n", "++++"},
        {"\\echo it's\n\\set x '\n-- DOWN\n", "++++"},
        {"\\i '\\\n-- DOWN\n", "+++"},
        {"SELECT $a\n-\n/\nE\nU&\n1\n", "+++++++"},
        {"SET standard_conforming_strings = off;\nSELECT '\\'\n-- DOWN\n';\n", "++--+"},
    });
}

TEST(LexicalState, Sqlite) {
    check(Dialect::kSqlite, {
        {"SELECT\n1;\n", "+++"},
        {"SELECT '\n-- DOWN\n';\n", "+--+"},
        {"SELECT \"\n\", `\n`, [\n];\n", "+---+"},
        {"/*\n/*\n*/\n-- it's\n", "+--++"},
        {"SELECT '\\'\n$$\n-- DOWN\n", "++++"},
        {"CREATE TRIGGER t AFTER INSERT ON a BEGIN\nSELECT 1;\nEND;\n", "++++"},
    });
}

// clang-format on
TEST(LexicalState, CommentsCountInTheMiddleOfALine) {
    LexicalState state(Dialect::kPostgres);
    state.feed("SELECT 1 --");
    EXPECT_FALSE(state.in_plain_text());
    state.feed("\n");
    EXPECT_TRUE(state.in_plain_text());
    LexicalState moved = std::move(state);
    moved.feed("/*");
    EXPECT_FALSE(moved.in_plain_text());
}

}  // namespace
}  // namespace godwit
