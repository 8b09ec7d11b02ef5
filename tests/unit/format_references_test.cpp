// What `depends_on` means where the project has several databases.
#include <gtest/gtest.h>

#include "support/migration_dump.h"
#include "support/scratch_folder.h"

namespace godwit {
namespace {

// What 0002 depends on, in a folder of the database `items`.
std::string meaning_of(const std::string& reference, const std::vector<DatabaseName>& databases) {
    const test::ScratchFolder folder;
    folder.write("0001_a.sql", "SELECT 1;\n");
    folder.write("0002_b.sql", "-- godwit: depends_on=" + reference + "\nSELECT 1;\n");
    FolderOptions options;
    options.database = "items";
    options.databases = databases;
    const Result<Folder> read = read_folder(folder.path().string(), options);
    if (!read) return test::dump(read.error());
    const Reference& meant = read->migrations.back().depends_on.front();
    return meant.id.database + ":" + meant.id.version;
}

TEST(References, NameADatabaseByItsNameOrByAKindThatOnlyOneIsOf) {
    const std::vector<DatabaseName> two = {{"items", "sqlite"}, {"main", "postgresql"}};
    EXPECT_EQ(meaning_of("main:1.0.0", two), "main:1.0.0");
    EXPECT_EQ(meaning_of("postgresql:1.0.0", two), "main:1.0.0");
    EXPECT_EQ(meaning_of("Postgres:1.0.0", two), "main:1.0.0");
    EXPECT_EQ(meaning_of("sqlite:0001_a.sql", two), "items:0001");
    EXPECT_EQ(meaning_of("mongodb:1.0.0", two), "mongodb:1.0.0");  // The graph tells that there is none.
    EXPECT_EQ(meaning_of("1.0.0", two), "items:1.0.0");

    // A name goes before a kind.
    const std::vector<DatabaseName> named = {{"items", "sqlite"}, {"postgresql", "sqlite"}, {"main", "postgresql"}};
    EXPECT_EQ(meaning_of("postgresql:1.0.0", named), "postgresql:1.0.0");

    const std::vector<DatabaseName> several = {{"items", "sqlite"}, {"main", "postgresql"}, {"reports", "postgresql"}};
    EXPECT_EQ(meaning_of("postgresql:1.0.0", several),
              "invalid_input 0002_b.sql:1:23: several databases are of the kind postgresql: main, reports\n"
              "  > Name the one that is meant, as in main:1.0.0.\n");
}

}  // namespace
}  // namespace godwit
