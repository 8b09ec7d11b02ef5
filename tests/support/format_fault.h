// Folders that cannot be read, each with all that is said about it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "support/migration_dump.h"
#include "support/scratch_folder.h"

namespace godwit::test {

struct Fault {
    std::string name;
    std::vector<std::pair<std::string, std::string>> files;  // Name, text.
    std::string expected;
    Dialect dialect = Dialect::kPostgres;
};

// For Dialect::kDocument the folder is one of migrations for DynamoDB.
inline void expect_told(const std::vector<Fault>& faults) {
    for (const Fault& fault : faults) {
        SCOPED_TRACE(fault.name);
        const ScratchFolder folder;
        for (const auto& [name, text] : fault.files) {
            std::filesystem::create_directories(std::filesystem::path(folder.file(name)).parent_path());
            folder.write(name, text);
        }
        const Result<Folder> read = read_folder(
            folder.path().string(), {.dialect = fault.dialect, .shown_as = "", .kind = "dynamodb"});
        ASSERT_FALSE(read.has_value());
        EXPECT_EQ(dump(read.error()), fault.expected);
        EXPECT_FALSE(read.error().remedy.empty());
    }
}

}  // namespace godwit::test
