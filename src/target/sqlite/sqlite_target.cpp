// SQLite applies every step of a migration and its record in one transaction
// (BEGIN IMMEDIATE … COMMIT), DDL included. What it refuses inside one (VACUUM,
// some pragmas) runs by itself and is safe to repeat, so nothing is ever in
// doubt except a statement of a transaction=off file, which gets a transaction
// of its own together with its journal row.
//
// While a run writes, the rollback journal is kept and its header overwritten
// after each transaction, rather than the file deleted: as safe, and as the file
// keeps its size and place, each of its syncs has less to write. The mode is put
// back at the end, which removes the file.
#include "target/sqlite/sqlite_target.h"

#include <fmt/format.h>
#include <unistd.h>

#include <set>

#include "base/text.h"
#include "sql/destructive.h"
#include "target/sqlite/connection.h"
#include "target/sqlite/file_lock.h"
#include "target/sqlite/history.h"
#include "target/sqlite/reader.h"
#include "target/sqlite/seed_store.h"

namespace godwit {
namespace sqlite {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct Settings {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    bool foreign_keys = false;
};

Result<Settings> read_parameters(const DatabaseUrl& url) {
    Settings settings;
    for (const auto& [key, value] : url.parameters) {
        const auto wrong = [&](const std::string& allowed) {
            return fail(make_error(ErrorCode::kInvalidInput, "the SQLite URL parameter " + printable(key) + "=" + printable(value) + " is not understood")
                            .with_remedy("It takes " + allowed + "."));
        };
        if (key == "mode") {
            if (value == "ro") settings.flags = SQLITE_OPEN_READONLY;
            else if (value == "rw") settings.flags = SQLITE_OPEN_READWRITE;
            else if (value != "rwc") return wrong("ro, rw or rwc");
        } else if (key == "foreign_keys") {
            if (value != "on" && value != "off") return wrong("on or off");
            settings.foreign_keys = value == "on";
        } else {
            const auto close = nearest(key, {"mode", "foreign_keys"});
            return fail(make_error(ErrorCode::kInvalidInput, "unknown parameter " + printable(key) + " in the SQLite URL")
                            .with_remedy(close ? "Did you mean " + *close + "?" : "Known are mode and foreign_keys."));
        }
    }
    return settings;
}

class HeldLock final : public Lease {
public:
    explicit HeldLock(std::shared_ptr<FileLock> lock) : lock_(std::move(lock)) {}
    ~HeldLock() override {
        if (lock_ != nullptr) lock_->release();
    }
    Result<void> check() override { return {}; }  // The kernel keeps it while this process lives.

private:
    std::shared_ptr<FileLock> lock_;  // Null for a database in memory, which nobody else can reach.
};

class SqliteTarget final : public Target {
public:
    SqliteTarget(TargetConfig config, Settings settings)
        : config_(std::move(config)), settings_(settings), history_(config_.history, config_.layout) {}
    ~SqliteTarget() override { restore_journal_mode(); }
    SqliteTarget(const SqliteTarget&) = delete;
    SqliteTarget& operator=(const SqliteTarget&) = delete;

    std::string_view kind() const override { return "sqlite"; }
    std::string describe() const override { return config_.url.display(); }
    std::string server_version() const override { return sqlite3_libversion(); }
    bool transactional() const override { return true; }

    Result<std::unique_ptr<StepReader>> read_steps(const Body& body) const override { return sqlite::read_steps(body); }
    Result<Execution> inspect(const Migration& migration, Direction direction) const override {
        return sqlite::inspect(migration, direction, config_, settings_.foreign_keys);
    }

