// Splits each tests/corpus/sql/<dialect>/*.sql and compares with the file *.out
// beside it. With GODWIT_REWRITE=1 in the environment, writes those files.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/sql_split.h"

namespace godwit {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file.is_open()) << path;
    return {std::istreambuf_iterator<char>(file), {}};
}

void check_folder(const std::string& name, Dialect dialect, size_t at_least) {
    std::vector<fs::path> files;
    for (const auto& entry :
         fs::directory_iterator(fs::path(GODWIT_SOURCE_DIR) / "tests/corpus/sql" / name)) {
        if (entry.path().extension() == ".sql") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    EXPECT_GE(files.size(), at_least);
    for (const fs::path& file : files) {
        const std::string text = read_file(file);
        const std::string whole = to_text(split_script(text, dialect, 1 << 20));
        fs::path expected = file;
        expected.replace_extension(".out");
        if (std::getenv("GODWIT_REWRITE") != nullptr) std::ofstream(expected, std::ios::binary) << whole;
        EXPECT_EQ(whole, read_file(expected)) << file;
        for (const size_t step : {1, 2, 7}) {
            EXPECT_EQ(to_text(split_script(text, dialect, step)), whole) << file << " in steps of " << step;
        }
    }
}

TEST(SqlCorpus, PostgresFilesSplitAsWritten) { check_folder("postgres", Dialect::kPostgres, 150); }
TEST(SqlCorpus, SqliteFilesSplitAsWritten) { check_folder("sqlite", Dialect::kSqlite, 60); }

}  // namespace
}  // namespace godwit
