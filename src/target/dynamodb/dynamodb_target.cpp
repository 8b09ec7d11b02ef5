#include "target/dynamodb/dynamodb_target.h"

#include "target/dynamodb/account.h"
#include "target/dynamodb/audit.h"
#include "target/dynamodb/history_table.h"
#include "target/dynamodb/lease.h"
#include "target/dynamodb/names.h"
#include "target/dynamodb/operation.h"
#include "target/dynamodb/reader.h"
#include "target/dynamodb/record.h"
#include "target/dynamodb/seed_store.h"

namespace godwit::dynamodb {
namespace {

class DynamodbTarget final : public Target {
public:
    DynamodbTarget(TargetConfig config, Account account, TableNames names)
        : config_(std::move(config)),
          account_(std::move(account)),
          names_(std::move(names)),
          client_(account_.session),
          table_(client_, names_.real(config_.history), config_.connect_timeout, config_.cancellation),
          record_(table_, config_),
          audit_(table_),
          locking_(table_, account_.session, config_, account_.lease_lasts),
          seeds_(client_, table_, names_, config_, [this] { return locking_.fence(); }) {
        // A holder that was stopped and wakes up too late sends nothing that writes.
        client_.guard_writes([this] { return locking_.check(); });
    }

    std::string_view kind() const override { return "dynamodb"; }
    std::string describe() const override { return account_.where; }
    std::string server_version() const override { return "2012-08-10"; }  // Of the service's interface.
    bool transactional() const override { return false; }

    Result<std::unique_ptr<StepReader>> read_steps(const Body& body) const override {
        return dynamodb::read_steps(body);
    }
    Result<Execution> inspect(const Migration& migration, Direction direction) const override;

    Result<void> ping() override {
        (void)TRY(table_.get(keys::kLease));
        return {};
    }
    // Each request finds a connection by itself; which are broken shows when they are used.
    Result<void> reconnect() override { return ping(); }

    Result<std::unique_ptr<Lease>> try_lock() override { return locking_.try_lock(); }
    Result<LockStatus> lock_status() override { return locking_.status(); }
    Result<std::string> release_lock(bool force) override { return locking_.release(force); }

    Result<Ledger> read_ledger() override { return record_.read(); }
    Result<void> create_ledger() override {
        CHECK(check_writable());
        return record_.create(locking_.fence());
    }
    Result<void> record(const RecordChange& change) override { return record_.change(change, locking_.fence()); }
    Result<void> audit_begin(const AuditRecord& record) override { return audit_.begin(record, locking_.fence()); }
    Result<void> audit_end(const AuditRecord& record) override { return audit_.end(record, locking_.fence()); }
    Result<std::string> forced_out_by(const std::string& /*run_id*/) override { return locking_.forced_out_by(); }

    Result<void> apply(const ReadStep& /*step*/) override {
        return fail(ErrorCode::kInternal, "DynamoDB has no transaction to apply a step in");
    }
    Result<void> apply_alone(const ReadStep& step, const Execution& execution) override;
    Result<Effect> effect_of(const ReadStep& step) override;
    bool destroys(const Step& step) const override;
    Result<std::string> inverse_of(const ReadStep& step) override;
    SeedStore* seeds() override { return &seeds_; }
    Result<void> in_transaction(const Execution& /*execution*/, const std::function<Result<void>()>& /*body*/) override {
        return fail(ErrorCode::kInternal, "DynamoDB keeps no transaction over several requests");
    }

private:
    Result<void> check_writable() const {
        if (!config_.read_only) return {};
        return fail(ErrorCode::kNotSupported, "the database was opened for reading only");
    }
    Service service_for(const Step& step);

    const TargetConfig config_;
    const Account account_;
    const TableNames names_;
    net::AwsClient client_;
    HistoryTable table_;
    Record record_;
    Audit audit_;
    Locking locking_;
    DynamodbSeedStore seeds_;
};

// A message about a step names its place, whoever wrote it.
template <typename T>
Result<T> placed(Result<T> result, const Step& step) {
    if (!result && !result.error().where.known()) result.error().where = step.where;
    return result;
}

Result<Execution> DynamodbTarget::inspect(const Migration& migration, Direction direction) const {
    Execution execution;
    execution.transactional = false;
    execution.why_not = "DynamoDB keeps no transaction over several requests";
    execution.lock_timeout = migration.options.lock_timeout.value_or(config_.lock_timeout);
    execution.statement_timeout = migration.options.statement_timeout.value_or(config_.statement_timeout);
    const auto reader = TRY(read_steps(migration.body(direction)));
    while (TRY(reader->next()) != nullptr) ++execution.steps;
    return execution;
}

Service DynamodbTarget::service_for(const Step& step) {
    return {client_, names_, config_.listener, config_.cancellation, [this] { return locking_.check(); },
            record_.checkpoint(step.body)};
}

Result<void> DynamodbTarget::apply_alone(const ReadStep& step, const Execution& /*execution*/) {
    CHECK(check_writable());
    const auto operation = TRY(parse_operation(step.step));
    TargetListener* const echo = config_.echo ? config_.listener : nullptr;
    if (echo != nullptr) echo->on_statement(step.step.body);
    CHECK(locking_.check());
    Service service = service_for(step.step);
    return placed(operation->apply(service, items_of(step, echo)), step.step);
}

Result<Effect> DynamodbTarget::effect_of(const ReadStep& step) {
    const auto operation = TRY(parse_operation(step.step));
    Service service = service_for(step.step);
    // Asked with its elements, about a step that was just refused: some are done, and
    // they stay, so the count of them must stay too.
    const bool begun = service.checkpoint != nullptr && service.checkpoint->done() > 0;
    if (begun && step.data) return Effect::kUnknowable;
    return placed(operation->effect(service), step.step);
}

bool DynamodbTarget::destroys(const Step& step) const {
    const auto operation = parse_operation(step);
    return operation && (*operation)->destructive();
}

Result<std::string> DynamodbTarget::inverse_of(const ReadStep& step) {
    const auto operation = TRY(parse_operation(step.step));
    Service service = service_for(step.step);
    service.checkpoint = nullptr;
    return placed(operation->inverse(service, items_of(step, nullptr)), step.step);
}

}  // namespace

Result<std::unique_ptr<Target>> open_target(const TargetConfig& config) {
    TableNames names = TRY(TableNames::make(config));
    CHECK(check_name(names.real(config.history)));
    return std::make_unique<DynamodbTarget>(config, TRY(open_account(config)), std::move(names));
}

}  // namespace godwit::dynamodb
