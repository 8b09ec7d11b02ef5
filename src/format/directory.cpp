#include "format/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/text.h"

namespace godwit::format {
namespace {

constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;

int64_t nanoseconds(const timespec& time) { return time.tv_sec * kNanosecondsPerSecond + time.tv_nsec; }

EntryKind kind_of_mode(mode_t mode) {
    if (S_ISREG(mode)) return EntryKind::kFile;
    if (S_ISDIR(mode)) return EntryKind::kFolder;
    if (S_ISLNK(mode)) return EntryKind::kLink;
    return EntryKind::kSpecial;
}

EntryKind kind_of_type(unsigned char type) {
    switch (type) {
        case DT_REG:
            return EntryKind::kFile;
        case DT_DIR:
            return EntryKind::kFolder;
        case DT_LNK:
            return EntryKind::kLink;
        case DT_UNKNOWN:
            return EntryKind::kUnknown;
        default:
            return EntryKind::kSpecial;
    }
}

// The path without links, or an empty text and errno.
std::string without_links(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
    return real ? std::string(real.get()) : std::string();
}

std::string reason() { return std::strerror(errno); }

}  // namespace

Descriptor::~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

std::string shown_name(std::string_view name) {
    if (!find_invalid_utf8(name)) return printable(name);
    std::string out;
    for (const char c : name) {
        if (static_cast<uint8_t>(c) < 0x80)
            out += printable({&c, 1});
        else
            out += fmt::format("\\x{:02x}", static_cast<uint8_t>(c));
    }
    return out;
}

Result<Directory> Directory::open(const std::string& path, std::string shown_as) {
    Directory folder;
    folder.path_ = path.empty() ? "." : path;
    folder.shown_as_ = std::move(shown_as);
    folder.descriptor_ = Descriptor(::open(folder.path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.descriptor_.get() >= 0) return folder;
    const std::string name = shown_name(folder.path_);
    if (errno == ENOENT) {
        return fail(
            make_error(ErrorCode::kInvalidInput, fmt::format("there is no folder {}", name))
                .with_remedy("Create it, or set `migrations` in godwit.toml to the folder that holds the "
                             "migration files."));
    }
    if (errno == ENOTDIR) {
        return fail(make_error(ErrorCode::kInvalidInput, fmt::format("{} is not a folder", name))
                        .with_remedy("Name the folder that holds the migration files."));
    }
    return fail(
        make_error(ErrorCode::kInvalidInput, fmt::format("folder {} cannot be read: {}", name, reason()))
            .with_remedy("Give the user who runs godwit the right to read it."));
}

Result<Directory> Directory::open_folder(const std::string& name) const {
    const int fd = ::openat(descriptor_.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return refuse(name, "cannot be read: " + reason(),
                      "Give the user who runs godwit the right to read it.");
    }
    Directory folder;
    folder.descriptor_ = Descriptor(fd);
    folder.path_ = path_ + "/" + name;
    folder.shown_as_ = shown(name) + "/";
    return folder;
}

Result<std::vector<Entry>> Directory::list() const {
    // fdopendir() takes the descriptor over, and reading moves its offset.
    const int copy = ::openat(descriptor_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(copy < 0 ? nullptr : ::fdopendir(copy), &::closedir);
    if (!stream) {
        if (copy >= 0) ::close(copy);
        return refuse("", "folder cannot be read: " + reason(), "");
    }
    std::vector<Entry> entries;
    errno = 0;
    while (const dirent* found = ::readdir(stream.get())) {
        const std::string_view name = found->d_name;
        if (name == "." || name == "..") continue;
        Entry entry{std::string(name), kind_of_type(found->d_type)};
        if (entry.kind == EntryKind::kUnknown) entry.kind = kind_of(entry.name);
        entries.push_back(std::move(entry));
        errno = 0;
    }
    if (errno != 0) return refuse("", "folder cannot be read to its end: " + reason(), "");
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return entries;
}

EntryKind Directory::kind_of(const std::string& name) const {
    struct stat info{};
    if (::fstatat(descriptor_.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
        return EntryKind::kUnknown;
    return kind_of_mode(info.st_mode);
}

std::optional<Stamp> Directory::stamp(const std::string& name) const {
    struct stat info{};
    const bool found = ::fstatat(descriptor_.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
    if (!found || !S_ISREG(info.st_mode)) return std::nullopt;
    return Stamp{info.st_dev, info.st_ino, info.st_size, nanoseconds(info.st_mtim),
                 nanoseconds(info.st_ctim)};
}

Result<OpenFile> Directory::open_file(const std::string& name) const {
    OpenFile file;
    file.path = path_ + "/" + name;
    file.shown = shown(name);
    // O_NONBLOCK: a FIFO without a writer must not hang us. It means nothing for
    // a regular file.
    constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int fd = ::openat(descriptor_.get(), name.c_str(), kFlags);
    if (fd < 0 && errno == ELOOP) {
        const std::string real = TRY(resolve_link(name));
        fd = ::open(real.c_str(), kFlags);
    }
    if (fd < 0) {
        const bool special = errno == ENXIO;  // A socket.
        if (!special) {
            return refuse(name, "cannot be read: " + reason(),
                          "Give the user who runs godwit the right to read it.");
        }
    }
    file.descriptor = Descriptor(fd);
    struct stat info{};
    if (fd < 0 || ::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        const bool folder = fd >= 0 && S_ISDIR(info.st_mode);
        return refuse(name,
                      folder ? "is a folder, not a file" : "is a FIFO, a socket or a device, not a file",
                      "Put a regular file in its place, or take it out of the folder.");
    }
    file.size = info.st_size;
    file.mtime_ns = nanoseconds(info.st_mtim);
    return file;
}

std::string Directory::real_path() const { return without_links(path_); }

Result<std::string> Directory::resolve_link(const std::string& name) const {
    const std::string root = real_path();
    const std::string real = without_links(path_ + "/" + name);
    if (root.empty() || real.empty()) {
        const std::string message = errno == ELOOP ? "is a symbolic link that leads back to itself"
                                    : errno == ENOENT
                                        ? "is a symbolic link to a file that does not exist"
                                        : "is a symbolic link that cannot be followed: " + reason();
        return refuse(name, message, "Put the file itself in its place, or remove the link.");
    }
    if (!real.starts_with(root == "/" ? root : root + "/")) {
        return refuse(name, "is a symbolic link that leaves the folder",
                      "Put the file itself in its place: what is run must lie in the migrations folder.");
    }
    return real;
}

Result<EntryKind> Directory::target_of_link(const std::string& name) const {
    struct stat info{};
    if (::fstatat(descriptor_.get(), name.c_str(), &info, 0) == 0) return kind_of_mode(info.st_mode);
    if (errno == ELOOP) {
        return refuse(name, "is a symbolic link that leads back to itself", "Remove the link.");
    }
    return EntryKind::kUnknown;
}

tl::unexpected<Error> Directory::refuse(const std::string& name, std::string message,
                                        std::string remedy) const {
    SourceSpan where;
    where.file = name.empty() ? shown_name(path_) : shown(name);
    return fail(make_error(ErrorCode::kInvalidInput, std::move(message))
                    .at(std::move(where))
                    .with_remedy(std::move(remedy)));
}

}  // namespace godwit::format
