#include "target/sqlite/result_code.h"

#include <sqlite3.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace godwit::sqlite {
namespace {

struct NamedCode {
    int code;
    std::string_view name;
};

#define NAMED(code) {code, #code}

// sqlite.org/rescode.html, as of 3.40.
constexpr NamedCode kCodes[] = {
    NAMED(SQLITE_ERROR),
    NAMED(SQLITE_INTERNAL),
    NAMED(SQLITE_PERM),
    NAMED(SQLITE_ABORT),
    NAMED(SQLITE_BUSY),
    NAMED(SQLITE_LOCKED),
    NAMED(SQLITE_NOMEM),
    NAMED(SQLITE_READONLY),
    NAMED(SQLITE_INTERRUPT),
    NAMED(SQLITE_IOERR),
    NAMED(SQLITE_CORRUPT),
    NAMED(SQLITE_NOTFOUND),
    NAMED(SQLITE_FULL),
    NAMED(SQLITE_CANTOPEN),
    NAMED(SQLITE_PROTOCOL),
    NAMED(SQLITE_EMPTY),
    NAMED(SQLITE_SCHEMA),
    NAMED(SQLITE_TOOBIG),
    NAMED(SQLITE_CONSTRAINT),
    NAMED(SQLITE_MISMATCH),
    NAMED(SQLITE_MISUSE),
    NAMED(SQLITE_NOLFS),
    NAMED(SQLITE_AUTH),
    NAMED(SQLITE_FORMAT),
    NAMED(SQLITE_RANGE),
    NAMED(SQLITE_NOTADB),
    NAMED(SQLITE_ERROR_MISSING_COLLSEQ),
    NAMED(SQLITE_ERROR_RETRY),
    NAMED(SQLITE_ERROR_SNAPSHOT),
    NAMED(SQLITE_IOERR_READ),
    NAMED(SQLITE_IOERR_SHORT_READ),
    NAMED(SQLITE_IOERR_WRITE),
    NAMED(SQLITE_IOERR_FSYNC),
    NAMED(SQLITE_IOERR_DIR_FSYNC),
    NAMED(SQLITE_IOERR_TRUNCATE),
    NAMED(SQLITE_IOERR_FSTAT),
    NAMED(SQLITE_IOERR_UNLOCK),
    NAMED(SQLITE_IOERR_RDLOCK),
    NAMED(SQLITE_IOERR_DELETE),
    NAMED(SQLITE_IOERR_BLOCKED),
    NAMED(SQLITE_IOERR_NOMEM),
    NAMED(SQLITE_IOERR_ACCESS),
    NAMED(SQLITE_IOERR_CHECKRESERVEDLOCK),
    NAMED(SQLITE_IOERR_LOCK),
    NAMED(SQLITE_IOERR_CLOSE),
    NAMED(SQLITE_IOERR_DIR_CLOSE),
    NAMED(SQLITE_IOERR_SHMOPEN),
    NAMED(SQLITE_IOERR_SHMSIZE),
    NAMED(SQLITE_IOERR_SHMLOCK),
    NAMED(SQLITE_IOERR_SHMMAP),
    NAMED(SQLITE_IOERR_SEEK),
    NAMED(SQLITE_IOERR_DELETE_NOENT),
    NAMED(SQLITE_IOERR_MMAP),
    NAMED(SQLITE_IOERR_GETTEMPPATH),
    NAMED(SQLITE_IOERR_CONVPATH),
    NAMED(SQLITE_IOERR_VNODE),
    NAMED(SQLITE_IOERR_AUTH),
    NAMED(SQLITE_IOERR_BEGIN_ATOMIC),
    NAMED(SQLITE_IOERR_COMMIT_ATOMIC),
    NAMED(SQLITE_IOERR_ROLLBACK_ATOMIC),
    NAMED(SQLITE_IOERR_DATA),
    NAMED(SQLITE_IOERR_CORRUPTFS),
    NAMED(SQLITE_CANTOPEN_NOTEMPDIR),
    NAMED(SQLITE_CANTOPEN_ISDIR),
    NAMED(SQLITE_CANTOPEN_FULLPATH),
    NAMED(SQLITE_CANTOPEN_CONVPATH),
    NAMED(SQLITE_CANTOPEN_DIRTYWAL),
    NAMED(SQLITE_CANTOPEN_SYMLINK),
    NAMED(SQLITE_CORRUPT_VTAB),
    NAMED(SQLITE_CORRUPT_SEQUENCE),
    NAMED(SQLITE_CORRUPT_INDEX),
    NAMED(SQLITE_READONLY_RECOVERY),
    NAMED(SQLITE_READONLY_CANTLOCK),
    NAMED(SQLITE_READONLY_ROLLBACK),
    NAMED(SQLITE_READONLY_DBMOVED),
    NAMED(SQLITE_READONLY_CANTINIT),
    NAMED(SQLITE_READONLY_DIRECTORY),
    NAMED(SQLITE_ABORT_ROLLBACK),
    NAMED(SQLITE_CONSTRAINT_CHECK),
    NAMED(SQLITE_CONSTRAINT_COMMITHOOK),
    NAMED(SQLITE_CONSTRAINT_FOREIGNKEY),
    NAMED(SQLITE_CONSTRAINT_FUNCTION),
    NAMED(SQLITE_CONSTRAINT_NOTNULL),
    NAMED(SQLITE_CONSTRAINT_PRIMARYKEY),
    NAMED(SQLITE_CONSTRAINT_TRIGGER),
    NAMED(SQLITE_CONSTRAINT_UNIQUE),
    NAMED(SQLITE_CONSTRAINT_VTAB),
    NAMED(SQLITE_AUTH_USER),
};

#undef NAMED

}  // namespace

std::string name_of_code(int code) {
    const auto find = [](int wanted) {
        return std::find_if(std::begin(kCodes), std::end(kCodes),
                            [&](const NamedCode& each) { return each.code == wanted; });
    };
    if (const auto exact = find(code); exact != std::end(kCodes)) return std::string(exact->name);
    const auto primary = find(code & 0xFF);
    return primary == std::end(kCodes) ? std::to_string(code) : std::string(primary->name);
}

std::string remedy_for_code(int code) {
    if (code == SQLITE_READONLY_DBMOVED)
        return "The file was moved or removed meanwhile; put it back and run the command again.";
    switch (code & 0xFF) {
        case SQLITE_BUSY:
            return "Another connection is using the database; close it, or raise --lock-timeout.";
        case SQLITE_LOCKED:
            return "A statement of this same connection still reads the table; end it first.";
        case SQLITE_READONLY:
            return "Make the database file and its folder writable for this user, and leave mode=ro out of "
                   "the URL.";
        case SQLITE_CANTOPEN:
            return "Check that the folder exists and that this user may write to it; with mode=ro or mode=rw "
                   "the file "
                   "itself must be there.";
        case SQLITE_NOTADB:
            return "The file is not a SQLite database (or is encrypted); check the path.";
        case SQLITE_FULL:
            return "The disk is full; make room and run the command again.";
        case SQLITE_CORRUPT:
            return "The file is damaged; restore it from a backup, or save what `sqlite3 FILE .recover` "
                   "still reads.";
        case SQLITE_IOERR:
            return "The disk or its file system failed; see the system's log, then run the command again.";
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return "Give this user access to the database file.";
        case SQLITE_PROTOCOL:
            return "Other connections keep the database's locks busy; run the command again.";
        default:
            return "";
    }
}

}  // namespace godwit::sqlite
