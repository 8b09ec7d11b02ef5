#include "sql/splitter.h"

#include <gtest/gtest.h>

#include <cstring>

namespace godwit {
namespace {

// Gives out `text` in pieces of `step` bytes.
class TextSource final : public ScriptSource {
public:
    TextSource(std::string_view text, size_t step) : text_(text), step_(step) {}
    Result<size_t> read_into(char* buffer, size_t capacity) override {
        const size_t size = std::min({capacity, step_, text_.size()});
        std::memcpy(buffer, text_.data(), size);
        text_.remove_prefix(size);
        return size;
    }

private:
    std::string_view text_;
    size_t step_;
};

std::vector<std::string> split_in(std::string_view text, Dialect dialect, size_t step) {
    Script script;
    script.file = "x.sql";
    auto splitter = StatementSplitter::over(std::make_unique<TextSource>(text, step), script, dialect);
    std::vector<std::string> found;
    while (true) {
        Result<const Statement*> next = splitter->next();
        if (!next) {
            found.push_back("ERROR " + to_string(next.error().where) + " " + next.error().message);
            return found;
        }
        if (*next == nullptr) return found;
        found.emplace_back((*next)->text);
        if (!(*next)->has_data) continue;
        std::string data;
        for (std::string_view piece; !(piece = splitter->read_data().value()).empty();) data += piece;
        found.push_back("DATA " + data);
    }
}

std::vector<std::string> split(std::string_view text, Dialect dialect = Dialect::kPostgres) {
    const std::vector<std::string> whole = split_in(text, dialect, 1 << 20);
    for (const size_t step : {1, 2, 7}) EXPECT_EQ(split_in(text, dialect, step), whole) << "in steps of " << step;
    return whole;
}

using Texts = std::vector<std::string>;

TEST(Splitter, SplitsPostgres) {
    EXPECT_EQ(split(""), Texts{});
    EXPECT_EQ(split(" ; ;; -- x\n"), Texts{});
    EXPECT_EQ(split("select 1; select 2"), (Texts{"select 1", "select 2"}));
    EXPECT_EQ(split("select 'a;''b'; select \"x;\"\"y\";"), (Texts{"select 'a;''b'", "select \"x;\"\"y\""}));
    EXPECT_EQ(split("/* a /* ; */ ; */ select 1 -- ;\n + 2 /* c */ ; -- d"), Texts{"select 1 -- ;\n + 2"});
    EXPECT_EQ(split("select E'a\\'; b'; select 'a\\'; select 2;"), (Texts{"select E'a\\'; b'", "select 'a\\'", "select 2"}));
    EXPECT_EQ(split("do $a$ begin; $b$ ; $a$; select $1;"), (Texts{"do $a$ begin; $b$ ; $a$", "select $1"}));
    EXPECT_EQ(split("copy t from stdin;\n1\t;\n\\.\nselect 1;"), (Texts{"copy t from stdin", "DATA 1\t;\n", "select 1"}));
    EXPECT_EQ(split("create function f() returns int begin atomic; select case when true then 1 end; end; select 2;"),
              (Texts{"create function f() returns int begin atomic; select case when true then 1 end; end", "select 2"}));
    EXPECT_EQ(split("create rule r as on insert to t do also (select 1; select 2); select 3;"),
              (Texts{"create rule r as on insert to t do also (select 1; select 2)", "select 3"}));
    EXPECT_EQ(split("set standard_conforming_strings = off; select 'a\\';'; reset all; select 'a\\'; select 2"),
              (Texts{"set standard_conforming_strings = off", "select 'a\\';'", "reset all", "select 'a\\'", "select 2"}));
    EXPECT_EQ(split("\\timing on\nselect 1;\n\\i x.sql\n"),
              (Texts{"select 1", "ERROR x.sql:3:1 psql's \\i is not accepted in a migration"}));
    EXPECT_EQ(split("select 1;\nselect 'a"), (Texts{"select 1", "ERROR x.sql:2:8 a quoted string is never closed"}));
}

TEST(Splitter, SplitsSqlite) {
    const auto sqlite = [](std::string_view text) { return split(text, Dialect::kSqlite); };
    EXPECT_EQ(sqlite("select 1; select [a;b], `c;d` /* ; /* */; -- x"), (Texts{"select 1", "select [a;b], `c;d`"}));
    EXPECT_EQ(sqlite("create temp trigger t after insert on a begin select 1; select case when 1 then 2 end; end; select 3"),
              (Texts{"create temp trigger t after insert on a begin select 1; select case when 1 then 2 end; end", "select 3"}));
    EXPECT_EQ(sqlite("select 1 /* never"), Texts{"select 1"});
    EXPECT_EQ(sqlite("\n select 'x"), Texts{"ERROR x.sql:2:9 a quoted string is never closed"});
}

}  // namespace
}  // namespace godwit
