#include "format/folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "base/text.h"
#include "format/directory.h"
#include "format/file_scan.h"
#include "format/index.h"
#include "format/references.h"
#include "format/registry.h"
#include "format/revision.h"
#include "format/sources.h"

namespace godwit {
namespace format {
namespace {

constexpr size_t kFaultsTold = 20;
// Reading a thousand small files takes longer than starting a thread.
constexpr size_t kSourcesPerThread = 200;
constexpr size_t kMostThreads = 4;
constexpr size_t kBatch = 16;

// Reads one migration after the other; each thread has its own.
class SourceReader {
public:
    explicit SourceReader(const FolderOptions& options) : options_(options), scan_(options.dialect) {}

    Result<void> read(const Source& source, ReadMigration& out) {
        head_.assign({});
        if (source.kind != SourceKind::kMetadata) {
            CHECK(scan_.open(TRY(source.directory->open_file(source.script))));
            head_.assign(scan_.head());
        }
        const Format* format = format_of(source, head_);
        if (format == nullptr) {
            return refuse({source.directory->shown(source.script)}, "the name gives no version",
                          std::string(kNamePatterns));
        }
        Migration& migration = out.migration;
        migration.format = format->name;
        CHECK(format->read(source, scan_, out));
        if (migration.id.version.size() > kLongestVersion) {
            return refuse(
                {migration.where.file},
                fmt::format("version {} is longer than {} characters", migration.id.version, kLongestVersion),
                "The history table holds no longer ones; shorten it.");
        }
        migration.id.database = options_.database;
        for (Reference& parent : migration.parents) parent.id.database = options_.database;
        return {};
    }

private:
    const FolderOptions& options_;
    FileScan scan_;
    Head head_;
};

class FolderReader {
public:
    FolderReader(const Directory& directory, const FolderOptions& options)
        : directory_(directory), options_(options) {}

    Result<Folder> read() {
        Sources sources = TRY(sort_into_sources(directory_, options_.dialect));
        faults_ = std::move(sources.faults);
        notes_ = std::move(sources.notes);
        read_all(sources.sources);
        for (const std::string& name : sources.python) take_python(name);
        if (!faults_.empty()) return fail(all_faults());
        resolve_references(sources.sources, pending(), options_, migrations_, faults_);
        if (!faults_.empty()) return fail(all_faults());
        return Folder{std::move(migrations_), std::move(notes_), remembered_};
    }

private:
    // How one source was read.
    struct Reading {
        bool remembered = false;
        std::vector<Stamp> stamps;  // Where it was not.
        std::vector<RawReference> depends_on;
    };

    void read_all(const std::vector<Source>& sources) {
        FolderIndex index(directory_, options_, sources.size());
        migrations_.resize(sources.size());
        readings_.resize(sources.size());
        std::vector<size_t> unknown;
        for (size_t i = 0; i < sources.size(); ++i) {
            ReadMigration read{migrations_[i], {}, options_.kind};
            if (index.recall(sources[i], read))
                readings_[i] = {true, {}, std::move(read.depends_on)};
            else
                unknown.push_back(i);
        }
        remembered_ = sources.size() - unknown.size();
        read_in_parallel(index, sources, unknown);
        remember(sources, index);
    }

    void read_in_parallel(const FolderIndex& index, const std::vector<Source>& sources,
                          const std::vector<size_t>& positions) {
        if (positions.empty()) return;
        std::atomic<size_t> next{0};
        const auto work = [&] {
            SourceReader reader(options_);
            for (size_t begin = next.fetch_add(kBatch); begin < positions.size();
                 begin = next.fetch_add(kBatch)) {
                const size_t end = std::min(begin + kBatch, positions.size());
                for (size_t i = begin; i < end; ++i)
                    read_one(reader, index, sources[positions[i]], positions[i]);
            }
        };
        std::vector<std::jthread> helpers;
        const size_t wanted = std::min<size_t>(kMostThreads, std::thread::hardware_concurrency());
        try {
            while (helpers.size() + 1 < std::min(wanted, positions.size() / kSourcesPerThread)) {
                helpers.emplace_back(work);
            }
        } catch (const std::system_error&) {
            // Without helpers it only takes longer.
        }
        work();
    }

    // Called from several threads, each with a reader and positions of its own.
    void read_one(SourceReader& reader, const FolderIndex& index, const Source& source, size_t position) {
        ReadMigration read{migrations_[position], {}, options_.kind};
        Reading& reading = readings_[position];
        reading.stamps = index.stamps(source);
        Result<void> done = reader.read(source, read);
        reading.depends_on = std::move(read.depends_on);
        if (done) return;
        const std::lock_guard lock(mutex_);
        faults_.push_back(std::move(done).error());
    }

    void remember(const std::vector<Source>& sources, FolderIndex& index) {
        const auto is_new = [](const Reading& each) { return !each.stamps.empty(); };
        if (!faults_.empty() || std::none_of(readings_.begin(), readings_.end(), is_new)) return;
        for (size_t i = 0; i < sources.size(); ++i) {
            ReadMigration read{migrations_[i], readings_[i].depends_on, options_.kind};
            if (readings_[i].remembered)
                index.keep(sources[i]);
            else if (is_new(readings_[i]))
                index.note(sources[i], readings_[i].stamps, read);
        }
        index.save();
    }

    std::vector<Pending> pending() {
        std::vector<Pending> all;
        for (size_t i = 0; i < readings_.size(); ++i) {
            if (!readings_[i].depends_on.empty()) all.push_back({i, std::move(readings_[i].depends_on)});
        }
        return all;
    }

    void take_python(const std::string& name) {
        const auto head = [&]() -> Result<std::string> {
            FileScan scan(options_.dialect);
            CHECK(scan.open(TRY(directory_.open_file(name))));
            return std::string(scan.head());
        }();
        const std::optional<std::string> id = head ? python_revision_id(*head) : std::nullopt;
        if (!id) {
            notes_.push_back(directory_.shown(name) + ": not a migration, ignored");
            return;
        }
        const bool converted = std::any_of(migrations_.begin(), migrations_.end(),
                                           [&](const Migration& each) { return each.id.version == *id; });
        if (converted) return;
        faults_.push_back(
            make_error(
                ErrorCode::kInvalidInput,
                fmt::format("revision {} is written in Python, and Python revision files cannot be run",
                            printable(*id)))
                .at({directory_.shown(name)})
                .with_remedy(
                    "Write it as an .sql file with the same `Revision ID:` and `Revises:`; `alembic upgrade "
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
    std::vector<Migration> migrations_;  // As many as sources, in their order.
    std::vector<Reading> readings_;      // Likewise.
    size_t remembered_ = 0;
    std::mutex mutex_;  // Guards `faults_` while threads read.
    std::vector<Error> faults_;
    std::vector<std::string> notes_;
};

}  // namespace
}  // namespace format

Result<Folder> read_folder(const std::string& path, const FolderOptions& options) {
    const format::Directory directory = TRY(format::Directory::open(path, options.shown_as));
    return format::FolderReader(directory, options).read();
}

}  // namespace godwit
