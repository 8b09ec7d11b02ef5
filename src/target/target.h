// The database being migrated, and the only interface a driver must implement.
//
// Targets are deliberately dumb: they split a script by their own grammar,
// apply one step, store one change of the record, answer questions. Order,
// resumption, retries and reporting all live in run/.
//
// To add one, see docs/targets/adding.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/cancellation.h"
#include "base/result.h"
#include "base/url.h"
#include "model/ledger.h"
#include "model/migration.h"

namespace godwit {

// What a target tells while it works. Called from the thread that called the
// target. All calls must return quickly and not fail.
class TargetListener {
public:
    virtual ~TargetListener() = default;
    virtual void on_statement(std::string_view text) = 0;  // Only when TargetConfig::echo.
    virtual void on_notice(std::string_view severity, std::string_view text) = 0;
    virtual void on_remark(std::string_view text) = 0;
    // How far something that takes long has come: "index echoId-index of EchoesTable",
    // 43 of 100. `total` is 0 where nobody knows it.
    virtual void on_progress(std::string_view /*what*/, int64_t /*done*/, int64_t /*total*/) {}
};

struct PoolConfig {
    int32_t size = 5;             // Connections kept (DB_POOL_SIZE).
    int32_t max_overflow = 10;    // Connections beyond them, closed after use (DB_MAX_OVERFLOW).
    std::chrono::milliseconds timeout{30'000};  // Wait for a free one (DB_POOL_TIMEOUT).
};

struct TargetConfig {
    std::string database = "main";  // Its name in the project file.
    DatabaseUrl url;
    std::string history = "schema_migrations";  // May be schema-qualified for PostgreSQL.
    HistoryLayout layout = HistoryLayout::kSchemaMigrations;
    // 0 means none. Applied to every statement of a migration that sets no own.
    std::chrono::milliseconds lock_timeout{5'000};
    std::chrono::milliseconds statement_timeout{0};
    std::chrono::milliseconds connect_timeout{10'000};
    PoolConfig pool;
    std::string owner;        // "user@host pid 123", stored and shown as the holder of locks.
    bool echo = false;        // Report every statement to the listener.
    bool read_only = false;   // Never creates the database or any table (status, plan).
    std::string environment;   // "dev"; empty when none is chosen.
    bool is_protected = false; // The environment is: nothing is destroyed without being asked for.
    // Logical name of a table, collection or index → the real one: that of `names`, else
    // `name_template` ("{name}-{environment}"), else the same.
    std::string name_template;
    std::map<std::string, std::string> names;
    TargetListener* listener = nullptr;          // May be null; outlives the target.
    const Cancellation* cancellation = nullptr;  // May be null; polled while a statement runs.
};

// How a step may be run; found by the target's own parser.
enum class StepKind : uint8_t {
    kPlain,       // May run inside a transaction.
    kAlone,       // The server refuses it inside a transaction.
    kBegin,       // BEGIN and its like: not sent, the runner opens the transaction.
    kCommit,      // COMMIT and its like: likewise.
};

// A step as it is read, with what only its reader knows. Views into the reader
// are valid until its next call.
struct ReadStep {
    Step step;
    StepKind kind = StepKind::kPlain;
    std::string why_alone;  // "CREATE INDEX CONCURRENTLY cannot run inside a transaction".
    int64_t end_offset = 0; // In the file, after the step; for progress.
    // Changes the session and nothing else (SET without LOCAL): lost with the
    // connection, so a resumed migration applies it again by apply_alone(),
    // although it is recorded as done.
    bool session_only = false;
    // May end the transaction that it runs in (CALL): plain where the migration is
    // one transaction, alone where it is not.
    bool may_commit = false;

    // Data that follows the statement itself (COPY … FROM stdin): empty function
    // when there is none. Each call gives the next piece, an empty one at the end.
    // Data that nobody takes is skipped by the next StepReader::next().
    std::function<Result<std::string_view>()> data;
    // Where the piece that data() gave last stands; empty when nobody can tell.
    std::function<SourceSpan()> data_place;
    // Lets data() begin with the first piece again; empty where it cannot.
    std::function<void()> data_rewind;
};

// Reads the steps of one body, in order.
class StepReader {
public:
    virtual ~StepReader() = default;
    // Null at the end. Fails with kInvalidInput and a place when the input
    // cannot be accounted for to the last byte.
    virtual Result<const ReadStep*> next() = 0;
};

// SQLite: whether foreign keys are enforced while a migration runs. Changed
// outside the transaction, because inside it the server ignores the change.
enum class ForeignKeys : uint8_t {
    kAsConfigured,
    kOn,
    kSuspended,  // Off, and foreign_key_check must find nothing new before the commit.
};

// How one direction of one migration is to run; found before anything runs.
struct Execution {
    int32_t steps = 0;         // kBegin and kCommit not counted.
    bool transactional = true; // All steps in one transaction, the record with them.
    std::string why_not;       // Why not, as a clause, when transactional is false.
    SourceSpan why_where;
    ForeignKeys foreign_keys = ForeignKeys::kAsConfigured;
    std::chrono::milliseconds lock_timeout{0};       // 0: none.
    std::chrono::milliseconds statement_timeout{0};  // 0: none.
};

enum class Effect : uint8_t { kAbsent, kPresent, kUnknowable };

// Held for the duration of a run; releases on destruction.
class Lease {
public:
    virtual ~Lease() = default;
    // kLocked when the lease was lost (a session lock is lost with its connection).
    virtual Result<void> check() = 0;
};

struct LockStatus {
    bool held = false;
    std::string holder;  // "deploy@ci-7 pid 4711, application godwit 1.0", as far as the server knows.
    std::string since;   // ISO 8601, the database's clock; empty when unknown.
    std::string detail;  // "PostgreSQL session 8812 from 10.0.0.7", "lease, heartbeat 3 s ago".
};

class ItemStore;   // target/item_store.h: scan and conditional write.
class Snapshots;   // target/snapshots.h: backup and restore.
class Inspector;   // target/inspector.h: read the live schema.
class SeedStore;   // target/seed_store.h: demo and test rows that can be taken out again.

class Target {
public:
    virtual ~Target() = default;

    virtual std::string_view kind() const = 0;          // "sqlite", "postgresql", "memory".
    virtual std::string describe() const = 0;           // For people, without secrets: "app.db", "user@host:5432/app".
    virtual std::string server_version() const = 0;     // Known once connected.

    // Whether in_transaction() really is one, for steps of kind kPlain.
    virtual bool transactional() const = 0;

    // Reads a body without touching the database.
    virtual Result<std::unique_ptr<StepReader>> read_steps(const Body& body) const = 0;

    // Reads all of it and decides how it is to run, without touching the
    // database: kInvalidInput or kNotSupported with a place when it cannot.
    virtual Result<Execution> inspect(const Migration& migration, Direction direction) const = 0;

    // Connects if needed (bounded by connect_timeout) and asks something small.
    // After a lost connection: drops what is left of it and connects anew.
    virtual Result<void> ping() = 0;
    virtual Result<void> reconnect() = 0;

    // Never waits: kLocked, with the holder in the details, when another holds it.
    virtual Result<std::unique_ptr<Lease>> try_lock() = 0;
    virtual Result<LockStatus> lock_status() = 0;
    // Frees a lock whose holder is gone, or with `force` any; says what it did.
    virtual Result<std::string> release_lock(bool force) = 0;

    // Reads history and journal; tables that are not there count as empty.
    virtual Result<Ledger> read_ledger() = 0;
    // Creates history, journal and audit tables where they are missing. Called
    // under the lock.
    virtual Result<void> create_ledger() = 0;
    virtual Result<void> record(const RecordChange& change) = 0;

    virtual Result<void> audit_begin(const AuditRecord& record) = 0;
    virtual Result<void> audit_end(const AuditRecord& record) = 0;

    // Who has freed the lock by force since the run `run_id` noted its beginning in
    // the audit: "user@host", as release_lock() in run/locks.h noted it there.
    // Empty: nobody. Only a target whose lock can be taken from a living run need
    // look.
    virtual Result<std::string> forced_out_by(const std::string& /*run_id*/) { return std::string(); }

    // Applies one step inside in_transaction(). The target may hold steps back
    // and send them together: a failure may surface at a later step or at the
    // end of the transaction, but its Error always names the place of the step
    // that failed.
    virtual Result<void> apply(const ReadStep& step) = 0;

    // Applies one step of kind kAlone (or any step of a target that is not
    // transactional) by itself.
    virtual Result<void> apply_alone(const ReadStep& step, const Execution& execution) = 0;

    // Whether the database already shows the effect of `step`. Asked only when
    // resuming after a crash, of the one step whose outcome is unknown. May
    // remove the debris of a half-done step (an invalid index) and then answers
    // kAbsent.
    virtual Result<Effect> effect_of(const ReadStep& step) = 0;

    // Whether `step` takes away what cannot be brought back: asked for by name where
    // the environment is protected.
    virtual bool destroys(const Step& step) const = 0;

    // An operation that takes `step` back, as text for a later read_steps(); asked
    // just before the step is applied, and kept in the record. Empty: there is none.
    virtual Result<std::string> inverse_of(const ReadStep& /*step*/) { return std::string(); }

    // Runs `body` and keeps its effects only if it and the commit succeed.
    // kInDoubt when the connection was lost while the commit was under way.
    // Called only when transactional() is true.
    virtual Result<void> in_transaction(const Execution& execution, const std::function<Result<void>()>& body) = 0;

    // Optional abilities. Null means "this target cannot"; callers must ask.
    virtual ItemStore* items() { return nullptr; }
    virtual Snapshots* snapshots() { return nullptr; }
    virtual Inspector* inspector() { return nullptr; }
    virtual SeedStore* seeds() { return nullptr; }
};

}  // namespace godwit
