#include "target/sqlite/file_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace godwit::sqlite {
namespace {

// SQLite locks bytes from 1 GiB on (PENDING_BYTE, 510 bytes) and a database has
// at most 281 TB (sqlite.org/limits.html): this byte is beyond both.
constexpr off_t kLockByte = 0x7FFF'FFFF'FFFF'0000;

struct flock request(short type) {
    struct flock lock = {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = kLockByte;
    lock.l_len = 1;
    return lock;
}

Error failure(const char* what) {
    return make_error(ErrorCode::kUnavailable, std::string("cannot ") + what + " the database file: " + std::strerror(errno));
}

}  // namespace

Result<std::unique_ptr<FileLock>> FileLock::open(const std::string& path) {
    int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0) {
        return fail(make_error(ErrorCode::kUnavailable, "cannot open " + printable(path) + " to lock it: " + std::strerror(errno))
                        .with_remedy("Make the database file writable for this user."));
    }
    return std::unique_ptr<FileLock>(new FileLock(descriptor));
}

FileLock::~FileLock() { ::close(descriptor_); }

Result<bool> FileLock::try_acquire() {
    struct flock lock = request(F_WRLCK);
    if (fcntl(descriptor_, F_OFD_SETLK, &lock) == 0) return true;
    if (errno == EAGAIN || errno == EACCES) return false;
    return fail(failure("lock"));
}

void FileLock::release() {
    struct flock lock = request(F_UNLCK);
    (void)fcntl(descriptor_, F_OFD_SETLK, &lock);
}

Result<bool> FileLock::held_elsewhere() const {
    struct flock lock = request(F_WRLCK);
    if (fcntl(descriptor_, F_OFD_GETLK, &lock) != 0) return fail(failure("ask for the lock of"));
    return lock.l_type != F_UNLCK;
}

}  // namespace godwit::sqlite
