// Lists and opens the files of one folder, and of nothing outside it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace godwit::format {

// Owns a file descriptor.
class Descriptor {
public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor();
    int get() const { return fd_; }

private:
    int fd_;
};

enum class EntryKind : uint8_t { kFile, kFolder, kLink, kSpecial, kUnknown };

struct Entry {
    std::string name;
    EntryKind kind = EntryKind::kUnknown;
};

// A regular file that is open for reading, and what it was like at that moment.
struct OpenFile {
    Descriptor descriptor;
    std::string path;   // To open it again.
    std::string shown;  // For people.
    int64_t size = 0;
    int64_t mtime_ns = 0;
};

// What tells that a file is still the one that was read. A user can set the time
// of modification back, but not that of the change (ctime).
struct Stamp {
    uint64_t device = 0;
    uint64_t inode = 0;
    int64_t size = 0;
    int64_t mtime_ns = 0;
    int64_t ctime_ns = 0;
    bool operator==(const Stamp&) const = default;
};

// `name` as it may be printed: control characters and bytes that are not UTF-8
// are written as \x1b.
std::string shown_name(std::string_view name);

class Directory {
public:
    // `shown_as` is put before every name that is shown. kInvalidInput when
    // there is no such folder or it cannot be read.
    static Result<Directory> open(const std::string& path, std::string shown_as);

    // A folder directly inside; never follows a link.
    Result<Directory> open_folder(const std::string& name) const;

    // All entries but `.` and `..`, sorted by the bytes of their names.
    Result<std::vector<Entry>> list() const;

    // kInvalidInput, without waiting for anything, when it is not a regular file
    // or is a link that leaves this folder.
    Result<OpenFile> open_file(const std::string& name) const;

    // What stands behind a name whose kind the listing did not tell (kUnknown);
    // a link counts as a link.
    EntryKind kind_of(const std::string& name) const;

    // Nothing when it is no regular file: for a link too.
    std::optional<Stamp> stamp(const std::string& name) const;

    // What a symbolic link leads to; kUnknown when nothing is there. kInvalidInput
    // when links lead in a circle.
    Result<EntryKind> target_of_link(const std::string& name) const;

    // Its path without links; empty when it has gone.
    std::string real_path() const;
    // The last part of the folder's own path.
    std::string_view name() const { return std::string_view(path_).substr(path_.rfind('/') + 1); }

    std::string shown(std::string_view name) const { return shown_as_ + shown_name(name); }

private:
    Result<std::string> resolve_link(const std::string& name) const;
    tl::unexpected<Error> refuse(const std::string& name, std::string message, std::string remedy) const;

    Descriptor descriptor_;
    std::string path_;
    std::string shown_as_;
};

}  // namespace godwit::format
