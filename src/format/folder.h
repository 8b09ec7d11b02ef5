// Reads a folder of migration files into migrations.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/database_name.h"
#include "model/migration.h"
#include "sql/dialect.h"

namespace godwit {

// Where what was read is remembered, so that unchanged files need not be opened
// again by the next run.
struct FolderCache {
    std::string folder;             // Made when missing; empty: nothing is remembered.
    size_t least_migrations = 100;  // Fewer are read as quickly as they are remembered.
    std::chrono::milliseconds settled{
        2'000};  // A younger file might change once more within one tick of its clock.
};

struct FolderOptions {
    std::string database = "main";  // Becomes MigrationId::database.
    Dialect dialect = Dialect::kPostgres;
    // Put before the file's name when it is shown: "migrations/" gives
    // "migrations/0001_x.sql".
    std::string shown_as;
    FolderCache cache = {};
    // All of the project, for references such as `postgresql:1.0.0`.
    std::vector<DatabaseName> databases = {};
    // What files call the database ("dynamodb"); for Dialect::kDocument, where they say it.
    std::string kind = {};
};

struct Folder {
    std::vector<Migration> migrations;  // Unordered: see Graph.
    std::vector<std::string> notes;     // "README.md: not a migration, ignored".
    size_t remembered = 0;              // How many of them were not read again.
};

// Reads every migration file directly in `path` (and, for diesel, its folders
// with up.sql). The format is told from each file's name and head; see
// docs/formats/. Every file is read to its end: checksum, UTF-8, sections.
//
// kInvalidInput, with file, line and remedy: the folder is missing; a file is
// not UTF-8 (byte offset), holds NUL, is a symlink out of the folder, a device
// or a FIFO, is empty, has no up section, repeats a section, or its head is
// malformed; a down file has no up file. All faulty files are found in one go:
// the first is the error, the others are in its details.
Result<Folder> read_folder(const std::string& path, const FolderOptions& options);

}  // namespace godwit
