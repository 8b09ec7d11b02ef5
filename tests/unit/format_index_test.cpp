// What is remembered of a folder equals what reading it anew gives, and is not
// used once a file has changed.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "support/migration_dump.h"
#include "support/scratch_folder.h"

namespace godwit {
namespace {

namespace fs = std::filesystem;
using test::ScratchFolder;

// Remembers however few and however young the files are.
FolderOptions remembering(const ScratchFolder& cache) {
    FolderOptions options;
    options.cache = {cache.file("cache"), 0, std::chrono::milliseconds(0)};
    return options;
}

// A tick of the file system's clock, and a little more.
void let_time_pass() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }

size_t remembered(const std::string& folder, const FolderOptions& options) {
    const Result<Folder> read = read_folder(folder, options);
    EXPECT_TRUE(read.has_value());
    return read ? read->remembered : 0;
}

fs::path index_in(const FolderOptions& options) {
    for (const fs::directory_entry& each : fs::directory_iterator(options.cache.folder)) return each.path();
    return {};
}

class FormatIndex : public testing::Test {
protected:
    FormatIndex() {
        folder.write("0001_a.sql", "-- UP\nCREATE TABLE a (x int);\n-- DOWN\nDROP TABLE a;\n");
        folder.write("0002_b.sql", "-- UP\nCREATE TABLE b (x int);\n");
        folder.write("0003_c.up.sql", "CREATE TABLE c (x int);\n");
        let_time_pass();
    }
    std::string path() const { return folder.path().string(); }
    // Reads it and expects that to be remembered.
    std::string read_twice() {
        EXPECT_EQ(remembered(path(), options), 0U);
        EXPECT_EQ(remembered(path(), options), 3U);
        return test::dump(read_folder(path(), options));
    }

    ScratchFolder folder;
    ScratchFolder cache;
    FolderOptions options = remembering(cache);
};

TEST(FormatIndexCorpus, GivesWhatReadingGives) {
    size_t folders = 0;
    for (const fs::directory_entry& each : fs::recursive_directory_iterator(fs::path(GODWIT_SOURCE_DIR) / "tests/corpus/formats")) {
        if (each.path().filename() != "input") continue;
        const ScratchFolder cache;
        FolderOptions options = remembering(cache);
        const std::string folder = each.path().string();
        const std::string read = test::dump(read_folder(folder, options));
        const Result<Folder> again = read_folder(folder, options);
        EXPECT_EQ(test::dump(again), read) << folder;
        if (again) {
            EXPECT_EQ(again->remembered, again->migrations.size()) << folder;
        }
        ++folders;
    }
    EXPECT_GE(folders, 96U);
}

TEST_F(FormatIndex, AnEditedFileIsReadAgain) {
    const std::string before = read_twice();
    folder.write("0002_b.sql", "-- UP\nCREATE TABLE c (x int);\n");
    EXPECT_NE(test::dump(read_folder(path(), options)), before);
    EXPECT_EQ(remembered(path(), options), 3U);
}

TEST_F(FormatIndex, AnEditThatKeepsSizeAndTimeIsNoticed) {
    const std::string before = read_twice();
    const auto time = fs::last_write_time(folder.file("0002_b.sql"));
    folder.write("0002_b.sql", "-- UP\nCREATE TABLE c (x int);\n");
    fs::last_write_time(folder.file("0002_b.sql"), time);
    const Result<Folder> read = read_folder(path(), options);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->remembered, 2U);
    EXPECT_NE(test::dump(read), before);
}

TEST_F(FormatIndex, AFileThatIsReplacedIsNoticed) {
    read_twice();
    folder.write("other", "-- UP\nCREATE TABLE c (x int);\n");
    fs::rename(folder.file("other"), folder.file("0002_b.sql"));
    EXPECT_EQ(remembered(path(), options), 2U);
}

TEST_F(FormatIndex, AFileThatJoinsAnotherIsNoticed) {
    read_twice();
    folder.write("0003_c.down.sql", "DROP TABLE c;\n");
    const Result<Folder> read = read_folder(path(), options);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->remembered, 2U);
    EXPECT_TRUE(read->migrations.at(2).reversible());
}

TEST_F(FormatIndex, FilesThatGoAreForgotten) {
    read_twice();
    fs::remove(folder.file("0002_b.sql"));
    const Result<Folder> read = read_folder(path(), options);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->migrations.size(), 2U);
}

// One more change within the same tick could not be told from it.
TEST_F(FormatIndex, AYoungFileIsNotRemembered) {
    options.cache.settled = std::chrono::hours(1);
    EXPECT_EQ(remembered(path(), options), 0U);
    EXPECT_EQ(remembered(path(), options), 0U);
}

TEST_F(FormatIndex, FewFilesAreReadAnew) {
    options.cache.least_migrations = 4;
    EXPECT_EQ(remembered(path(), options), 0U);
    EXPECT_EQ(remembered(path(), options), 0U);
}

TEST_F(FormatIndex, OtherOptionsHaveAnIndexOfTheirOwn) {
    read_twice();
    FolderOptions other = options;
    other.database = "other";
    EXPECT_EQ(remembered(path(), other), 0U);
    other = options;
    other.dialect = Dialect::kSqlite;
    EXPECT_EQ(remembered(path(), other), 0U);
    EXPECT_EQ(remembered(path(), options), 3U);
}

TEST_F(FormatIndex, ADamagedIndexIsNotUsed) {
    read_twice();
    const fs::path index = index_in(options);
    const std::string good = test::read_whole(index.string());
    for (size_t at = 0; at < good.size(); at += 7) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 1);
        std::ofstream(index, std::ios::binary) << bad;
        ASSERT_EQ(remembered(path(), options), 0U) << "byte " << at;
    }
    for (const size_t size : {size_t{0}, size_t{1}, good.size() / 2, good.size() - 1}) {
        std::ofstream(index, std::ios::binary) << good.substr(0, size);
        ASSERT_EQ(remembered(path(), options), 0U) << size << " bytes";
    }
    EXPECT_EQ(remembered(path(), options), 3U);
}

TEST_F(FormatIndex, AnIndexThatOthersMayWriteIsNotUsed) {
    read_twice();
    ASSERT_EQ(::chmod(index_in(options).c_str(), 0622), 0);
    EXPECT_EQ(remembered(path(), options), 0U);
}

TEST_F(FormatIndex, ACacheThatCannotBeWrittenIsNoFault) {
    options.cache.folder = cache.write("file", "in the way");
    EXPECT_EQ(remembered(path(), options), 0U);
    EXPECT_EQ(remembered(path(), options), 0U);
}

}  // namespace
}  // namespace godwit
