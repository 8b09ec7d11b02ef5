#include "sql/script_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sql/characters.h"

namespace godwit {
namespace {

constexpr size_t kPieceBytes = 128 * 1024;

std::string error_text() { return std::strerror(errno); }

Error file_error(const Script& script, const std::string& what) {
    SourceSpan span;
    span.file = script.file;
    return make_error(ErrorCode::kInvalidInput, what).at(std::move(span));
}

class FileDescriptor {
public:
    explicit FileDescriptor(int number) : number_(number) {}
    FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&&) = delete;
    ~FileDescriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int number() const { return number_; }

private:
    int number_;
};

// Turns the `--` that starts each line into spaces, as the bytes pass by.
class CommentRemover {
public:
    explicit CommentRemover(const Script& script)
        : script_(script), line_(script.first_line), offset_(script.begin) {}

    Result<void> remove(char* text, size_t size) {
        char* const end = text + size;
        for (char* at = text; at < end;) {
            if (dashes_ == 2) {
                char* const found = static_cast<char*>(std::memchr(at, '\n', static_cast<size_t>(end - at)));
                if (found == nullptr) break;
                at = found + 1;
                dashes_ = 0;
                column_ = 1;
                ++line_;
                continue;
            }
            CHECK(line_start(*at, offset_ + (at - text)));
            ++at;
        }
        offset_ += static_cast<int64_t>(size);
        return {};
    }

    // The input must not end in half of a `--`.
    Result<void> finish() const {
        return dashes_ == 1 ? not_commented(offset_ - 1, column_ - 1) : Result<void>{};
    }

private:
    Result<void> line_start(char& c, int64_t at) {
        if (c != '-' && dashes_ == 1) return not_commented(at - 1, column_ - 1);
        if (c != '-' && !in(kSpaceBytes, c)) return not_commented(at, column_);
        ++column_;
        if (c == '-') {
            ++dashes_;
            c = ' ';
        } else if (c == '\n') {
            ++line_;
            column_ = 1;
        }
        return {};
    }

    tl::unexpected<Error> not_commented(int64_t at, int32_t column) const {
        return fail(make_error(ErrorCode::kInvalidInput,
                               "a line of this section is not commented out, as the others are")
                        .at(SourceSpan{script_.file, line_, column, at})
                        .with_remedy("Begin every line of the section with --, or none."));
    }

    const Script& script_;
    int32_t line_;
    int32_t column_ = 1;
    int64_t offset_;
    int dashes_ = 0;  // So many of the line's `--` have been read.
};

class FileSource final : public ScriptSource {
public:
    FileSource(const Script& script, FileDescriptor file)
        : script_(script), file_(std::move(file)), offset_(script.begin), remover_(script_) {}

    Result<size_t> read_into(char* buffer, size_t capacity) override {
        const size_t wanted =
            std::min(capacity, static_cast<size_t>(std::max<int64_t>(0, script_.end - offset_)));
        if (wanted == 0) {
            if (script_.commented_out) CHECK(remover_.finish());
            return size_t{0};
        }
        ssize_t got = 0;
        do {
            got = ::pread(file_.number(), buffer, wanted, offset_);
        } while (got < 0 && errno == EINTR);
        if (got < 0) return fail(file_error(script_, "cannot be read: " + error_text()));
        if (got == 0) return fail(file_error(script_, "has become shorter while it was read"));
        offset_ += got;
        if (script_.commented_out) CHECK(remover_.remove(buffer, static_cast<size_t>(got)));
        return static_cast<size_t>(got);
    }

private:
    Script script_;
    FileDescriptor file_;
    int64_t offset_;
    CommentRemover remover_;
};

int64_t nanoseconds(const timespec& time) { return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

}  // namespace

Result<std::unique_ptr<ScriptSource>> ScriptSource::open(const Script& script) {
    FileDescriptor file(::open(script.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (file.number() < 0) return fail(file_error(script, "cannot be opened: " + error_text()));
    struct stat status{};
    if (::fstat(file.number(), &status) != 0)
        return fail(file_error(script, "cannot be examined: " + error_text()));
    if (!S_ISREG(status.st_mode)) return fail(file_error(script, "is not a regular file"));
    const bool changed = (script.file_size != 0 && script.file_size != status.st_size) ||
                         (script.file_mtime_ns != 0 && script.file_mtime_ns != nanoseconds(status.st_mtim));
    if (changed) {
        return fail(file_error(script, "has changed since it was read for its checksum")
                        .with_remedy("Run the command again, and leave the file alone meanwhile."));
    }
    return std::make_unique<FileSource>(script, std::move(file));
}

Result<std::string_view> ScriptSource::read() {
    if (buffer_ == nullptr) buffer_ = std::make_unique_for_overwrite<char[]>(kPieceBytes);
    const size_t size = TRY(read_into(buffer_.get(), kPieceBytes));
    return std::string_view(buffer_.get(), size);
}

}  // namespace godwit
