#include "format/index.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <optional>
#include <type_traits>

#include "base/process.h"
#include "base/sha256.h"

namespace godwit::format {
namespace {

constexpr std::string_view kMagic = "godwit index 1\n";
constexpr size_t kDigest = 32;

// Values as bytes, in this machine's own order: the index never leaves it.
class Writer {
public:
    static constexpr bool kReads = false;
    explicit Writer(std::string& out) : out_(out) {}
    void raw(void* value, size_t size) { out_.append(static_cast<const char*>(value), size); }
    void text(std::string& value, size_t /*size*/) { out_ += value; }
    bool good() const { return true; }

private:
    std::string& out_;
};

class Reader {
public:
    static constexpr bool kReads = true;
    explicit Reader(std::string_view in) : in_(in) {}
    void raw(void* value, size_t size) {
        if (!take(size)) return;
        std::memcpy(value, in_.data() - size, size);
    }
    void text(std::string& value, size_t size) {
        if (take(size)) value.assign(in_.data() - size, size);
    }
    std::string_view view(size_t size) {
        return take(size) ? std::string_view(in_.data() - size, size) : std::string_view();
    }
    bool good() const { return good_; }
    bool at_end() const { return in_.empty(); }

private:
    bool take(size_t size) {
        good_ = good_ && size <= in_.size();
        if (good_) in_.remove_prefix(size);
        return good_;
    }

    std::string_view in_;
    bool good_ = true;
};

// pass() goes through a value's parts once, for writing as for reading; the
// structured bindings make a part that is added to a type an error here.
template <typename Archive, typename... Parts>
void pass_all(Archive& archive, Parts&... parts);

template <typename Archive, typename Value>
    requires(std::is_arithmetic_v<Value> || std::is_enum_v<Value>)
void pass(Archive& archive, Value& value) {
    archive.raw(&value, sizeof value);
}

template <typename Archive>
void pass(Archive& archive, std::string& value) {
    auto size = static_cast<uint32_t>(value.size());
    archive.raw(&size, sizeof size);
    archive.text(value, size);
}

template <typename Archive>
void pass(Archive& archive, std::chrono::milliseconds& value) {
    int64_t count = value.count();
    archive.raw(&count, sizeof count);
    value = std::chrono::milliseconds(count);
}

template <typename Archive>
void pass(Archive& archive, SourceSpan& value) {
    auto& [file, line, column, offset] = value;
    pass_all(archive, file, line, column, offset);
}

template <typename Archive>
void pass(Archive& archive, MigrationId& value) {
    auto& [database, version] = value;
    pass_all(archive, database, version);
}

template <typename Archive>
void pass(Archive& archive, Reference& value) {
    auto& [id, where] = value;
    pass_all(archive, id, where);
}

template <typename Archive>
void pass(Archive& archive, RawReference& value) {
    auto& [text, where, from_prose] = value;
    pass_all(archive, text, where, from_prose);
}

template <typename Archive>
void pass(Archive& archive, Script& value) {
    auto& [path, file, begin, end, first_line, first_column, commented_out, file_size, file_mtime_ns] = value;
    pass_all(archive, path, file, begin, end, first_line, first_column, commented_out, file_size, file_mtime_ns);
}

template <typename Archive>
void pass(Archive& archive, Step& value) {
    auto& [verb, body, where] = value;
    pass_all(archive, verb, body, where);
}

template <typename Archive, typename Value>
void pass(Archive& archive, std::vector<Value>& values) {
    auto size = static_cast<uint32_t>(values.size());
    archive.raw(&size, sizeof size);
    if constexpr (Archive::kReads) {
        values.clear();
        for (uint32_t i = 0; i < size && archive.good(); ++i) pass_all(archive, values.emplace_back());
    } else {
        for (Value& value : values) pass_all(archive, value);
    }
}

template <typename Archive, typename Value>
void pass(Archive& archive, std::optional<Value>& value) {
    bool there = value.has_value();
    archive.raw(&there, sizeof there);
    if (!there) return value.reset();
    if (!value) value.emplace();
    pass_all(archive, *value);
}

template <typename Archive>
void pass(Archive& archive, Body& value) {
    auto which = static_cast<uint8_t>(value.index());
    archive.raw(&which, sizeof which);
    if constexpr (Archive::kReads) {
        if (which == 1) value.emplace<Script>();
        if (which == 2) value.emplace<std::vector<Step>>();
    }
    if (auto* script = std::get_if<Script>(&value)) pass_all(archive, *script);
    if (auto* steps = std::get_if<std::vector<Step>>(&value)) pass_all(archive, *steps);
}

template <typename Archive>
void pass(Archive& archive, MigrationOptions& value) {
    auto& [transaction, lock_timeout, statement_timeout, phase] = value;
    pass_all(archive, transaction, lock_timeout, statement_timeout, phase);
}

template <typename Archive>
void pass(Archive& archive, Migration& value) {
    auto& [id, description, author, created, format, scheme, where, down_file, explicit_parents, parents,
           depends_on, labels, labels_where, up, down, unfinished, options, checksum, notes] = value;
    pass_all(archive, id, description, author, created, format, scheme, where, down_file, explicit_parents,
             parents, depends_on, labels, labels_where, up, down, unfinished, options, checksum, notes);
}

template <typename Archive>
void pass(Archive& archive, Stamp& value) {
    auto& [device, inode, size, mtime_ns, ctime_ns] = value;
    pass_all(archive, device, inode, size, mtime_ns, ctime_ns);
}

template <typename Archive, typename... Parts>
void pass_all(Archive& archive, Parts&... parts) {
    (pass(archive, parts), ...);
}

// The files of a source; those that it lacks are empty.
std::array<const std::string*, 4> files_of(const Source& source) {
    return {&source.script, &source.down_script, &source.metadata, &source.settings};
}

// Tells sources apart, and one that has gained or lost a file from itself.
std::string key_of(const Source& source) {
    std::string key(1, static_cast<char>('a' + static_cast<int>(source.kind)));
    key += source.kind == SourceKind::kFolder ? source.directory->name() : std::string_view();
    for (const std::string* file : files_of(source)) (key += '\0') += *file;
    return key;
}

// The program itself: another build may read the same files otherwise.
std::string program_stamp() {
    struct stat info{};
    if (::stat("/proc/self/exe", &info) != 0) return "";
    return fmt::format("{}:{}:{}:{}.{}", info.st_dev, info.st_ino, info.st_size, info.st_mtim.tv_sec,
                       info.st_mtim.tv_nsec);
}

std::string digest(std::string_view bytes) {
    const auto hash = sha256(bytes);
    return {hash.begin(), hash.end()};
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<size_t>(written));
    }
    return true;
}

}  // namespace

