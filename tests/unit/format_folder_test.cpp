// What stands around the files: links, devices, sizes, names, and how much of
// a file is held in memory.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "format/directory.h"
#include "format/file_scan.h"
#include "model/checksum.h"
#include "support/migration_dump.h"
#include "support/scratch_folder.h"

namespace godwit {
namespace {

namespace fs = std::filesystem;

Result<Folder> read(const test::ScratchFolder& folder, Dialect dialect = Dialect::kPostgres) {
    return read_folder(folder.path().string(), {"main", dialect, ""});
}

std::string error_of(const test::ScratchFolder& folder) {
    const Result<Folder> result = read(folder);
    return result ? "no error" : to_string(result.error().where) + ": " + result.error().message;
}

// Where the statements of an unfinished migration are awaited; "finished" else.
std::string unfinished_at(const std::string& name, const std::string& text) {
    const test::ScratchFolder folder;
    folder.write(name, text);
    const Result<Folder> result = read(folder);
    if (!result) return result.error().message;
    const std::optional<SourceSpan>& place = result->migrations.front().unfinished;
    return place ? to_string(*place) : "finished";
}

TEST(FormatFolder, ListsMigrationsWithoutStatementsAsUnfinished) {
    EXPECT_EQ(unfinished_at("1_a.sql", ""), "1_a.sql");
    EXPECT_EQ(unfinished_at("1_a.sql", "\xEF\xBB\xBF"), "1_a.sql");
    EXPECT_EQ(unfinished_at("1_a.sql", "\n  \n\t\n"), "1_a.sql");
    EXPECT_EQ(unfinished_at("1_a.sql", "-- Migration: x\n-- nothing else\n"), "1_a.sql");
    EXPECT_EQ(unfinished_at("1_a.sql", "/* CREATE TABLE a (x int); */\n"), "1_a.sql");
    EXPECT_EQ(unfinished_at("1_a.sql", "BEGIN;\n-- nothing\nCOMMIT;\n"), "1_a.sql");
    EXPECT_EQ(unfinished_at("1_a.sql", "-- DOWN\nDROP TABLE a;\n"), "1_a.sql");
    EXPECT_EQ(unfinished_at("1_a.sql", "-- UP\n\n-- DOWN\nDROP TABLE a;\n"), "1_a.sql:1:1");
    EXPECT_EQ(unfinished_at("1_a.sql", "-- +goose Up\n-- +goose Down\nSELECT 1;\n"), "1_a.sql:1:1");
    EXPECT_EQ(unfinished_at("1_a.sql", "-- migrate:up\n\n-- migrate:down\n"), "1_a.sql:1:1");
    EXPECT_EQ(unfinished_at("1_a.up.sql", ""), "1_a.up.sql");
    EXPECT_EQ(unfinished_at("V1__a.sql", ""), "V1__a.sql");
    const test::ScratchFolder json;
    json.write("1_a.json", "\n");
    json.write("1_a.sql", "");
    ASSERT_EQ(read(json)->migrations.size(), 1U);
    EXPECT_EQ(to_string(*read(json)->migrations.front().unfinished), "1_a.json");
    EXPECT_EQ(unfinished_at("1_a.sql", "-- UP\n-- godwit: no-op\n"), "finished");
    EXPECT_EQ(unfinished_at("1_a.sql", "SELECT 1;\n"), "finished");
}

TEST(FormatFolder, ThatIsMissingIsNamed) {
    const Result<Folder> result = read_folder("/nowhere/mig\x1brations", {});
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidInput);
    EXPECT_EQ(result.error().message, "there is no folder /nowhere/mig\\x1brations");
    EXPECT_NE(result.error().remedy, "");
}

TEST(FormatFolder, ThatIsAFileIsRefused) {
    const test::ScratchFolder folder;
    const Result<Folder> result = read_folder(folder.write("x", "SELECT 1;"), {});
    ASSERT_FALSE(result.has_value());
    EXPECT_TRUE(result.error().message.ends_with("/x is not a folder")) << result.error().message;
}

TEST(FormatFolder, MayBeEmpty) {
    const test::ScratchFolder folder;
    const Result<Folder> result = read(folder);
    ASSERT_TRUE(result.has_value());
    EXPECT_TRUE(result->migrations.empty());
    EXPECT_TRUE(result->notes.empty());
}

TEST(FormatFolder, ShowsNamesAsAskedAndOpensThemByPath) {
    const test::ScratchFolder folder;
    folder.write("1_a.sql", "SELECT 1;");
    const Result<Folder> result =
        read_folder(folder.path().string(), {"items", Dialect::kSqlite, "db/migrations/"});
    ASSERT_TRUE(result.has_value());
    const Migration& migration = result->migrations.at(0);
    EXPECT_EQ(migration.id.database, "items");
    EXPECT_EQ(migration.where.file, "db/migrations/1_a.sql");
    const auto& script = std::get<Script>(migration.up);
    EXPECT_EQ(script.file, "db/migrations/1_a.sql");
    EXPECT_EQ(script.path, folder.file("1_a.sql"));
    struct stat info{};
    ASSERT_EQ(::stat(script.path.c_str(), &info), 0);
    EXPECT_EQ(script.file_mtime_ns, info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec);
}

TEST(FormatFolder, PrintsOddNamesHarmlessly) {
    const test::ScratchFolder folder;
    folder.write("1_red\x1b[31m\n.sql", "SELECT 1;");
    folder.write("2_caf\xe9.sql", "SELECT 1;");
    folder.write("no\x07te.txt", "");
    const Result<Folder> result = read(folder);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->migrations.at(0).where.file, "1_red\\x1b[31m\\n.sql");
    EXPECT_EQ(result->migrations.at(0).description, "red\\x1b[31m\\n");
    EXPECT_EQ(result->migrations.at(1).description, "caf\\xe9");
    EXPECT_EQ(result->notes.at(0), "no\\x07te.txt: not a migration, ignored");
}

