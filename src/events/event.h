// Everything a run tells the outside world, as data.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>

#include "base/error.h"
#include "model/migration.h"

namespace godwit {

struct RunStarted {
    std::string command;
    int32_t migrations = 0;
};
struct RunFinished {
    std::string command;
    int32_t migrations = 0;
    std::chrono::milliseconds took{0};
};

// The runner's lock is held by someone else; sent once per holder while waiting.
struct LockAwaited {
    std::string database;
    std::string holder;
    std::chrono::milliseconds limit{0};
};

struct MigrationStarted {
    MigrationId id;
    Direction direction{};
    std::string description;
    int32_t first_step = 0;
};
// Committed and recorded.
struct MigrationFinished {
    MigrationId id;
    Direction direction{};
    std::string description;
    std::chrono::milliseconds took{0};
};
struct MigrationFailed {
    MigrationId id;
    Direction direction{};
    Error error;
};

// A step of a migration that runs statement by statement is done and recorded.
struct StepFinished {
    MigrationId id;
    Direction direction{};
    int32_t done = 0;
    int32_t total = 0;
    std::chrono::milliseconds took{0};
};

// A text of SQL goes to the server (only where echo is asked for: DB_ECHO_SQL, -v).
struct StatementSent {
    std::string database;
    std::string text;
};
// The server said something: RAISE NOTICE, warnings.
struct ServerNotice {
    std::string database;
    std::string severity;
    std::string text;
};
// The tool did something that the files do not say: dropped an invalid index,
// retries after a lock timeout, reconnects.
struct Remark {
    std::string database;
    std::string text;
};

// Progress within one migration: bytes of the script done so far.
struct ScriptProgress {
    MigrationId id;
    int64_t bytes_done = 0;
    int64_t bytes_total = 0;
    int64_t statements = 0;
};

// Demo or test data: what the rows are made from, before the first is written.
struct SeedStarted {
    std::string database;
    std::string purpose;  // "demo", "test".
    std::string seed;     // The random seed,
    std::string now;      // and what times count from: with both the same rows can be made again.
    int64_t rows = 0;
};
struct SeedProgress {
    std::string database;
    std::string what;  // "seeding", "clearing".
    std::string table;
    int64_t done = 0;
    int64_t total = 0;
};
struct SeedFinished {
    std::string database;
    std::string purpose;
    int64_t rows = 0;
    std::chrono::milliseconds took{0};
};

using Event = std::variant<RunStarted, RunFinished, LockAwaited, MigrationStarted, MigrationFinished,
                           MigrationFailed, StepFinished, StatementSent, ServerNotice, Remark, ScriptProgress,
                           SeedStarted, SeedProgress, SeedFinished>;

// Terminal, JSON lines, and later metrics are all sinks. A sink must not fail
// the run: it handles its own errors. Called from one thread at a time.
class EventSink {
public:
    virtual ~EventSink() = default;
    virtual void on(const Event& event) = 0;
};

}  // namespace godwit
