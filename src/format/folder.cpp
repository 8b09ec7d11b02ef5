#include "format/folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "format/directory.h"
#include "format/file_scan.h"
#include "format/references.h"
#include "format/registry.h"
#include "format/revision.h"
#include "format/sources.h"

namespace godwit {
namespace format {
namespace {

constexpr size_t kFaultsTold = 20;

class FolderReader {
public:
    FolderReader(const Directory& directory, const FolderOptions& options)
        : directory_(directory), options_(options), scan_(options.dialect) {}

    Result<Folder> read() {
        Sources sources = TRY(sort_into_sources(directory_));
        faults_ = std::move(sources.faults);
        notes_ = std::move(sources.notes);
        migrations_.reserve(sources.sources.size());
        for (const Source& source : sources.sources) {
            Result<ReadMigration> read = read_source(source);
            if (!read) faults_.push_back(std::move(read).error());
            else migrations_.push_back({source.kind == SourceKind::kFolder ? source.directory->shown("") : source.script,
                                        std::move(*read)});
        }
        for (const std::string& name : sources.python) take_python(name);
        if (!faults_.empty()) return fail(all_faults());
        resolve_references(migrations_, options_.database);
        Folder folder;
        folder.notes = std::move(notes_);
        folder.migrations.reserve(migrations_.size());
        for (NamedMigration& each : migrations_) folder.migrations.push_back(std::move(each.read.migration));
        return folder;
    }

private:
    Result<ReadMigration> read_source(const Source& source) {
        if (source.kind != SourceKind::kMetadata) {
            CHECK(scan_.open(TRY(source.directory->open_file(source.script))));
        }
        const std::string_view head = source.kind == SourceKind::kMetadata ? std::string_view() : scan_.head();
        const Format* format = format_of(source, head);
        if (format == nullptr) {
            return refuse({directory_.shown(source.script)}, "the name gives no version", std::string(kNamePatterns));
        }
        ReadMigration read;
        read.migration.format = format->name;
        CHECK(format->read(source, scan_, read));
        Migration& migration = read.migration;
        if (migration.id.version.size() > kLongestVersion) {
            return refuse({migration.where.file},
                          fmt::format("version {} is longer than {} characters", migration.id.version, kLongestVersion),
                          "The history table holds no longer ones; shorten it.");
        }
        migration.id.database = options_.database;
        for (Reference& parent : migration.parents) parent.id.database = options_.database;
        return read;
    }

    void take_python(const std::string& name) {
        const auto head = [&]() -> Result<std::string> {
            CHECK(scan_.open(TRY(directory_.open_file(name))));
            return std::string(scan_.head());
        }();
        const std::optional<std::string> id = head ? python_revision_id(*head) : std::nullopt;
        if (!id) {
            notes_.push_back(directory_.shown(name) + ": not a migration, ignored");
            return;
        }
        const bool converted = std::any_of(migrations_.begin(), migrations_.end(), [&](const NamedMigration& each) {
            return each.read.migration.id.version == *id;
        });
        if (converted) return;
        faults_.push_back(
            make_error(ErrorCode::kInvalidInput,
                       fmt::format("revision {} is written in Python, and Python revision files cannot be run", printable(*id)))
                .at({directory_.shown(name)})
                .with_remedy("Write it as an .sql file with the same `Revision ID:` and `Revises:`; `alembic upgrade "
                             "PARENT:REVISION --sql` prints its statements. See docs/formats/revision.md."));
    }

    // One error that tells of all: the first in full, the others in a line each.
    Error all_faults() {
        std::stable_sort(faults_.begin(), faults_.end(),
                         [](const Error& a, const Error& b) { return a.where.file < b.where.file; });
        Error first = std::move(faults_.front());
        const size_t told = std::min(faults_.size(), kFaultsTold + 1);
        for (size_t i = 1; i < told; ++i) {
            first.details.push_back(fmt::format("{}: {}", to_string(faults_[i].where), faults_[i].message));
        }
        if (told < faults_.size()) first.details.push_back(fmt::format("and {} more", faults_.size() - told));
        return first;
    }

    const Directory& directory_;
    const FolderOptions& options_;
    FileScan scan_;
    std::vector<NamedMigration> migrations_;
    std::vector<std::string> notes_;
    std::vector<Error> faults_;
};

}  // namespace
}  // namespace format

Result<Folder> read_folder(const std::string& path, const FolderOptions& options) {
    const format::Directory directory = TRY(format::Directory::open(path, options.shown_as));
    return format::FolderReader(directory, options).read();
}

}  // namespace godwit