TEST(FormatFolder, LeavesOutHiddenFilesAndEditorBackups) {
    const test::ScratchFolder folder;
    folder.write("1_a.sql", "SELECT 1;");
    for (const char* name :
         {".2_b.sql", ".#3_c.sql", "4_d.sql~", "#5_e.sql#", ".6_f.sql.swp", "7_g.sql.swo"}) {
        folder.write(name, "\xff");
    }
    fs::create_directory(folder.path() / ".git");
    fs::create_directory(folder.path() / "__pycache__");
    fs::create_symlink("ann@host.123:456", folder.path() / ".#1_a.sql");
    const Result<Folder> result = read(folder);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->migrations.size(), 1U);
    EXPECT_TRUE(result->notes.empty());
}

TEST(FormatFolder, FollowsLinksThatStayInside) {
    const test::ScratchFolder folder;
    folder.write("1_a.sql", "SELECT 1;");
    fs::create_symlink("1_a.sql", folder.path() / "2_b.sql");
    fs::create_directory(folder.path() / "shared");
    folder.write("shared/c.sql", "SELECT 3;");
    fs::create_symlink("shared/c.sql", folder.path() / "3_c.sql");
    const Result<Folder> result = read(folder);
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(result->migrations.size(), 3U);
}

TEST(FormatFolder, RefusesLinksThatLeave) {
    const test::ScratchFolder outside;
    outside.write("secret.sql", "SELECT 1;");
    const test::ScratchFolder folder;
    fs::create_symlink(outside.file("secret.sql"), folder.path() / "1_a.sql");
    EXPECT_EQ(error_of(folder), "1_a.sql: is a symbolic link that leaves the folder");
    // A folder whose name only begins like ours is another one.
    const fs::path sibling = folder.path().string() + "-other";
    fs::create_directory(sibling);
    std::ofstream(sibling / "x.sql") << "SELECT 1;";
    fs::remove(folder.path() / "1_a.sql");
    fs::create_symlink(sibling / "x.sql", folder.path() / "1_a.sql");
    EXPECT_EQ(error_of(folder), "1_a.sql: is a symbolic link that leaves the folder");
    fs::remove_all(sibling);
}

