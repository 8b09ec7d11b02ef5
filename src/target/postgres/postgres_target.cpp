#include "target/postgres/postgres_target.h"

#include <fmt/format.h>

#include <optional>

#include "base/text.h"
#include "sql/destructive.h"
#include "target/postgres/alone.h"
#include "target/postgres/blockers.h"
#include "target/postgres/classifier.h"
#include "target/postgres/effects.h"
#include "target/postgres/locking.h"
#include "target/postgres/reader.h"
#include "target/postgres/record.h"
#include "target/postgres/seed_store.h"
#include "target/postgres/server.h"
#include "target/postgres/transaction.h"

namespace godwit::postgres {
namespace {

using std::chrono::milliseconds;

// When a migration began that is not the first of its transaction.
constexpr std::string_view kStarted = "current_setting('godwit.started')::timestamptz";
constexpr std::string_view kNoteStart = "SELECT pg_catalog.set_config('godwit.started', clock_timestamp()::text, true)";

// Whether a statement may have changed settings of the session: SET itself, and
// whatever calls a function. Others cannot.
bool may_disturb(const ReadStep& step) {
    static constexpr std::string_view kCallers[] = {"SELECT", "WITH", "DO", "CALL", "EXECUTE", "VALUES", "SET", "RESET"};
    if (step.session_only || step.may_commit) return true;
    const std::string_view sql = step.step.body;
    return std::any_of(std::begin(kCallers), std::end(kCallers),
                       [&](auto caller) { return equal_ignoring_case(sql.substr(0, caller.size()), caller); });
}

class PostgresTarget final : public Target {
public:
    PostgresTarget(TargetConfig config, std::unique_ptr<Server> server)
        : config_(std::move(config)),
          server_(std::move(server)),
          record_(*server_, config_.layout),
          watch_(server_->pool(), config_.listener, config_.cancellation),
          locking_(*server_, config_),
          seeds_(*server_, locking_, config_) {}

    std::string_view kind() const override { return "postgresql"; }
    std::string describe() const override { return server_->settings().describe(); }
    std::string server_version() const override { return server_->version(); }
    bool transactional() const override { return true; }

    Result<std::unique_ptr<StepReader>> read_steps(const Body& body) const override {
        return postgres::read_steps(body, [this](const SourceSpan& where, const std::string& text) {
            remark(to_string(where) + ": " + text);
        });
    }
    Result<Execution> inspect(const Migration& migration, Direction direction) const override {
        return postgres::inspect(migration, direction, config_);
    }

    Result<void> ping() override { return server_->ping(); }
    Result<void> reconnect() override {
        disturbed_ = false;
        return server_->reconnect();
    }

    Result<std::unique_ptr<Lease>> try_lock() override { return locking_.try_lock(); }
    Result<LockStatus> lock_status() override { return locking_.status(); }
    Result<std::string> release_lock(bool force) override { return locking_.release(force); }

    Result<Ledger> read_ledger() override { return record_.read(); }
    Result<void> create_ledger() override;
    Result<void> record(const RecordChange& change) override;
    Result<void> audit_begin(const AuditRecord& record) override { return run_own({record_.sql().audit_begin(record)}); }
    Result<void> audit_end(const AuditRecord& record) override { return run_own({record_.sql().audit_end(record)}); }
    Result<std::string> forced_out_by(const std::string& run_id) override;

    Result<void> apply(const ReadStep& step) override;
    Result<void> apply_alone(const ReadStep& step, const Execution& execution) override;
    Result<Effect> effect_of(const ReadStep& step) override;
    bool destroys(const Step& step) const override { return is_destructive(step.body); }
    Result<void> in_transaction(const Execution& execution, const std::function<Result<void>()>& body) override;

    SeedStore* seeds() override { return &seeds_; }

private:
    void remark(const std::string& text) const {
        if (config_.listener != nullptr) config_.listener->on_remark(text);
    }
    void echo(const std::string& text) const {
        if (config_.echo && config_.listener != nullptr) config_.listener->on_statement(text);
    }
    Result<void> add_change(const RecordChange& change);
    Result<void> transact(milliseconds lock_timeout, milliseconds statement_timeout, Stopping stopping,
                          const std::function<Result<void>()>& body);
    Result<void> run_own(const std::vector<std::string>& statements);

