#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "sql/script_source.h"
#include "sql/splitter.h"

namespace godwit {
namespace {

class ScriptSourceTest : public testing::Test {
protected:
    ScriptSourceTest()
        : path_(std::filesystem::temp_directory_path() /
                ("godwit_source_" + std::to_string(::getpid()) + ".sql")) {}
    ~ScriptSourceTest() override { std::filesystem::remove(path_); }

    Script write(std::string_view text) {
        std::ofstream(path_, std::ios::binary) << text;
        struct stat status{};
        EXPECT_EQ(::stat(path_.c_str(), &status), 0);
        Script script;
        script.path = path_;
        script.file = "x.sql";
        script.end = script.file_size = status.st_size;
        script.file_mtime_ns = int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
        return script;
    }

    static std::string read_all(const Script& script) {
        auto source = ScriptSource::open(script);
        if (!source) return "ERROR " + to_string(source.error().where) + " " + source.error().message;
        std::string text;
        while (true) {
            const Result<std::string_view> piece = (*source)->read();
            if (!piece) return text + "ERROR " + to_string(piece.error().where) + " " + piece.error().message;
            if (piece->empty()) return text;
            text += *piece;
        }
    }

    std::filesystem::path path_;
};

TEST_F(ScriptSourceTest, ReadsTheNamedBytes) {
    Script script = write("0123456789");
    EXPECT_EQ(read_all(script), "0123456789");
    script.begin = 3;
    script.end = 7;
    EXPECT_EQ(read_all(script), "3456");
    script.begin = 7;
    EXPECT_EQ(read_all(script), "");
}

TEST_F(ScriptSourceTest, ReadsLargeFilesWhole) {
    std::string text;
    for (int i = 0; text.size() < 1'000'000; ++i) text += "line " + std::to_string(i) + "\r\n";
    EXPECT_TRUE(read_all(write(text)) == text);
}

TEST_F(ScriptSourceTest, RefusesAFileThatChanged) {
    const std::string changed = "ERROR x.sql has changed since it was read for its checksum";
    Script script = write("SELECT 1;");
    script.file_size += 1;
    EXPECT_EQ(read_all(script), changed);
    script = write("SELECT 1;");
    script.file_mtime_ns += 1;
    EXPECT_EQ(read_all(script), changed);
    script.file_mtime_ns = 0;
    EXPECT_EQ(read_all(script), "SELECT 1;");
}

TEST_F(ScriptSourceTest, RefusesWhatItCannotRead) {
    Script script = write("SELECT 1;");
    script.file_size = script.file_mtime_ns = 0;
    script.end = 20;
    EXPECT_EQ(read_all(script), "SELECT 1;ERROR x.sql has become shorter while it was read");
    script.path = path_.string() + ".missing";
    EXPECT_EQ(read_all(script), "ERROR x.sql cannot be opened: No such file or directory");
    script.path = std::filesystem::temp_directory_path();
    EXPECT_EQ(read_all(script), "ERROR x.sql is not a regular file");
    script.path = "/dev/null";
    EXPECT_EQ(read_all(script), "ERROR x.sql is not a regular file");
}

TEST_F(ScriptSourceTest, BlanksTheDashesOfACommentedOutSection) {
    Script script = write("-- SELECT 1; -- c\n  --SELECT '--';\r\n\n \t\r\n------ x\n--\n--");
    script.commented_out = true;
    EXPECT_EQ(read_all(script), "   SELECT 1; -- c\n    SELECT '--';\r\n\n \t\r\n  ---- x\n  \n  ");
}

TEST_F(ScriptSourceTest, RefusesALineThatIsNotCommentedOut) {
    const auto result = [&](std::string_view text) {
        Script script = write(text);
        script.commented_out = true;
        script.first_line = 10;
        const std::string all = read_all(script);
        return all.substr(all.find("ERROR"));
    };
    const std::string message = " a line of this section is not commented out, as the others are";
    EXPECT_EQ(result("-- a\nSELECT 1;\n"), "ERROR x.sql:11:1" + message);
    EXPECT_EQ(result("-- a\n  -- b\n \t SELECT 1;\n"), "ERROR x.sql:12:4" + message);
    EXPECT_EQ(result("-- a\n - b\n"), "ERROR x.sql:11:2" + message);
    EXPECT_EQ(result("-- a\n -"), "ERROR x.sql:11:2" + message);
    EXPECT_EQ(result("-- a\n -\n"), "ERROR x.sql:11:2" + message);
}

// The dashes may lie on both sides of the end of a piece, wherever that is.
TEST_F(ScriptSourceTest, BlanksAcrossPieces) {
    std::string text;
    std::string expected;
    while (text.size() < 600'000) {
        text += "--1\n";
        expected += "  1\n";
        text += std::string(text.size() % 3, ' ') + "--22\n";
        expected += std::string(text.size() - expected.size() - 3, ' ') + "22\n";
    }
    Script script = write(text);
    script.commented_out = true;
    EXPECT_TRUE(read_all(script) == expected);
}

TEST_F(ScriptSourceTest, CommentedOutStatementsKeepTheirPlaces) {
    Script script = write("-- DOWN\n-- DROP TABLE a; -- why\n-- DROP\n--   TABLE b;\n");
    script.commented_out = true;
    script.begin = 8;
    script.first_line = 2;
    auto splitter = StatementSplitter::open(script, Dialect::kPostgres).value();
    const Statement* first = splitter->next().value();
    EXPECT_EQ(first->text, "DROP TABLE a");
    EXPECT_EQ(to_string(first->where), "x.sql:2:4");
    EXPECT_EQ(first->where.offset, 11);
    const Statement* second = splitter->next().value();
    EXPECT_EQ(second->text, "DROP\n     TABLE b");
    EXPECT_EQ(to_string(second->where), "x.sql:3:4");
    EXPECT_EQ(splitter->next().value(), nullptr);
}

}  // namespace
}  // namespace godwit