FolderIndex::FolderIndex(const Directory& directory, const FolderOptions& options, size_t migrations)
    : cache_(options.cache) {
    if (cache_.folder.empty() || migrations < cache_.least_migrations) return;
    std::string program = program_stamp();
    std::string folder = directory.real_path();
    if (program.empty() || folder.empty()) return;
    std::string database = options.database;
    std::string shown_as = options.shown_as;
    Dialect dialect = options.dialect;
    std::string kind = options.kind;
    heading_ = kMagic;
    Writer writer(heading_);
    pass_all(writer, program, folder, database, shown_as, dialect, kind);
    path_ = cache_.folder + "/" + sha256_hex(heading_.substr(kMagic.size() + program.size())).substr(0, 32) +
            ".index";
    if (load()) return;
    kept_.clear();
    entries_.clear();
}

bool FolderIndex::load() {
    const Descriptor file(::open(path_.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    struct stat info{};
    if (file.get() < 0 || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return false;
    if (info.st_uid != ::geteuid() || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0) return false;
    kept_.resize(static_cast<size_t>(info.st_size));
    if (::read(file.get(), kept_.data(), kept_.size()) != static_cast<ssize_t>(kept_.size())) return false;
    if (kept_.size() < heading_.size() + kDigest || !kept_.starts_with(heading_)) return false;
    const std::string_view all = std::string_view(kept_).substr(0, kept_.size() - kDigest);
    if (digest(all) != std::string_view(kept_).substr(all.size())) return false;
    Reader reader(all.substr(heading_.size()));
    while (!reader.at_end() && reader.good()) {
        uint32_t key_size = 0;
        uint32_t size = 0;
        pass_all(reader, key_size, size);
        const std::string_view key = reader.view(key_size);
        entries_.emplace(key, reader.view(size));
    }
    return reader.good();
}

bool FolderIndex::recall(const Source& source, ReadMigration& out) const {
    const auto entry = entries_.find(key_of(source));
    if (entry == entries_.end()) return false;
    Reader reader(entry->second);
    for (const std::string* name : files_of(source)) {
        if (name->empty()) continue;
        Stamp then;
        pass(reader, then);
        if (!reader.good() || source.directory->stamp(*name) != then) return false;
    }
    pass_all(reader, out.migration, out.depends_on);
    if (reader.good() && reader.at_end()) return true;
    out.migration = {};
    out.depends_on.clear();
    return false;
}

std::vector<Stamp> FolderIndex::stamps(const Source& source) const {
    std::vector<Stamp> stamps;
    if (path_.empty()) return stamps;
    const auto settled_before = std::chrono::system_clock::now() - cache_.settled;
    const int64_t settled_before_ns = std::chrono::nanoseconds(settled_before.time_since_epoch()).count();
    for (const std::string* name : files_of(source)) {
        if (name->empty()) continue;
        const std::optional<Stamp> stamp = source.directory->stamp(*name);
        if (!stamp || stamp->ctime_ns > settled_before_ns) return {};
        stamps.push_back(*stamp);
    }
    return stamps;
}

void FolderIndex::note(const Source& source, const std::vector<Stamp>& stamps, ReadMigration& read) {
    std::string entry;
    Writer writer(entry);
    for (Stamp stamp : stamps) pass(writer, stamp);
    pass_all(writer, read.migration, read.depends_on);
    add(key_of(source), entry);
}

void FolderIndex::keep(const Source& source) {
    const auto entry = entries_.find(key_of(source));
    if (entry != entries_.end()) add(entry->first, entry->second);
}

void FolderIndex::add(std::string_view key, std::string_view entry) {
    auto key_size = static_cast<uint32_t>(key.size());
    auto size = static_cast<uint32_t>(entry.size());
    Writer writer(noted_);
    pass_all(writer, key_size, size);
    noted_ += key;
    noted_ += entry;
}

void FolderIndex::save() const {
    if (path_.empty()) return;
    std::error_code ignored;
    std::filesystem::create_directories(cache_.folder, ignored);
    const std::string draft = path_ + "." + std::to_string(process_id());
    const Descriptor file(
        ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (file.get() < 0) return;
    const std::string all = heading_ + noted_;
    const bool written = write_all(file.get(), all) && write_all(file.get(), digest(all));
    if (!written || ::rename(draft.c_str(), path_.c_str()) != 0) ::unlink(draft.c_str());
}

}  // namespace godwit::format
