// Reads each folder tests/corpus/formats/FORMAT/CASE/input and compares with
// expected.txt beside it. GODWIT_REWRITE=1 writes expected.txt anew.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "support/migration_dump.h"

namespace godwit {
namespace {

namespace fs = std::filesystem;

const fs::path kCorpus = fs::path(GODWIT_SOURCE_DIR) / "tests/corpus/formats";

std::vector<fs::path> cases() {
    std::vector<fs::path> found;
    for (const fs::directory_entry& format : fs::directory_iterator(kCorpus)) {
        if (!format.is_directory()) continue;
        for (const fs::directory_entry& each : fs::directory_iterator(format)) found.push_back(each.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

class FormatCorpus : public ::testing::TestWithParam<fs::path> {};

TEST_P(FormatCorpus, IsReadAsExpected) {
    const fs::path folder = GetParam();
    FolderOptions options;
    options.dialect = folder.string().ends_with("_sqlite") ? Dialect::kSqlite : Dialect::kPostgres;
    if (folder.parent_path().filename() == "document") {
        options.dialect = Dialect::kDocument;
        options.kind = "dynamodb";
    }
    const std::string read = test::dump(read_folder((folder / "input").string(), options));
    if (std::getenv("GODWIT_REWRITE") != nullptr) {
        std::ofstream(folder / "expected.txt", std::ios::binary) << read;
        return;
    }
    EXPECT_EQ(read, test::read_whole((folder / "expected.txt").string()));
}

std::string name_of(const ::testing::TestParamInfo<fs::path>& info) {
    std::string name = info.param.parent_path().filename().string() + "_" + info.param.filename().string();
    std::replace_if(
        name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; },
        '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Folders, FormatCorpus, ::testing::ValuesIn(cases()), name_of);

TEST(FormatCorpusSize, HasADozenCasesPerFormat) {
    std::map<std::string, int> counts;
    for (const fs::path& each : cases()) ++counts[each.parent_path().filename().string()];
    EXPECT_EQ(counts.size(), 9U);
    for (const auto& [format, count] : counts) EXPECT_GE(count, 12) << format;
}

}  // namespace
}  // namespace godwit
