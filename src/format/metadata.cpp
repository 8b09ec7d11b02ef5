#include "format/metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "format/script_migration.h"
#include "format/sql.h"
#include "model/version_order.h"

namespace godwit::format {
namespace {

constexpr std::array<std::string_view, 13> kMembers = {
    "version",    "name",                "description", "database_type", "migration_type", "dependencies",
    "operations", "rollback_operations", "author",      "created_at",    "target",         "when",
    "transform"};

std::string one_line(std::string_view text) {
    std::string out(trim(text));
    std::replace_if(out.begin(), out.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    return printable(out);
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

}  // namespace

Result<void> Metadata::parse() {
    root_ = TRY(parse_json(text_, shown_));
    if (root_.kind == JsonValue::Kind::kObject) return {};
    return refuse(place(root_.at), fmt::format("a migration is an object, and this is {}", name_of(root_.kind)),
                  "Write {\"version\": …, \"name\": …, \"database_type\": …}.");
}

const JsonValue* Metadata::find(std::string_view key) const {
    for (const JsonMember& member : root_.members) {
        if (member.key == key) return member.value.kind == JsonValue::Kind::kNull ? nullptr : &member.value;
    }
    return nullptr;
}

Result<std::string> Metadata::text_of(std::string_view key) const {
    const JsonValue* value = find(key);
    if (value == nullptr) return std::string();
    if (value->is_string()) return value->text;
    return refuse(place(value->at), fmt::format("{} must be a string, and this is {}", key, name_of(value->kind)),
                  "Put it in double quotes.");
}

SourceSpan Metadata::place(size_t at) const { return place_in(shown_, text_, at); }

std::string_view metadata_stem(const Source& source) {
    return without_ending(source.metadata, ".json").value_or(source.metadata);
}

Result<void> check_members(const Metadata& metadata) {
    for (const JsonMember& member : metadata.root().members) {
        if (std::find(kMembers.begin(), kMembers.end(), member.key) != kMembers.end()) continue;
        const std::vector<std::string> known(kMembers.begin(), kMembers.end());
        const auto meant = nearest(member.key, known);
        return refuse(metadata.place(member.key_at),
                      fmt::format("unknown member \"{}\"", printable(member.key)),
                      meant ? fmt::format("Did you mean {}?", *meant)
                            : fmt::format("Known are {}.", join(known, ", ")));
    }
    const std::string type = TRY(metadata.text_of("migration_type"));
    if (type.empty() || type == "schema" || type == "data") return {};
    return refuse(metadata.place(metadata.find("migration_type")->at),
                  fmt::format("migration_type \"{}\" is not known", printable(type)),
                  "It is schema or data.");
}

Result<void> check_database_type(const Metadata& metadata, const std::vector<std::string_view>& names,
                                 std::string_view folder_kind) {
    const std::string type = TRY(metadata.text_of("database_type"));
    if (std::find(names.begin(), names.end(), to_lower(type)) != names.end()) return {};
    if (type.empty()) {
        return refuse({metadata.shown()}, "database_type is missing",
                      fmt::format("Add \"database_type\": \"{}\".", names.front()));
    }
    return refuse(metadata.place(metadata.find("database_type")->at),
                  fmt::format("database_type is \"{}\", but this is a folder of migrations for {}",
                              printable(type), folder_kind),
                  "Move it to the folder of the database it is meant for.");
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

}  // namespace godwit::format