TEST(FormatFolder, RefusesLinksThatLeadNowhereOrInCircles) {
    const test::ScratchFolder folder;
    fs::create_symlink("gone.sql", folder.path() / "1_a.sql");
    EXPECT_EQ(error_of(folder), "1_a.sql: is a symbolic link to a file that does not exist");
    fs::remove(folder.path() / "1_a.sql");
    fs::create_symlink("2_b.sql", folder.path() / "1_a.sql");
    fs::create_symlink("1_a.sql", folder.path() / "2_b.sql");
    EXPECT_EQ(error_of(folder), "1_a.sql: is a symbolic link that leads back to itself");
    fs::remove(folder.path() / "1_a.sql");
    fs::remove(folder.path() / "2_b.sql");
    fs::create_symlink(".", folder.path() / "loop");
    EXPECT_EQ(error_of(folder), "loop: is a symbolic link to a folder");
}

TEST(FormatFolder, RefusesWhatIsNoFileWithoutWaiting) {
    const test::ScratchFolder folder;
    ASSERT_EQ(::mkfifo(folder.file("1_a.sql").c_str(), 0600), 0);
    EXPECT_EQ(error_of(folder), "1_a.sql: is a FIFO, a socket or a device, not a file");
    fs::remove(folder.path() / "1_a.sql");
    fs::create_symlink("/dev/zero", folder.path() / "1_a.sql");
    EXPECT_EQ(error_of(folder), "1_a.sql: is a symbolic link that leaves the folder");
    fs::remove(folder.path() / "1_a.sql");

    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, folder.file("2_b.sql").c_str(), sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(error_of(folder), "2_b.sql: is a FIFO, a socket or a device, not a file");
    ::close(fd);
}

TEST(FormatFolder, RefusesAFolderInAFilesPlace) {
    const test::ScratchFolder folder;
    fs::create_directories(folder.path() / "20250101_x" / "up.sql");
    EXPECT_EQ(error_of(folder), "20250101_x/up.sql: is a folder, not a file");
}

TEST(FormatFolder, RefusesAFileThatMayNotBeRead) {
    if (::geteuid() == 0) {
        // Root may read everything; the message is the same for any failure to open.
        const test::ScratchFolder folder;
        const Result<format::Directory> directory = format::Directory::open(folder.path().string(), "");
        ASSERT_TRUE(directory.has_value());
        const Result<format::OpenFile> file = directory->open_file("gone.sql");
        ASSERT_FALSE(file.has_value());
        EXPECT_EQ(file.error().message, "cannot be read: No such file or directory");
        return;
    }
    const test::ScratchFolder folder;
    folder.write("1_a.sql", "SELECT 1;");
    ::chmod(folder.file("1_a.sql").c_str(), 0);
    EXPECT_EQ(error_of(folder), "1_a.sql: cannot be read: Permission denied");
}

TEST(FormatFolder, ReadsManyFilesAlike) {
    const test::ScratchFolder folder;
    for (int i = 1; i <= 1500; ++i) {
        folder.write(fmt::format("{:04}_step.sql", i),
                     fmt::format("-- UP\nSELECT {};\n-- DOWN\nSELECT -{};\n", i, i));
    }
    const Result<Folder> result = read(folder);
    ASSERT_TRUE(result.has_value());
    ASSERT_EQ(result->migrations.size(), 1500U);
    for (int i = 1; i <= 1500; ++i) {
        const Migration& migration = result->migrations[static_cast<size_t>(i - 1)];
        ASSERT_EQ(migration.id.version, fmt::format("{:04}", i));
        ChecksumBuilder checksum;
        checksum.update(test::read_whole(folder.file(fmt::format("{:04}_step.sql", i))));
        ASSERT_EQ(migration.checksum, checksum.finish());
        ASSERT_TRUE(migration.reversible());
    }
}

