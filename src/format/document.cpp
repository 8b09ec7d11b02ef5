#include "format/document.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "document/element_reader.h"
#include "document/operation_reader.h"
#include "format/metadata.h"
#include "format/script_migration.h"
#include "format/sql.h"
#include "model/checksum.h"

namespace godwit::format {
namespace {

constexpr std::string_view kUp = "operations";
constexpr std::string_view kDown = "rollback_operations";
constexpr std::array<std::string_view, 3> kDataMembers = {"target", "when", "transform"};

class NoLines final : public LineHandler {
public:
    NoLines() { lexical = every_line = false; }
    Result<void> on_line(const Line&) override { return {}; }
};

// A JSON file that is one object, less what stands in its arrays of operations.
struct DocumentFile {
    Metadata metadata;
    Script whole;
    std::vector<document::Cut> cuts;

    std::optional<Script> operations(std::string_view member) const {
        for (const document::Cut& cut : cuts) {
            if (cut.member != member) continue;
            Script script = whole;
            script.begin = cut.begin;
            script.end = cut.end;
            script.first_line = cut.line;
            script.first_column = cut.column;
            return script;
        }
        return std::nullopt;
    }
};

Result<DocumentFile> read_file(const Source& source, const std::string& name, FileScan& scan,
                               ChecksumBuilder& checksum) {
    CHECK(open_in(source, name, scan));
    NoLines handler;
    const FileFacts facts = TRY(scan.run(handler, checksum));
    Script whole;
    whole.path = facts.path;
    whole.file = facts.shown;
    whole.begin = facts.begin;
    whole.end = whole.file_size = facts.size;
    whole.file_mtime_ns = facts.mtime_ns;
    document::ElementReader elements(TRY(ScriptSource::open(whole)), {whole.file, 1, 1, whole.begin},
                                     {std::string(kUp), std::string(kDown)});
    std::string text;
    std::vector<document::Cut> cuts;
    if (TRY(elements.next())) {
        // In its place, so that places within it are those in the file.
        text.append(static_cast<size_t>(elements.where().line - 1), '\n');
        text.append(static_cast<size_t>(elements.where().column - 1), ' ');
        text += elements.text();
        cuts = elements.cuts();
        const Result<bool> more = elements.next();
        if (!more || *more) {
            return refuse(more ? elements.where() : more.error().where, "a migration is one object",
                          "Put each migration into a file of its own.");
        }
    }
    return DocumentFile{Metadata(whole.file, std::move(text)), std::move(whole), std::move(cuts)};
}

bool is_empty(const DocumentFile& file) { return file.whole.begin == file.whole.end; }

std::string display_name(std::string_view kind) {
    if (kind == "dynamodb") return "DynamoDB";
    if (kind == "mongodb") return "MongoDB";
    return std::string(kind);
}

Result<void> refuse_data_migration(const Metadata& metadata, std::string_view kind) {
    for (const std::string_view key : kDataMembers) {
        const JsonValue* value = metadata.find(key);
        if (value == nullptr) continue;
        return fail(make_error(ErrorCode::kNotSupported,
                               fmt::format("data migrations in JSON are not supported for {} yet", display_name(kind)))
                        .at(metadata.place(value->at))
                        .with_remedy("Write the change as operations."));
    }
    return {};
}

struct Operations {
    Script script;
    bool any = false;
};

// Those that a member lists: nothing when it is absent.
Result<std::optional<Operations>> operations_in(const DocumentFile& file, std::string_view member) {
    const JsonValue* value = file.metadata.find(member);
    if (value == nullptr) return std::nullopt;
    if (value->kind != JsonValue::Kind::kArray) {
        return refuse(file.metadata.place(value->at),
                      fmt::format("{} must be an array, and this is {}", member, name_of(value->kind)),
                      "Write it as [{\"type\": …}, …].");
    }
    const std::optional<Script> script = file.operations(member);
    if (!script) return fail(ErrorCode::kInternal, fmt::format("{} were not found in {}", member, file.whole.file));
    const auto reader = TRY(document::read_operations(*script));
    Operations operations{*script};
    while (TRY(reader->next()) != nullptr) operations.any = true;
    return operations;
}

Result<void> take_rollback_file(const Source& source, FileScan& scan, Migration& migration) {
    ChecksumBuilder unused;  // A down file is not part of the checksum: docs/formats/.
    DocumentFile file = TRY(read_file(source, source.down_script, scan, unused));
    CHECK(file.metadata.parse());
    CHECK(check_members(file.metadata));
    if (migration.reversible()) {
        return refuse({file.whole.file}, fmt::format("is a second way back; {} has {}", migration.where.file, kDown),
                      "Keep one of the two.");
    }
    const std::optional<Operations> down = TRY(operations_in(file, kUp));
    if (!down) {
        return refuse({file.whole.file}, "operations is missing", "Write {\"operations\": [{\"type\": …}, …]}.");
    }
    migration.down = down->script;
    migration.down_file = file.whole.file;
    return {};
}

}  // namespace

bool recognises_document(const Source& source, const Head&) {
    return source.kind == SourceKind::kMetadata && source.document;
}

Result<void> read_document(const Source& source, FileScan& scan, ReadMigration& out) {
    Migration& migration = out.migration;
    ChecksumBuilder checksum;
    DocumentFile file = TRY(read_file(source, source.metadata, scan, checksum));
    migration.checksum = checksum.finish();
    migration.where = {file.whole.file, 1, 0, 0};
    migration.id.version = source.version->version;
    migration.scheme = source.version->scheme;
    migration.description = source.version->description;
    migration.up = std::vector<Step>{};
    // Nobody has filled it in yet: its name alone says which migration it will be.
    if (is_empty(file)) {
        migration.unfinished = SourceSpan{file.whole.file};
        return {};
    }
    CHECK(file.metadata.parse());
    CHECK(check_database_type(file.metadata, {out.kind}, display_name(out.kind)));
    CHECK(check_members(file.metadata));
    CHECK(refuse_data_migration(file.metadata, out.kind));
    const std::optional<Operations> up = TRY(operations_in(file, kUp));
    if (!up) return refuse({file.whole.file}, "operations is missing", "Add \"operations\": [{\"type\": …}, …].");
    migration.up = up->script;
    if (!up->any) migration.unfinished = file.metadata.place(file.metadata.find(kUp)->at);
    if (const std::optional<Operations> down = TRY(operations_in(file, kDown))) migration.down = down->script;
    if (!source.down_script.empty()) CHECK(take_rollback_file(source, scan, migration));
    return take_metadata(source, file.metadata, out);
}

}  // namespace godwit::format
