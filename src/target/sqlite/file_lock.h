// The runner's lock of a SQLite database: a kernel lock on the database file.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "target/target.h"

namespace godwit::sqlite {

// An open-file-description lock (fcntl F_OFD_SETLK) on one byte far beyond any
// that SQLite uses, so that the kernel frees it when its holder dies, it works
// before the first table exists, and it never travels in a copy of the file.
// Closing another descriptor of the same file does not drop it, nor does
// closing this one disturb SQLite's own locks, which belong to the process only
// while it has none of its own descriptors closed: hence one FileLock is kept
// open for as long as its connection.
class FileLock {
public:
    // The file must exist. Null result: not possible for this path (":memory:").
    static Result<std::unique_ptr<FileLock>> open(const std::string& path);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

    // False when another holds it.
    Result<bool> try_acquire();
    void release();
    // Whether anybody else holds it.
    Result<bool> held_elsewhere() const;

private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

}  // namespace godwit::sqlite