// The texts of both sections with a `#` after each, checked against `text`.
std::string section_texts(const Migration& migration, const std::string& text) {
    std::string out;
    for (const Direction direction : {Direction::kUp, Direction::kDown}) {
        const auto* script = std::get_if<Script>(&migration.body(direction));
        if (script == nullptr) continue;
        out += text.substr(static_cast<size_t>(script->begin),
                           static_cast<size_t>(script->end - script->begin)) +
               "#";
        EXPECT_EQ(script->first_line, 1 + std::count(text.begin(), text.begin() + script->begin, '\n'));
    }
    return out;
}

std::string section_texts(const test::ScratchFolder& folder, const std::string& text) {
    folder.write("1_a.sql", text);
    const Result<Folder> result = read(folder);
    return result ? section_texts(result->migrations.at(0), text) : error_of(folder);
}

// Sections, quotes and characters do not depend on where a buffer ends: text
// that is longer by one each time moves them across it.
TEST(FormatFolder, DoesNotSeeTheEndsOfItsBuffer) {
    constexpr size_t kBuffer = 65'536;
    const std::string tail = "SELECT 'ä€😀\n-- DOWN\n';\r\n-- DOWN\r\nSELECT 2;\n";
    const test::ScratchFolder folder;
    std::vector<std::string> texts;
    for (const char filling : {'\n', ' '}) {
        for (size_t cut = 0; cut <= tail.size() + 1; ++cut) {
            texts.push_back(std::string(kBuffer - cut, filling) + tail);
            folder.write(fmt::format("{:04}_a.sql", texts.size()), texts.back());
        }
    }
    const Result<Folder> result = read(folder);
    ASSERT_TRUE(result.has_value()) << test::dump(result.error());
    ASSERT_EQ(result->migrations.size(), texts.size());
    for (size_t i = 0; i < texts.size(); ++i) {
        const std::string up = texts[i].substr(0, texts[i].rfind("-- DOWN"));
        ASSERT_EQ(section_texts(result->migrations[i], texts[i]), up + "#SELECT 2;\n#") << i;
        ASSERT_EQ(result->migrations[i].id.version, fmt::format("{:04}", i + 1));
    }
}

