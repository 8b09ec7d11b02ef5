#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>

#include "format/file_name.h"
#include "format/folder.h"
#include "format/new_file.h"
#include "format/revision.h"
#include "support/migration_dump.h"
#include "support/scratch_folder.h"

namespace godwit {
namespace {

NewMigration new_sql() {
    NewMigration migration;
    migration.version = "20250104_100000";
    migration.description = "Add e-mail to users!";
    migration.author = "Zoë Müller";
    migration.created = "2025-01-04 10:00:00";
    migration.depends_on = {"20250101_120000", "billing:1.0.0"};
    return migration;
}

// Puts `statement` behind the line that starts with `marker`.
void fill_in(const std::string& path, const std::string& marker, const std::string& statement) {
    std::string text = test::read_whole(path);
    const size_t line = text.find("\n" + marker) + 1;
    text.insert(text.find('\n', line) + 1, statement + "\n");
    std::ofstream(path, std::ios::binary) << text;
}

std::vector<std::string> versions(const std::vector<Reference>& references) {
    std::vector<std::string> out;
    for (const Reference& each : references) out.push_back(each.id.database + ":" + each.id.version);
    return out;
}

Migration read_one(const test::ScratchFolder& folder) {
    Result<Folder> result = read_folder(folder.path().string(), {});
    if (!result) {
        ADD_FAILURE() << test::dump(result.error());
        return {};
    }
    EXPECT_EQ(result->migrations.size(), 1U);
    EXPECT_TRUE(result->notes.empty());
    return std::move(result->migrations.at(0));
}

TEST(NewFile, OfSqlReadsBack) {
    const test::ScratchFolder folder;
    const auto paths = write_new_migration(folder.path().string(), new_sql());
    ASSERT_TRUE(paths.has_value());
    EXPECT_EQ(*paths, std::vector{folder.file("20250104_100000_add_e_mail_to_users.sql")});
    fill_in(paths->at(0), "-- UP", "ALTER TABLE users ADD email text;");
    fill_in(paths->at(0), "-- DOWN", "ALTER TABLE users DROP email;");
    const Migration read = read_one(folder);
    EXPECT_EQ(read.format, "sql");
    EXPECT_EQ(read.id.version, "20250104_100000");
    EXPECT_EQ(read.description, "Add e-mail to users!");
    EXPECT_EQ(read.author, "Zoë Müller");
    EXPECT_EQ(read.created, "2025-01-04 10:00:00");
    EXPECT_EQ(versions(read.depends_on), (std::vector<std::string>{"main:20250101_120000", "billing:1.0.0"}));
    EXPECT_TRUE(read.reversible());
}

TEST(NewFile, OfEachFormatButRevisionIsUnfinished) {
    for (const NewFormat format : {NewFormat::kSql, NewFormat::kOperations, NewFormat::kRevision}) {
        const test::ScratchFolder folder;
        NewMigration migration = new_sql();
        migration.format = format;
        migration.database_kind = "postgresql";
        if (format == NewFormat::kRevision) migration.version = "e6239818bb3a";
        ASSERT_TRUE(write_new_migration(folder.path().string(), migration).has_value());
        const Result<Folder> read = read_folder(folder.path().string(), {});
        ASSERT_TRUE(read.has_value()) << read.error().message;
        ASSERT_EQ(read->migrations.size(), 1U);
        // An empty revision is one that does nothing, as in Alembic.
        EXPECT_EQ(read->migrations.front().unfinished.has_value(), format != NewFormat::kRevision);
    }
}

TEST(NewFile, WithoutDetailsUsesPlaceholdersThatReadAsNothing) {
    const test::ScratchFolder folder;
    NewMigration migration;
    migration.version = "0007";
    const auto paths = write_new_migration(folder.path().string(), migration);
    ASSERT_TRUE(paths.has_value());
    EXPECT_EQ(*paths, std::vector{folder.file("0007.sql")});
    fill_in(paths->at(0), "-- UP", "SELECT 1;");
    const Migration read = read_one(folder);
    EXPECT_EQ(read.description, "");
    EXPECT_EQ(read.author, "");
    EXPECT_TRUE(read.depends_on.empty());
    EXPECT_FALSE(read.reversible());
}

TEST(NewFile, OfARevisionReadsBack) {
    const test::ScratchFolder folder;
    NewMigration migration = new_sql();
    migration.format = NewFormat::kRevision;
    migration.version = "e6239818bb3a";
    migration.parents = {"aaa", "bbb"};
    migration.labels = {"accounts", "billing"};
    const auto paths = write_new_migration(folder.path().string(), migration);
    ASSERT_TRUE(paths.has_value());
    EXPECT_EQ(*paths, std::vector{folder.file("e6239818bb3a_add_e_mail_to_users.sql")});
    const Migration read = read_one(folder);
    EXPECT_EQ(read.format, "revision");
    EXPECT_EQ(read.id.version, "e6239818bb3a");
    EXPECT_EQ(read.description, "Add e-mail to users!");
    EXPECT_EQ(read.author, "Zoë Müller");
    EXPECT_EQ(read.created, "2025-01-04 10:00:00");
    EXPECT_TRUE(read.explicit_parents);
    EXPECT_EQ(versions(read.parents), (std::vector<std::string>{"main:aaa", "main:bbb"}));
    EXPECT_EQ(versions(read.depends_on), (std::vector<std::string>{"main:20250101_120000", "billing:1.0.0"}));
    EXPECT_EQ(read.labels, (std::vector<std::string>{"accounts", "billing"}));
    EXPECT_TRUE(read.reversible());  // It does nothing yet, and so does its undoing.
}

TEST(NewFile, OfARevisionKeepsAwkwardMessages) {
    for (const std::string& message :
         {std::string("upgrade"), std::string("Upgrade: everything"), std::string("Revises: history"),
          std::string("-- dashes"), std::string("it's \"quoted\""), std::string("godwit: transaction=off"),
          std::string("/* comment */"), std::string("日本語"), std::string("line\nbreak"), std::string("'x'"),
          std::string("revision")}) {
        SCOPED_TRACE(message);
        const test::ScratchFolder folder;
        NewMigration migration;
        migration.format = NewFormat::kRevision;
        migration.version = "abc";
        migration.description = message;
        ASSERT_TRUE(write_new_migration(folder.path().string(), migration).has_value());
        std::string expected = message;
        std::replace(expected.begin(), expected.end(), '\n', ' ');
        EXPECT_EQ(read_one(folder).description, expected);
    }
}

TEST(NewFile, OfSqlKeepsAwkwardTitles) {
    for (const std::string& title :
         {std::string("UP and away"), std::string("Author: nobody"), std::string("日本語"),
          std::string("line\nbreak"), std::string("-- dashes"), std::string("see 12:30")}) {
        SCOPED_TRACE(title);
        const test::ScratchFolder folder;
        NewMigration migration = new_sql();
        migration.description = title;
        const auto paths = write_new_migration(folder.path().string(), migration);
        ASSERT_TRUE(paths.has_value());
        fill_in(paths->at(0), "-- UP: Apply", "SELECT 1;");
        std::string expected = title;
        std::replace(expected.begin(), expected.end(), '\n', ' ');
        EXPECT_EQ(read_one(folder).description, expected);
    }
}

TEST(NewFile, OfOperationsReadsBack) {
    const test::ScratchFolder folder;
    NewMigration migration = new_sql();
    migration.format = NewFormat::kOperations;
    migration.version = "1.0.0";
    migration.description = "Create \"users\" \\ Größe";
    migration.database_kind = "postgresql";
    const auto paths = write_new_migration(folder.path().string(), migration);
    ASSERT_TRUE(paths.has_value());
    EXPECT_EQ(*paths, (std::vector{folder.file("1.0.0_create_users_gre.json"),
                                   folder.file("1.0.0_create_users_gre.sql"),
                                   folder.file("1.0.0_create_users_gre_rollback.sql")}));
    std::ofstream(paths->at(1), std::ios::app) << "CREATE TABLE users (id int);\n";
    std::ofstream(paths->at(2), std::ios::app) << "DROP TABLE users;\n";
    const Migration read = read_one(folder);
    EXPECT_EQ(read.format, "operations");
    EXPECT_EQ(read.id.version, "1.0.0");
    EXPECT_EQ(read.description, "Create \"users\" \\ Größe");
    EXPECT_EQ(read.author, "Zoë Müller");
    EXPECT_EQ(read.created, "2025-01-04 10:00:00");
    EXPECT_EQ(versions(read.depends_on), (std::vector<std::string>{"main:20250101_120000", "billing:1.0.0"}));
    EXPECT_TRUE(read.reversible());
}

TEST(NewFile, NeverReplacesOne) {
    const test::ScratchFolder folder;
    NewMigration migration = new_sql();
    migration.format = NewFormat::kOperations;
    migration.database_kind = "sqlite";
    folder.write("20250104_100000_add_e_mail_to_users_rollback.sql", "precious");
    const auto paths = write_new_migration(folder.path().string(), migration);
    ASSERT_FALSE(paths.has_value());
    EXPECT_EQ(paths.error().message,
              folder.file("20250104_100000_add_e_mail_to_users_rollback.sql") + " exists already");
    EXPECT_EQ(test::read_whole(folder.file("20250104_100000_add_e_mail_to_users_rollback.sql")), "precious");
    // And nothing is left of the other two.
    EXPECT_FALSE(std::filesystem::exists(folder.file("20250104_100000_add_e_mail_to_users.json")));
    EXPECT_FALSE(std::filesystem::exists(folder.file("20250104_100000_add_e_mail_to_users.sql")));
    // A link that dangles is not followed.
    std::filesystem::create_symlink(folder.file("target"),
                                    folder.file("20250104_100000_add_e_mail_to_users.sql"));
    EXPECT_FALSE(write_new_migration(folder.path().string(), new_sql()).has_value());
    EXPECT_FALSE(std::filesystem::exists(folder.file("target")));
}

TEST(NewFile, RefusesWhatWouldNotReadBack) {
    const test::ScratchFolder folder;
    const auto message_of = [&](const NewMigration& migration) {
        const auto paths = write_new_migration(folder.path().string(), migration);
        return paths ? "no error" : paths.error().message;
    };
    NewMigration migration = new_sql();
    migration.version = "../x";
    EXPECT_EQ(message_of(migration), "\"../x\" is no version");
    migration.version = "20250104_100000_x";
    EXPECT_EQ(message_of(migration), "\"20250104_100000_x\" is no version");
    migration = new_sql();
    migration.description = "None";
    EXPECT_EQ(message_of(migration), "\"None\" would read as no description");
    migration.description = "caf\xe9";
    EXPECT_EQ(message_of(migration), "the description or the author is not UTF-8");
    migration = new_sql();
    migration.format = NewFormat::kRevision;
    migration.version = "a/b";
    EXPECT_EQ(message_of(migration), "\"a/b\" cannot be a revision id");
    migration = new_sql();
    migration.format = NewFormat::kOperations;
    migration.database_kind = "mongodb";
    EXPECT_EQ(message_of(migration), "JSON migrations for mongodb are not supported");
    EXPECT_EQ(write_new_migration(folder.file("gone"), new_sql()).error().message,
              "there is no folder for " + folder.file("gone") + "/20250104_100000_add_e_mail_to_users.sql");
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(NewFile, SlugsAreShortAndPlain) {
    EXPECT_EQ(slug("Add e-mail to users!"), "add_e_mail_to_users");
    EXPECT_EQ(slug("  --Drop--  "), "drop");
    EXPECT_EQ(slug("Größe ändern"), "gre_ndern");
    EXPECT_EQ(slug("日本語"), "");
    EXPECT_EQ(slug("../../etc/passwd"), "etc_passwd");
    EXPECT_EQ(slug(std::string(100, 'x')), std::string(60, 'x'));
    EXPECT_EQ(slug(std::string(50, 'x') + " " + std::string(50, 'y')), std::string(50, 'x'));
}

TEST(NewFile, RevisionIdsAreTwelveHexadecimalDigits) {
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i) ids.insert(new_revision_id());
    EXPECT_EQ(ids.size(), 1000U);
    for (const std::string& id : ids) {
        EXPECT_EQ(id.size(), 12U);
        EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
        EXPECT_EQ(format::revision_id_fault(id), "");
    }
}

TEST(NewFile, TimestampsAreVersions) {
    const test::ScratchFolder folder;
    const std::string version = new_timestamp_version(folder.path().string());
    const auto named = format::version_in_name(version);
    ASSERT_TRUE(named.has_value());
    EXPECT_EQ(named->version, version);
    EXPECT_EQ(named->scheme, Scheme::kTimestamp);
    EXPECT_GT(version, "20250101_000000");
}

TEST(NewFile, TimestampsOfOneFolderAreDistinct) {
    const test::ScratchFolder folder;
    std::set<std::string> versions;
    for (int number = 0; number < 5; ++number) {
        NewMigration migration = new_sql();
        migration.version = new_timestamp_version(folder.path().string());
        ASSERT_TRUE(write_new_migration(folder.path().string(), migration).has_value());
        versions.insert(migration.version);
    }
    EXPECT_EQ(versions.size(), 5U);
    EXPECT_EQ(new_timestamp_version("/no/such/folder").size(), 15U);
}

}  // namespace
}  // namespace godwit
