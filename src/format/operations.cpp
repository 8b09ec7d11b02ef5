#include "format/operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "format/json.h"
#include "format/script_migration.h"
#include "format/sections.h"
#include "format/sql.h"
#include "model/checksum.h"
#include "model/version_order.h"

namespace godwit::format {
namespace {

constexpr int64_t kLargestMetadata = 16 * 1024 * 1024;

constexpr std::array<std::string_view, 10> kMembers = {
    "version",      "name",       "description",         "database_type", "migration_type",
    "dependencies", "operations", "rollback_operations", "author",        "created_at"};
constexpr std::array<std::string_view, 3> kDataMembers = {"target", "when", "transform"};

// One file's JSON, with the means to point into it.
class Metadata {
public:
    Metadata(std::string shown, std::string text) : shown_(std::move(shown)), text_(std::move(text)) {}

    Result<void> parse() {
        root_ = TRY(parse_json(text_, shown_));
        if (root_.kind == JsonValue::Kind::kObject) return {};
        return refuse(place(root_.at),
                      fmt::format("a migration is an object, and this is {}", name_of(root_.kind)),
                      "Write {\"version\": …, \"name\": …, \"database_type\": …}.");
    }

    // Null when it is absent or null.
    const JsonValue* find(std::string_view key) const {
        for (const JsonMember& member : root_.members) {
            if (member.key == key)
                return member.value.kind == JsonValue::Kind::kNull ? nullptr : &member.value;
        }
        return nullptr;
    }

    // Empty when it is absent.
    Result<std::string> text_of(std::string_view key) const {
        const JsonValue* value = find(key);
        if (value == nullptr) return std::string();
        if (value->is_string()) return value->text;
        return refuse(place(value->at),
                      fmt::format("{} must be a string, and this is {}", key, name_of(value->kind)),
                      "Put it in double quotes.");
    }

    SourceSpan place(size_t at) const { return place_in(shown_, text_, at); }
    const JsonValue& root() const { return root_; }
    const std::string& shown() const { return shown_; }

private:
    std::string shown_;
    std::string text_;
    JsonValue root_;
};

std::string_view metadata_stem(const Source& source) {
    return without_ending(source.metadata, ".json").value_or(source.metadata);
}

std::string one_line(std::string_view text) {
    std::string out(trim(text));
    std::replace_if(out.begin(), out.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    return printable(out);
}

bool is_of_dialect(std::string_view type, Dialect dialect) {
    const std::string lower = to_lower(type);
    if (dialect == Dialect::kPostgres) return lower == "postgresql" || lower == "postgres";
    return lower == "sqlite" || lower == "sqlite3";
}

std::string_view name_of(Dialect dialect) { return dialect == Dialect::kPostgres ? "PostgreSQL" : "SQLite"; }

Result<void> check_database_type(const Metadata& metadata, Dialect dialect) {
    const std::string type = TRY(metadata.text_of("database_type"));
    const std::string_view wanted = dialect == Dialect::kPostgres ? "postgresql" : "sqlite";
    if (is_of_dialect(type, dialect)) return {};
    if (type.empty()) {
        return refuse({metadata.shown()}, "database_type is missing",
                      fmt::format("Add \"database_type\": \"{}\".", wanted));
    }
    return refuse(metadata.place(metadata.find("database_type")->at),
                  fmt::format("database_type is \"{}\", but this is a folder of migrations for {}",
                              printable(type), name_of(dialect)),
                  "Move it to the folder of the database it is meant for.");
}

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

Result<void> refuse_unknown_members(const Metadata& metadata) {
    for (const JsonMember& member : metadata.root().members) {
        if (std::find(kMembers.begin(), kMembers.end(), member.key) != kMembers.end()) continue;
        const std::vector<std::string> known(kMembers.begin(), kMembers.end());
        const auto meant = nearest(member.key, known);
        return refuse(metadata.place(member.key_at),
                      fmt::format("unknown member \"{}\"", printable(member.key)),
                      meant ? fmt::format("Did you mean {}?", *meant)
                            : fmt::format("Known are {}.", join(known, ", ")));
    }
    return {};
}

Result<void> check_migration_type(const Metadata& metadata) {
    const std::string type = TRY(metadata.text_of("migration_type"));
    if (type.empty() || type == "schema" || type == "data") return {};
    return refuse(metadata.place(metadata.find("migration_type")->at),
                  fmt::format("migration_type \"{}\" is not known", printable(type)),
                  "It is schema or data.");
}

Result<void> check(Metadata& metadata, Dialect dialect, const Source& source) {
    CHECK(metadata.parse());
    CHECK(check_database_type(metadata, dialect));
    CHECK(refuse_operations(metadata, dialect, source));
    CHECK(refuse_unknown_members(metadata));
    return check_migration_type(metadata);
}

Result<std::vector<RawReference>> dependencies_in(const Metadata& metadata) {
    std::vector<RawReference> dependencies;
    const JsonValue* list = metadata.find("dependencies");
    if (list == nullptr) return dependencies;
    const auto bad = [&](const JsonValue& value, std::string_view what) {
        return refuse(metadata.place(value.at), fmt::format("{}, and this is {}", what, name_of(value.kind)),
                      "Write it as [\"1.0.0\", \"postgresql:1.2.0\"].");
    };
    if (list->kind != JsonValue::Kind::kArray) return bad(*list, "dependencies must be an array");
    for (const JsonValue& item : list->items) {
        if (!item.is_string()) return bad(item, "a dependency must be a string");
        dependencies.push_back({item.text, metadata.place(item.at), false});
    }
    return dependencies;
}

// The version in the JSON counts; without one, that of the name.
Result<void> take_version(const Metadata& metadata, Migration& migration) {
    const std::string version = TRY(metadata.text_of("version"));
    if (version.empty()) {
        if (!migration.id.version.empty()) return {};
        return refuse({metadata.shown()}, "version is missing", "Add \"version\": \"1.0.0\".");
    }
    const std::optional<NamedVersion> named = version_in_name(version);
    if (!named || named->version != version) {
        return refuse(metadata.place(metadata.find("version")->at),
                      fmt::format("\"{}\" is no version", printable(version)),
                      "Versions are made of numbers: 1.2.0, 0007, 20250104_100000.");
    }
    // 001_initial_schema.json of version 1.0.0 is a running number before a version; two
    // timestamps that differ are a slip.
    const bool same_scheme = !migration.id.version.empty() && migration.scheme == named->scheme;
    if (same_scheme && compare_versions(migration.id.version, version) != 0) {
        return refuse(
            metadata.place(metadata.find("version")->at),
            fmt::format("version is {}, but the file's name says {}", version, migration.id.version),
            "Correct the one, or rename the files.");
    }
    migration.id.version = version;
    migration.scheme = named->scheme;
    return {};
}

Result<void> take_metadata(const Source& source, const Metadata& metadata, ReadMigration& out) {
    Migration& migration = out.migration;
    CHECK(take_version(metadata, migration));
    for (const std::string_view key : {"name", "description"}) {
        const std::string text = TRY(metadata.text_of(key));
        if (says_nothing(text)) continue;
        migration.description = key == "name" ? description_in_name(text) : one_line(text);
    }
    if (migration.description.empty()) migration.description = description_in_name(metadata_stem(source));
    migration.author = one_line(TRY(metadata.text_of("author")));
    migration.created = one_line(TRY(metadata.text_of("created_at")));
    for (RawReference& each : TRY(dependencies_in(metadata))) out.depends_on.push_back(std::move(each));
    return {};
}

}  // namespace

bool recognises_operations(const Source& source, const Head&) { return source.kind == SourceKind::kMetadata; }

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