TEST(FormatFolder, ReadsLinesLongerThanItsBuffer) {
    const test::ScratchFolder folder;
    const std::string wide = "ü";
    std::string text = "INSERT INTO t VALUES ('";
    while (text.size() < 200'000) text += wide;
    text += "');\n-- DOWN\nSELECT 2;\n";
    EXPECT_EQ(section_texts(folder, text), text.substr(0, text.rfind("-- DOWN")) + "#SELECT 2;\n#");

    EXPECT_EQ(unfinished_at("1_a.sql", "-- " + std::string(200'000, 'x') + "\n-- no statement\n"), "1_a.sql");

    std::string faulty = "SELECT '";
    while (faulty.size() < 150'000) faulty += wide;
    EXPECT_EQ(section_texts(folder, faulty + "\xff');\n"),
              fmt::format("1_a.sql:1:{}: byte 0xff at offset {} is not UTF-8", 9 + (faulty.size() - 8) / 2,
                          faulty.size()));
}

TEST(FormatFolder, FindsPlaceholdersAcrossPieces) {
    const test::ScratchFolder folder;
    for (size_t cut = 0; cut <= 8; ++cut) {
        folder.write("V1__a.sql", "SELECT '" + std::string(65'536 - 8 - cut, 'x') + "${name}';\n");
        EXPECT_EQ(
            error_of(folder),
            fmt::format("V1__a.sql:1:{}: Flyway's placeholder ${{name}} has no value here", 65'537 - cut));
    }
}

// Sees lines go by and keeps none.
class Counter : public format::LineHandler {
public:
    Result<void> on_line(const format::Line&) override {
        ++lines;
        return {};
    }
    int64_t lines = 0;
};

int64_t resident_kib() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

TEST(FormatFolder, ReadsALargeFileInFlatMemory) {
    const test::ScratchFolder folder;
    constexpr int kLines = 200'000;
    {
        std::ofstream out(folder.file("1_a.sql"), std::ios::binary);
        for (int i = 0; i < kLines; ++i) {
            out << "INSERT INTO events (id, name, payload) VALUES (" << i << ", 'it''s', '"
                << std::string(60, 'p') << "');\n";
        }
        out << "-- DOWN\nDELETE FROM events;\n";
    }
    ASSERT_GT(fs::file_size(folder.file("1_a.sql")), 22'000'000U);
    const int64_t before = resident_kib();
    const Result<Folder> result = read(folder);
    ASSERT_TRUE(result.has_value());
    EXPECT_LT(resident_kib() - before, 4 * 1024);
    EXPECT_EQ(std::get<Script>(result->migrations.at(0).down).first_line, kLines + 2);
}

TEST(FormatFolder, CountsLines) {
    const test::ScratchFolder folder;
    const auto lines_of = [&](const std::string& text) {
        folder.write("x", text);
        const Result<format::Directory> directory = format::Directory::open(folder.path().string(), "");
        format::FileScan scan(Dialect::kPostgres);
        EXPECT_TRUE(scan.open(std::move(*directory->open_file("x"))).has_value());
        Counter counter;
        ChecksumBuilder checksum;
        const Result<format::FileFacts> facts = scan.run(counter, checksum);
        EXPECT_TRUE(facts.has_value());
        return std::pair(facts->lines, counter.lines);
    };
    EXPECT_EQ(lines_of("a"), (std::pair<int32_t, int64_t>(1, 1)));
    EXPECT_EQ(lines_of("a\n"), (std::pair<int32_t, int64_t>(1, 1)));
    EXPECT_EQ(lines_of("a\nb"), (std::pair<int32_t, int64_t>(2, 2)));
    EXPECT_EQ(lines_of("\r\n\r\n\r\n"), (std::pair<int32_t, int64_t>(3, 3)));
}

// Text that is not shown to the lexer must be such that the lexer would not
// have cared: the answer is compared with one that has seen every byte.
class PlainTextCheck : public format::LineHandler {
public:
    PlainTextCheck(const std::string& text, Dialect dialect) : text_(text), lexical_(dialect) {}
    Result<void> on_line(const format::Line& line) override {
        if (!line.starts || !line.is_comment()) return {};
        const auto begin = static_cast<size_t>(line.begin);
        lexical_.feed(std::string_view(text_).substr(fed_, begin - fed_));
        fed_ = begin;
        EXPECT_EQ(line.plain_text, lexical_.in_plain_text()) << "line " << line.number << " of:\n" << text_;
        ++comments;
        return {};
    }
    int comments = 0;

private:
    const std::string& text_;
    LexicalState lexical_;
    size_t fed_ = 0;
};

TEST(FormatFolder, KnowsPlainTextAsTheLexerDoes) {
    const char* pieces[] = {
        "-- c\n", "'",     "\"", "$a$",       "$$",         "/*",     "*/",        "copy t from stdin;\n",
        "\\.\n",  "E'\\'", "`",  "[",         "]",          "\n",     ";\n",       "1 / 2",
        "--",     "- -",   "x",  "-- it's\n", "-- $$ /*\n", "CoPy x", "\\echo '\n"};
    uint64_t state = 20250104;
    const test::ScratchFolder folder;
    int comments = 0;
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        for (int i = 0; i < 14; ++i) {
            state = state * 6364136223846793005U + 1442695040888963407U;
            text += pieces[(state >> 33) % std::size(pieces)];
            if ((state >> 20) % 3 == 0) text += "\n";
        }
        text += "\n-- end\n";
        fs::remove(folder.path() / "x");  // Replacing it would wait for the disk.
        folder.write("x", text);
        for (const Dialect dialect : {Dialect::kPostgres, Dialect::kSqlite}) {
            const Result<format::Directory> directory = format::Directory::open(folder.path().string(), "");
            format::FileScan scan(dialect);
            ASSERT_TRUE(scan.open(std::move(*directory->open_file("x"))).has_value());
            PlainTextCheck check(text, dialect);
            ChecksumBuilder checksum;
            ASSERT_TRUE(scan.run(check, checksum).has_value());
            comments += check.comments;
            ASSERT_FALSE(HasFailure());
        }
    }
    EXPECT_GT(comments, 6000);
}

}  // namespace
}  // namespace godwit
