// Who holds the locks that a statement waits for. The server forgets that when
// the wait ends, so it is asked over a second connection while the wait lasts.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/error.h"
#include "target/postgres/pool.h"
#include "target/target.h"

namespace godwit::postgres {

class BlockerWatch {
public:
    // `pool` and `listener` outlive the watch; `listener` may be null.
    BlockerWatch(ConnectionPool& pool, TargetListener* listener) : pool_(pool), listener_(listener) {}

    // From now on, look after the session that this expression selects in
    // pg_stat_activity: "w.pid = 4711". Asks the first time after a third of
    // `lock_timeout`; 0: the statement may wait for ever.
    void watch(std::string condition, std::chrono::milliseconds lock_timeout);
    // A statement has been running for `elapsed`.
    void look(std::chrono::steady_clock::duration elapsed);
    // Adds the sessions seen last to an error that tells of blocking.
    void explain(Error& error) const;

private:
    Result<std::vector<std::string>> ask();

    ConnectionPool& pool_;
    TargetListener* listener_;
    std::string condition_;
    std::chrono::milliseconds interval_{2'000};
    std::chrono::milliseconds next_look_{0};
    bool endless_ = false;  // Without a lock_timeout: say whom it waits for.
    bool blind_ = false;    // There is no second connection to be had.
    std::vector<std::string> seen_;
};

}  // namespace godwit::postgres
