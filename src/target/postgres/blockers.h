// Who holds the locks that a statement waits for. The server forgets that when
// the wait ends, so it is asked over a second connection while the wait lasts.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "base/error.h"
#include "target/postgres/pool.h"
#include "target/target.h"

namespace godwit::postgres {

class BlockerWatch {
public:
    // All outlive the watch; `listener` and `cancellation` may be null.
    BlockerWatch(ConnectionPool& pool, TargetListener* listener, const Cancellation* cancellation)
        : pool_(pool), listener_(listener), cancellation_(cancellation) {}

    struct Limits {
        std::chrono::milliseconds lock_timeout{0};       // 0: the statement may wait for ever.
        std::chrono::milliseconds statement_timeout{0};  // 0: none.
    };
    // From now on, look after the session that this expression selects in
    // pg_stat_activity: "w.pid = 4711". Asks the first time after a third of the
    // shorter limit, and once more shortly before the run's own limit of time.
    void watch(std::string condition, const Limits& limits);
    // A statement has been running for `elapsed`.
    void look(std::chrono::steady_clock::duration elapsed);
    // Adds the sessions seen last to an error that tells of blocking, or of time
    // that ran out while the statement was waiting.
    void explain(Error& error) const;

private:
    Result<std::vector<std::string>> ask();
    bool is_last_moment();

    ConnectionPool& pool_;
    TargetListener* listener_;
    const Cancellation* cancellation_;
    std::string condition_;
    std::chrono::milliseconds interval_{2'000};
    std::chrono::milliseconds next_look_{0};
    bool endless_ = false;  // Without a lock_timeout: say whom it waits for.
    bool blind_ = false;    // There is no second connection to be had.
    bool waiting_ = false;  // When it was looked at last.
    bool looked_last_ = false;  // Just before the run's time is over.
    std::vector<std::string> seen_;
};

}  // namespace godwit::postgres