    Result<void> ping() override;
    Result<void> reconnect() override;
    Result<std::unique_ptr<Lease>> try_lock() override;
    Result<LockStatus> lock_status() override;
    Result<std::string> release_lock(bool force) override;
    Result<Ledger> read_ledger() override;
    Result<void> create_ledger() override;
    Result<void> record(const RecordChange& change) override;
    Result<void> audit_begin(const AuditRecord& record) override;
    Result<void> audit_end(const AuditRecord& record) override;
    Result<void> apply(const ReadStep& step) override;
    Result<void> apply_alone(const ReadStep& step, const Execution& execution) override;
    Result<Effect> effect_of(const ReadStep& step) override;
    bool destroys(const Step& step) const override { return is_destructive(step.body); }
    Result<void> in_transaction(const Execution& execution, const std::function<Result<void>()>& body) override;

    SeedStore* seeds() override { return &seeds_; }

private:
    bool missing_and_unwanted() const;
    Result<void> open();
    Result<void> prepare_to_write();
    void restore_journal_mode();
    Result<void> configure(const Execution& execution);
    Result<void> run_statement(const Step& step);
    Error locate(Error error, const Step& step, size_t statement_at) const;
    Result<std::set<std::string>> foreign_key_violations();
    Result<void> check_foreign_keys(const std::set<std::string>& before);

