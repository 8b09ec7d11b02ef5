// The runner's lock where the server keeps sessions apart: an advisory lock of
// the session, gone with it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/postgres/connection.h"
#include "target/target.h"

namespace godwit::postgres {

// The lock's number: made of the history's full name, so that two histories in
// one database do not exclude each other. Advisory locks are per database.
int64_t lock_key(std::string_view schema, std::string_view table);

struct LockHolder {
    int pid = 0;
    std::string user;
    std::string application;
    std::string address;  // Empty for a local socket.
    std::string since;    // ISO 8601: when the session began, which is before it took the lock.
    bool idle = false;

    // "deploy@ci-7 pid 4711": what a godwit calls itself in its application name.
    std::string name() const;
    std::string detail() const;
};

struct LockTry {
    bool taken = false;
    bool lease_table = false;  // Whether `lease_table` was there once the lock was ours.
};

// Never waits.
Result<LockTry> try_session_lock(Connection& connection, int64_t key, std::string_view lease_table);
Result<void> release_session_lock(Connection& connection, int64_t key);
// Nobody: empty.
Result<std::vector<LockHolder>> find_holders(Connection& connection, int64_t key);

// Ends the holder's session and waits until it is gone. kRejected when this user
// may not do that.
Result<std::string> terminate(Connection& connection, const LockHolder& holder);

// kLocked, the holder first in the details.
Error locked_by(const std::vector<LockHolder>& holders);

}  // namespace godwit::postgres
