#include "format/operations.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/text.h"
#include "format/metadata.h"
#include "format/script_migration.h"
#include "format/sections.h"
#include "format/sql.h"
#include "model/checksum.h"

namespace godwit::format {
namespace {

constexpr int64_t kLargestMetadata = 16 * 1024 * 1024;
constexpr std::array<std::string_view, 3> kDataMembers = {"target", "when", "transform"};

std::vector<std::string_view> names_of(Dialect dialect) {
    if (dialect == Dialect::kPostgres) return {"postgresql", "postgres"};
    return {"sqlite", "sqlite3"};
}

std::string_view name_of(Dialect dialect) { return dialect == Dialect::kPostgres ? "PostgreSQL" : "SQLite"; }

// Statements stand in the .sql file: those in the JSON would be passed over.
Result<void> refuse_operations(const Metadata& metadata, Dialect dialect, const Source& source) {
    for (const std::string_view key : {"operations", "rollback_operations"}) {
        const JsonValue* value = metadata.find(key);
        if (value == nullptr) continue;
        if (value->kind != JsonValue::Kind::kArray) {
            return refuse(metadata.place(value->at),
                          fmt::format("{} must be an array, and this is {}", key, name_of(value->kind)),
                          "Remove it: the statements stand in the .sql file.");
        }
        if (value->items.empty()) continue;
        return refuse(metadata.place(value->items.front().at),
                      fmt::format("{} of a {} migration cannot stand in the JSON", key, name_of(dialect)),
                      fmt::format("Write them as SQL into {}{}.sql.", shown_name(metadata_stem(source)),
                                  key == "operations" ? "" : "_rollback"));
    }
    for (const std::string_view key : kDataMembers) {
        const JsonValue* value = metadata.find(key);
        if (value == nullptr) continue;
        return fail(
            make_error(ErrorCode::kNotSupported,
                       fmt::format("data migrations in JSON are not supported for {}", name_of(dialect)))
                .at(metadata.place(value->at))
                .with_remedy("Write the change as SQL."));
    }
    return {};
}

Result<void> check(Metadata& metadata, Dialect dialect, const Source& source) {
    CHECK(metadata.parse());
    CHECK(check_database_type(metadata, names_of(dialect), name_of(dialect)));
    CHECK(refuse_operations(metadata, dialect, source));
    return check_members(metadata);
}

}  // namespace

bool recognises_operations(const Source& source, const Head&) { return source.kind == SourceKind::kMetadata && !source.document; }

Result<void> read_operations(const Source& source, FileScan& scan, ReadMigration& out) {
    ChecksumBuilder checksum;
    std::string text =
        TRY(read_small_file(*source.directory, source.metadata, kLargestMetadata, scan, checksum));
    // Nobody has filled it in yet: its name alone says which migration it will be.
    const bool unfinished = trim(text).empty() && source.version;
    Metadata metadata(source.directory->shown(source.metadata), std::move(text));
    if (!unfinished) CHECK(check(metadata, scan.dialect(), source));
    if (source.script.empty()) {
        return refuse({metadata.shown()},
                      fmt::format("its script {}.sql is missing", shown_name(metadata_stem(source))),
                      "The JSON only describes the migration; write its statements into that file.");
    }
    CHECK(open_in(source, source.script, scan));
    checksum.update("\n");  // So that no byte can move from the one file to the other unseen.
    SqlGrammar grammar(scan);
    const SectionedFile file = TRY(read_sections(scan, grammar, checksum));
    out.migration.checksum = checksum.finish();
    CHECK(take_script(source, scan, file, {}, out));
    if (!unfinished) return take_metadata(source, metadata, out);
    out.migration.unfinished = SourceSpan{metadata.shown()};
    return {};
}

}  // namespace godwit::format