    TargetConfig config_;
    Settings settings_;
    History history_;
    std::shared_ptr<FileLock> lock_;       // Outlives db_: see FileLock.
    std::unique_ptr<Connection> db_;
    bool journal_mode_changed_ = false;
    steady_clock::time_point transaction_began_;
    SqliteSeedStore seeds_{config_.history, [this]() -> Result<Connection*> {
                               CHECK(prepare_to_write());
                               return db_.get();
                           }};
};

// A status or plan of a database that is not there yet reads as empty.
bool SqliteTarget::missing_and_unwanted() const {
    return db_ == nullptr && config_.read_only && config_.url.name != ":memory:" &&
           access(config_.url.name.c_str(), F_OK) != 0;
}

Result<void> SqliteTarget::open() {
    if (db_ != nullptr) return {};
    int flags = settings_.flags;
    if (config_.read_only) flags &= ~SQLITE_OPEN_CREATE;
    db_ = TRY(Connection::open(config_.url.name, flags, config_.cancellation));
    db_->set_lock_timeout(config_.lock_timeout);
    // The first read finds out whether the file is a database at all.
    Result<std::string> version = db_->value("PRAGMA schema_version");
    if (!version) {
        db_.reset();
        version.error().message = "cannot use " + describe() + ": " + version.error().message;
        return fail(std::move(version).error());
    }
    return db_->execute(settings_.foreign_keys ? "PRAGMA foreign_keys = ON" : "PRAGMA foreign_keys = OFF");
}

Result<void> SqliteTarget::ping() {
    if (missing_and_unwanted()) return {};
    return open();
}

Result<void> SqliteTarget::reconnect() {
    restore_journal_mode();
    db_.reset();
    return open();
}

Result<void> SqliteTarget::prepare_to_write() {
    CHECK(open());
    if (journal_mode_changed_) return {};
    if (TRY(db_->value("PRAGMA journal_mode")) == "delete") {
        journal_mode_changed_ = TRY(db_->value("PRAGMA journal_mode = PERSIST")) == "persist";
    }
    return {};
}

void SqliteTarget::restore_journal_mode() {
    if (!journal_mode_changed_ || db_ == nullptr) return;
    (void)db_->value("PRAGMA journal_mode = DELETE");
    journal_mode_changed_ = false;
}

Result<std::unique_ptr<Lease>> SqliteTarget::try_lock() {
    if (config_.url.name == ":memory:") return std::make_unique<HeldLock>(nullptr);
    CHECK(open());
    if (lock_ == nullptr) lock_ = TRY(FileLock::open(config_.url.name));
    if (TRY(lock_->try_acquire())) return std::make_unique<HeldLock>(lock_);
    const LockStatus status = TRY(lock_status());
    Error error = make_error(ErrorCode::kLocked, "another run holds the lock of " + describe());
    error.details.push_back("held by " + status.holder + (status.since.empty() ? "" : " since " + status.since));
    return fail(std::move(error).with_remedy("Wait for it, raise --lock-timeout, or see `godwit lock status`."));
}

Result<LockStatus> SqliteTarget::lock_status() {
    LockStatus status;
    if (config_.url.name == ":memory:" || access(config_.url.name.c_str(), F_OK) != 0) return status;
    CHECK(open());
    if (lock_ == nullptr) lock_ = TRY(FileLock::open(config_.url.name));
    status.held = TRY(lock_->held_elsewhere());
    if (!status.held) return status;
    status.detail = "kernel lock on " + describe();
    status.holder = "a run that has not written yet";
    const Result<std::vector<std::string>> running = history_.running(*db_);
    if (running && running->size() == 2) {
        status.holder = (*running)[0];
        status.since = (*running)[1] + " UTC";
    }
    return status;
}

Result<std::string> SqliteTarget::release_lock(bool /*force*/) {
    const LockStatus status = TRY(lock_status());
    if (!status.held) return std::string("nothing to release: no run holds the lock");
    return fail(make_error(ErrorCode::kLocked, "the lock belongs to a process that is alive: " + status.holder)
                    .with_remedy("End that process; the kernel frees its lock at once, however it ends."));
}

Result<Ledger> SqliteTarget::read_ledger() {
    if (missing_and_unwanted()) {
        Ledger empty;
        empty.layout = config_.layout;
        return empty;
    }
    CHECK(open());
    // One read transaction: history and journal of the same moment.
    const bool own = !db_->in_transaction();
    if (own) CHECK(db_->execute("BEGIN"));
    Result<Ledger> ledger = history_.read(*db_);
    if (own && db_->in_transaction()) CHECK(db_->execute("COMMIT"));
    return ledger;
}

Result<void> SqliteTarget::create_ledger() {
    CHECK(prepare_to_write());
    return history_.create(*db_);
}

Result<void> SqliteTarget::record(const RecordChange& change) {
    CHECK(prepare_to_write());
    const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - transaction_began_);
    return history_.record(*db_, change, took.count());
}

Result<void> SqliteTarget::audit_begin(const AuditRecord& record) {
    CHECK(prepare_to_write());
    return history_.audit_begin(*db_, record);
}

Result<void> SqliteTarget::audit_end(const AuditRecord& record) {
    CHECK(prepare_to_write());
    return history_.audit_end(*db_, record);
}

Error SqliteTarget::locate(Error error, const Step& step, size_t statement_at) const {
    const int at = sqlite3_error_offset(db_->raw());
    SourceSpan where = step.where;
    if (at >= 0 && statement_at + static_cast<size_t>(at) <= step.body.size()) {
        where = advance(step.where, std::string_view(step.body).substr(0, statement_at + static_cast<size_t>(at)));
    }
    return std::move(error).at(std::move(where));
}

// SQLite's own prepare loop: what it leaves over is the next statement.
Result<void> SqliteTarget::run_statement(const Step& step) {
    if (sets_foreign_keys(step.body)) return {};  // Done outside the transaction: see configure().
    if (config_.echo && config_.listener != nullptr) config_.listener->on_statement(step.body);
    db_->start_statement();
    const char* begin = step.body.c_str();
    const char* end = begin + step.body.size();
    for (const char* at = begin; at < end;) {
        sqlite3_stmt* raw = nullptr;
        const char* tail = nullptr;
        // The length counts the final NUL: without it SQLite copies the text.
        const int code = sqlite3_prepare_v2(db_->raw(), at, static_cast<int>(end - at) + 1, &raw, &tail);
        if (code != SQLITE_OK) return fail(locate(db_->error(code), step, static_cast<size_t>(at - begin)));
        int stepped = SQLITE_DONE;
        while (raw != nullptr && (stepped = sqlite3_step(raw)) == SQLITE_ROW) {
        }
        if (stepped != SQLITE_DONE) {
            Error error = locate(db_->error(stepped), step, static_cast<size_t>(at - begin));
            sqlite3_finalize(raw);
            return fail(std::move(error));
        }
        sqlite3_finalize(raw);
        at = tail;
    }
    return {};
}

Result<void> SqliteTarget::configure(const Execution& execution) {
    CHECK(prepare_to_write());
    db_->set_lock_timeout(execution.lock_timeout);
    db_->set_statement_timeout(execution.statement_timeout);
    if (execution.foreign_keys == ForeignKeys::kAsConfigured) return {};
    return db_->execute(execution.foreign_keys == ForeignKeys::kOn ? "PRAGMA foreign_keys = ON" : "PRAGMA foreign_keys = OFF");
}

Result<std::set<std::string>> SqliteTarget::foreign_key_violations() {
    Statement statement = TRY(db_->prepare("PRAGMA foreign_key_check"));
    std::set<std::string> found;
    while (TRY(statement.step())) {
        const std::string row = statement.is_null(1) ? "?" : statement.text(1);
        found.insert(fmt::format("{} row {} refers to a row of {} that is not there", statement.text(0), row, statement.text(2)));
    }
    return found;
}

Result<void> SqliteTarget::check_foreign_keys(const std::set<std::string>& before) {
    const std::set<std::string> after = TRY(foreign_key_violations());
    Error error = make_error(ErrorCode::kRejected, "foreign_key_check finds rows without their parent after the migration");
    for (const std::string& violation : after) {
        if (!before.contains(violation) && error.details.size() < 10) error.details.push_back(violation);
    }
    if (error.details.empty()) return {};
    return fail(std::move(error).with_remedy("Mend the migration so that every child row keeps its parent; nothing was changed."));
}

Result<void> SqliteTarget::in_transaction(const Execution& execution, const std::function<Result<void>()>& body) {
    CHECK(configure(execution));
    const bool suspended = execution.foreign_keys == ForeignKeys::kSuspended;
    std::set<std::string> before;
    if (suspended) before = TRY(foreign_key_violations());
    transaction_began_ = steady_clock::now();
    CHECK(db_->execute("BEGIN IMMEDIATE"));
    Result<void> done = body();
    if (done && suspended) done = check_foreign_keys(before);
    db_->start_statement();
    if (done) done = db_->execute("COMMIT");
    if (!done && db_->in_transaction()) (void)db_->execute("ROLLBACK");
    db_->set_statement_timeout(milliseconds(0));
    if (execution.foreign_keys != ForeignKeys::kAsConfigured) {
        CHECK(db_->execute(settings_.foreign_keys ? "PRAGMA foreign_keys = ON" : "PRAGMA foreign_keys = OFF"));
    }
    return done;
}

Result<void> SqliteTarget::apply(const ReadStep& step) { return run_statement(step.step); }

Result<void> SqliteTarget::apply_alone(const ReadStep& step, const Execution& execution) {
    CHECK(configure(execution));
    transaction_began_ = steady_clock::now();
    Result<void> done = run_statement(step.step);
    db_->set_statement_timeout(milliseconds(0));
    // A pragma of the script may have changed the mode that was set for the run.
    if (journal_mode_changed_ && TRY(db_->value("PRAGMA journal_mode")) != "persist") journal_mode_changed_ = false;
    return done;
}

// VACUUM, DETACH and the pragmas that stand alone are safe to repeat.
Result<Effect> SqliteTarget::effect_of(const ReadStep& /*step*/) { return Effect::kAbsent; }

}  // namespace
}  // namespace sqlite

Result<std::unique_ptr<Target>> open_sqlite(const TargetConfig& config) {
    const sqlite::Settings settings = TRY(sqlite::read_parameters(config.url));
    return std::unique_ptr<Target>(std::make_unique<sqlite::SqliteTarget>(config, settings));
}

void spare_sqlite_statistics() { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

}  // namespace godwit
