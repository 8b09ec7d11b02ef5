// One migration's files as their names tell it, and what reading them gives.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "format/directive.h"
#include "format/directory.h"
#include "format/file_name.h"
#include "format/file_scan.h"
#include "model/migration.h"

namespace godwit::format {

// What a file's name says about its place among the formats.
enum class SourceKind : uint8_t {
    kPlain,        // VERSION_description.sql, or any .sql that may be a revision.
    kUpDownFiles,  // N_x.up.sql and N_x.down.sql.
    kVersioned,    // V1__x.sql, and U1__x.sql.
    kRepeatable,   // R__x.sql.
    kFolder,       // name/up.sql and name/down.sql.
    kMetadata,     // x.json, x.sql and x_rollback.sql.
};

// The files of one migration; empty names where there is none.
struct Source {
    SourceKind kind = SourceKind::kPlain;
    bool document = false;                 // kMetadata: the operations stand in the JSON itself.
    const Directory* directory = nullptr;  // Where the files are; outlives the reading.
    std::string script;                    // The file with the up part.
    std::string down_script;
    std::string metadata;
    std::string settings;                 // x.sql.conf, metadata.toml.
    std::optional<NamedVersion> version;  // From the name.
};

// What reading one gives: a migration in its place, and references that are still names.
struct ReadMigration {
    Migration& migration;
    std::vector<RawReference> depends_on;
    std::string_view kind = {};  // Of the database, as FolderOptions::kind.
};

}  // namespace godwit::format