    const TargetConfig config_;
    std::unique_ptr<Server> server_;
    Record record_;
    BlockerWatch watch_;
    Locking locking_;
    PostgresSeedStore seeds_;
    std::optional<Transaction> transaction_;
    // Whether the session may no longer be as it began.
    bool disturbed_ = false;
    // Of the transaction: the limits to set anew after a reset, the migrations
    // recorded, and whether the next one has begun.
    std::vector<std::string> limits_;
    int recorded_ = 0;
    bool start_noted_ = false;
};

Result<void> PostgresTarget::transact(milliseconds lock_timeout, milliseconds statement_timeout, Stopping stopping,
                                      const std::function<Result<void>()>& body) {
    Connection* connection = TRY(server_->connection());
    CHECK(locking_.check());
    limits_ = server_->limits(lock_timeout, statement_timeout);
    recorded_ = 0;
    start_noted_ = false;
    watch_.watch(server_->own_session_condition(), {lock_timeout, statement_timeout});
    connection->on_wait([this](Connection::Clock::duration elapsed) { watch_.look(elapsed); });
    const bool disturbed = disturbed_;
    Server::KnownSettings known = server_->known_settings();
    const int64_t generation = server_->generation();
    transaction_.emplace(*connection, limits_, locking_.fence(), stopping);
    Result<void> done = body();
    if (done) done = transaction_->commit();
    transaction_.reset();  // Rolls back what is not committed.
    connection->on_wait({});
    if (done) return done;
    watch_.explain(done.error());
    // What was rolled back has changed no setting either.
    if (server_->generation() == generation) {
        disturbed_ = disturbed;
        server_->put_back(std::move(known));
    }
    return done;
}

Result<void> PostgresTarget::in_transaction(const Execution& execution, const std::function<Result<void>()>& body) {
    return transact(execution.lock_timeout, execution.statement_timeout, Stopping::kInterrupts, body);
}

Result<void> PostgresTarget::run_own(const std::vector<std::string>& statements) {
    return transact(config_.lock_timeout, milliseconds(0), Stopping::kWaits, [&]() -> Result<void> {
        for (const std::string& statement : statements) CHECK(transaction_->add_own(statement));
        return {};
    });
}

Result<void> PostgresTarget::apply(const ReadStep& step) {
    if (!transaction_) return fail(ErrorCode::kInternal, "a step was applied outside a transaction");
    echo(step.step.body);
    if (recorded_ > 0 && !start_noted_) {
        start_noted_ = true;
        CHECK(transaction_->add_own(kNoteStart, Origin::kOwn));
    }
    disturbed_ = disturbed_ || may_disturb(step);
    if (step.session_only) note_session_statement(*server_, step.step.body);
    if (step.data) return transaction_->copy(step.step.body, step.step.where, step.data);
    return transaction_->add(step.step.body, step.step.where);
}

Result<void> PostgresTarget::add_change(const RecordChange& change) {
    const bool ends_migration = change.kind == RecordChange::Kind::kApplied || change.kind == RecordChange::Kind::kReverted;
    CHECK(record_.add(*transaction_, change, disturbed_, recorded_ > 0 ? kStarted : ""));
    if (ends_migration && disturbed_) {
        disturbed_ = false;
        server_->note_session_reset();
        // RESET ALL took the limits away from what may follow.
        for (const std::string& limit : limits_) CHECK(transaction_->add_own(limit, Origin::kOwn));
    }
    if (ends_migration) {
        ++recorded_;
        start_noted_ = false;
    }
    return {};
}

Result<void> PostgresTarget::record(const RecordChange& change) {
    if (transaction_) return add_change(change);
    return transact(config_.lock_timeout, milliseconds(0), Stopping::kWaits, [&] { return add_change(change); });
}

Result<void> PostgresTarget::create_ledger() {
    if (config_.read_only) return fail(ErrorCode::kInternal, "the history was to be created although nothing may be written");
    CHECK(server_->connection());
    CHECK(server_->complete_shape());
    const RecordShape& shape = server_->shape();
    const bool alembic = config_.layout == HistoryLayout::kAlembic;
    if (shape.schema.empty()) {
        return fail(make_error(ErrorCode::kInvalidInput, "no schema of the search path exists, so there is none for the history")
                        .with_remedy("Name one: history = \"schema.schema_migrations\"."));
    }
    if (shape.history && shape.journal && shape.audit && (!alembic || shape.revisions)) return {};
    const Server::Quiet quiet(*server_);  // "relation already exists, skipping".
    CHECK(run_own(record_.create()));
    return record_.created();
}

Result<std::string> PostgresTarget::forced_out_by(const std::string& run_id) {
    Connection* connection = TRY(server_->connection());
    const auto rows = TRY(connection->query(record_.sql().forced_out_by(run_id)));
    return PQntuples(rows.at(0).get()) == 0 ? std::string() : text_field(rows[0], 0, 0);
}

Result<void> PostgresTarget::apply_alone(const ReadStep& step, const Execution& execution) {
    Connection* connection = TRY(server_->connection());
    CHECK(locking_.check());
    echo(step.step.body);
    CHECK(clear_way(*connection, step.step.body, [this](const std::string& text) { remark(text); }));
    disturbed_ = disturbed_ || may_disturb(step);
    const AloneLimits limits = alone_limits(step, execution, config_);
    watch_.watch(server_->own_session_condition(), {limits.lock_timeout, limits.statement_timeout});
    connection->on_wait([this](Connection::Clock::duration elapsed) { watch_.look(elapsed); });
    Result<void> done = run_alone(*server_, *connection, step, limits, locking_.fence());
    connection->on_wait({});
    if (!done) watch_.explain(done.error());
    if (done && step.session_only) note_session_statement(*server_, step.step.body);
    return done;
}

Result<Effect> PostgresTarget::effect_of(const ReadStep& step) {
    Connection* connection = TRY(server_->connection());
    return find_effect(*connection, step, [this](const std::string& text) { remark(text); });
}

}  // namespace

Result<std::unique_ptr<Target>> open_target(const TargetConfig& config) {
    std::unique_ptr<Server> server = TRY(Server::make(config));
    return std::make_unique<PostgresTarget>(config, std::move(server));
}

}  // namespace godwit::postgres
