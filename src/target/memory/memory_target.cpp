#include "target/memory/memory_target.h"

#include <algorithm>
#include <charconv>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <thread>

#include "target/memory/memory_language.h"
#include "target/memory/memory_record.h"

namespace godwit {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class MemoryLease final : public Lease {
public:
    MemoryLease(std::shared_ptr<MemoryStore> store, std::string history, uint64_t token)
        : store_(std::move(store)), history_(std::move(history)), token_(token) {}
    ~MemoryLease() override {
        const std::scoped_lock guard(store_->mutex);
        MemoryLock& lock = store_->locks[history_];
        if (lock.token == token_) lock = {};
    }

    Result<void> check() override {
        const std::scoped_lock guard(store_->mutex);
        if (store_->locks[history_].token == token_) return {};
        return fail(ErrorCode::kLocked, "the lock was lost");
    }

private:
    std::shared_ptr<MemoryStore> store_;
    std::string history_;
    uint64_t token_;
};

// UTC, to the second.
std::string iso_now() {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                       std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

milliseconds elapsed_since(steady_clock::time_point start) {
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
}

Error rejected(const ReadStep& step, std::string message) {
    return make_error(ErrorCode::kRejected, std::move(message)).at(step.step.where);
}

Result<std::string> read_data(const ReadStep& step) {
    std::string lines;
    while (true) {
        const std::string_view piece = TRY(step.data());
        if (piece.empty()) return lines;
        lines += piece;
    }
}

Result<void> edit_values(std::map<std::string, std::string>& values, const ReadStep& step,
                         const MemoryOperation& operation, const std::string& lines) {
    const std::string key(operation.key);
    switch (operation.verb) {
        case MemoryVerb::kCreate:
            if (values.try_emplace(key).second) return {};
            return fail(rejected(step, fmt::format("\"{}\" already exists", key)));
        case MemoryVerb::kDrop:
            if (values.erase(key) == 1) return {};
            return fail(rejected(step, fmt::format("\"{}\" does not exist", key)));
        case MemoryVerb::kSet: values[key] = operation.value; return {};
        case MemoryVerb::kUnset: values.erase(key); return {};
        case MemoryVerb::kAppend: values[key] += operation.value; return {};
        case MemoryVerb::kLoad: values[key] = lines; return {};
        case MemoryVerb::kInsertVersion:
        case MemoryVerb::kNotice:
        case MemoryVerb::kWait:
        case MemoryVerb::kFail:
        case MemoryVerb::kBegin:
        case MemoryVerb::kCommit: break;
    }
    return fail(ErrorCode::kInternal, "the operation changes no value");
}

}  // namespace

MemoryTarget::MemoryTarget(std::shared_ptr<MemoryStore> store, TargetConfig config)
    : store_(std::move(store)), config_(std::move(config)) {}

MemoryTarget::~MemoryTarget() {
    const std::scoped_lock guard(store_->mutex);
    MemoryLock& lock = store_->locks[config_.history];
    if (token_ != 0 && lock.token == token_) lock = {};
    if (store_->writer == this) store_->writer = nullptr;
}

Result<std::unique_ptr<StepReader>> MemoryTarget::read_steps(const Body& body) const {
    return read_memory_steps(body);
}

Result<Execution> MemoryTarget::inspect(const Migration& migration, Direction direction) const {
    Execution execution;
    execution.lock_timeout = migration.options.lock_timeout.value_or(config_.lock_timeout);
    execution.statement_timeout = migration.options.statement_timeout.value_or(config_.statement_timeout);
    const auto refuse_transaction = [&](std::string why, const SourceSpan& where) {
        if (!execution.transactional) return;
        execution.transactional = false;
        execution.why_not = std::move(why);
        execution.why_where = where;
    };
    if (!transactional()) refuse_transaction("this memory has no transactions", {});
    if (migration.options.transaction == TransactionWish::kOff) {
        refuse_transaction("the file says transaction=off", migration.where);
    }
    const std::unique_ptr<StepReader> reader = TRY(read_steps(migration.body(direction)));
    while (const ReadStep* step = TRY(reader->next())) {
        if (step->kind == StepKind::kBegin || step->kind == StepKind::kCommit) continue;
        ++execution.steps;
        if (step->kind == StepKind::kAlone) refuse_transaction(step->why_alone, step->step.where);
    }
    return execution;
}

Result<std::unique_ptr<Lease>> MemoryTarget::try_lock() {
    const std::scoped_lock guard(store_->mutex);
    MemoryLock& lock = store_->locks[config_.history];
    if (lock.token != 0) {
        return fail(make_error(ErrorCode::kLocked, "another run holds the lock")
                        .with_detail(fmt::format("held by {} since {}", lock.holder, lock.since))
                        .with_remedy("Wait for it to end."));
    }
    token_ = ++store_->last_token;
    lock = {token_, config_.owner, iso_now()};
    return std::make_unique<MemoryLease>(store_, config_.history, token_);
}

Result<LockStatus> MemoryTarget::lock_status() {
    const std::scoped_lock guard(store_->mutex);
    const MemoryLock& lock = store_->locks[config_.history];
    LockStatus status;
    if (lock.token == 0) return status;
    status.held = true;
    status.holder = lock.holder;
    status.since = lock.since;
    status.detail = fmt::format("memory lock {}", lock.token);
    return status;
}

// A handle frees its lock when it goes, so a lock that is held has a living holder.
Result<std::string> MemoryTarget::release_lock(bool force) {
    const std::scoped_lock guard(store_->mutex);
    MemoryLock& lock = store_->locks[config_.history];
    if (lock.token == 0) return std::string("no lock is held");
    if (!force) {
        return fail(make_error(ErrorCode::kLocked, "the holder of the lock is alive")
                        .with_detail(fmt::format("held by {} since {}", lock.holder, lock.since))
                        .with_remedy("Wait for it to end, or release the lock by force."));
    }
    const std::string holder = lock.holder;
    lock = {};
    return fmt::format("released the lock of {}", holder);
}

Result<Ledger> MemoryTarget::read_ledger() {
    const std::scoped_lock guard(store_->mutex);
    const MemoryContents& contents = staged_ ? *staged_ : store_->committed;
    const auto record = contents.records.find(config_.history);
    if (record != contents.records.end()) return memory_ledger_of(record->second, config_.layout);
    Ledger ledger;
    ledger.layout = config_.layout;
    return ledger;
}

Result<void> MemoryTarget::change(const std::function<Result<void>(MemoryContents&)>& edit) {
    if (config_.read_only) return fail(ErrorCode::kNotSupported, "the database was opened for reading only");
    if (staged_) return edit(*staged_);
    const std::scoped_lock guard(store_->mutex);
    if (store_->writer != nullptr) return fail(ErrorCode::kBlocked, "another transaction is open");
    return edit(store_->committed);
}

Result<MemoryRecord*> MemoryTarget::record_in(MemoryContents& contents) {
    const auto record = contents.records.find(config_.history);
    if (record != contents.records.end()) return &record->second;
    return fail(ErrorCode::kRejected, fmt::format("there is no history \"{}\"", config_.history));
}

Result<void> MemoryTarget::create_ledger() {
    return change([&](MemoryContents& contents) -> Result<void> {
        contents.records.try_emplace(config_.history);
        return {};
    });
}

Result<void> MemoryTarget::record(const RecordChange& wanted) {
    return change([&](MemoryContents& contents) -> Result<void> {
        const int64_t took_ms = staged_ ? elapsed_since(began_).count() : 0;
        return change_memory_record(*TRY(record_in(contents)), wanted, config_.layout, took_ms);
    });
}

Result<void> MemoryTarget::audit_begin(const AuditRecord& record) {
    return change([&](MemoryContents& contents) -> Result<void> {
        TRY(record_in(contents));
        store_->audit.push_back(record);
        return {};
    });
}

Result<void> MemoryTarget::audit_end(const AuditRecord& record) {
    return change([&](MemoryContents&) -> Result<void> {
        for (AuditRecord& known : store_->audit) {
            if (known.run_id == record.run_id) known = record;
        }
        return {};
    });
}

Result<void> MemoryTarget::wait(const ReadStep& step) const {
    int64_t wait_ms = 0;
    const std::string& body = step.step.body;
    if (std::from_chars(body.data(), body.data() + body.size(), wait_ms).ec != std::errc{}) {
        return fail(rejected(step, "wait takes milliseconds"));
    }
    const auto start = steady_clock::now();
    while (elapsed_since(start).count() < wait_ms) {
        if (config_.cancellation != nullptr) {
            if (Result<void> going_on = config_.cancellation->check(); !going_on) {
                return fail(std::move(going_on).error().at(step.step.where));
            }
        }
        std::this_thread::sleep_for(milliseconds(1));
    }
    return {};
}

Result<void> MemoryTarget::insert_version(const ReadStep& step, const std::string& version) {
    return change([&](MemoryContents& contents) -> Result<void> {
        std::vector<LedgerEntry>& history = TRY(record_in(contents))->history;
        const bool known = std::ranges::any_of(history, [&](const LedgerEntry& e) { return e.version == version; });
        if (known) return fail(rejected(step, fmt::format("{} is in the history already", version)));
        history.emplace_back().version = version;
        return {};
    });
}

Result<void> MemoryTarget::carry_out(const ReadStep& step) {
    const MemoryOperation operation = TRY(parse_memory_operation(step.step));
    const std::string key(operation.key);
    if (config_.echo && config_.listener != nullptr) {
        config_.listener->on_statement(fmt::format("{} {}", step.step.verb, step.step.body));
    }
    switch (operation.verb) {
        case MemoryVerb::kInsertVersion: return insert_version(step, key);
        case MemoryVerb::kWait: return wait(step);
        case MemoryVerb::kFail: return fail(rejected(step, key));
        case MemoryVerb::kNotice:
            if (config_.listener != nullptr) config_.listener->on_notice("NOTICE", key);
            return {};
        case MemoryVerb::kBegin:
        case MemoryVerb::kCommit:
            return fail(ErrorCode::kInternal, fmt::format("\"{}\" is for the runner", step.step.verb));
        case MemoryVerb::kCreate:
        case MemoryVerb::kDrop:
        case MemoryVerb::kSet:
        case MemoryVerb::kUnset:
        case MemoryVerb::kAppend:
        case MemoryVerb::kLoad: break;
    }
    std::string lines;
    if (operation.verb == MemoryVerb::kLoad) lines = TRY(read_data(step));
    return change([&](MemoryContents& contents) { return edit_values(contents.values, step, operation, lines); });
}

Result<void> MemoryTarget::apply(const ReadStep& step) {
    if (!staged_) return fail(ErrorCode::kInternal, "apply() needs an open transaction");
    if (step.kind == StepKind::kAlone) return fail(rejected(step, step.why_alone));
    return carry_out(step);
}

Result<void> MemoryTarget::apply_alone(const ReadStep& step, const Execution&) {
    if (staged_) return fail(rejected(step, "a transaction is open"));
    return carry_out(step);
}

Result<Effect> MemoryTarget::effect_of(const ReadStep& step) {
    const MemoryOperation operation = TRY(parse_memory_operation(step.step));
    const std::scoped_lock guard(store_->mutex);
    const auto value = store_->committed.values.find(std::string(operation.key));
    const bool there = value != store_->committed.values.end();
    const auto when = [](bool present) { return present ? Effect::kPresent : Effect::kAbsent; };
    switch (operation.verb) {
        case MemoryVerb::kCreate:
        case MemoryVerb::kLoad: return when(there);
        case MemoryVerb::kDrop:
        case MemoryVerb::kUnset: return when(!there);
        case MemoryVerb::kSet: return when(there && value->second == operation.value);
        case MemoryVerb::kAppend:
        case MemoryVerb::kInsertVersion: return Effect::kUnknowable;
        case MemoryVerb::kNotice:
        case MemoryVerb::kWait:
        case MemoryVerb::kFail:
        case MemoryVerb::kBegin:
        case MemoryVerb::kCommit: return Effect::kAbsent;
    }
    return Effect::kUnknowable;
}

Result<std::string> MemoryTarget::inverse_of(const ReadStep& step) {
    const MemoryOperation operation = TRY(parse_memory_operation(step.step));
    const std::string key(operation.key);
    const std::scoped_lock guard(store_->mutex);
    const auto value = store_->committed.values.find(key);
    switch (operation.verb) {
        case MemoryVerb::kCreate: return "drop " + key;
        case MemoryVerb::kDrop:
        case MemoryVerb::kSet:
        case MemoryVerb::kUnset:
        case MemoryVerb::kAppend:
        case MemoryVerb::kLoad:
            if (value == store_->committed.values.end()) return "unset " + key;
            return fmt::format("set {}={}", key, value->second);
        case MemoryVerb::kNotice: return std::string("notice nothing to take back");
        case MemoryVerb::kInsertVersion:
        case MemoryVerb::kWait:
        case MemoryVerb::kFail:
        case MemoryVerb::kBegin:
        case MemoryVerb::kCommit: break;
    }
    return std::string();
}

Result<void> MemoryTarget::in_transaction(const Execution&, const std::function<Result<void>()>& body) {
    if (!transactional()) return fail(ErrorCode::kInternal, "this memory has no transactions");
    if (config_.read_only) return fail(ErrorCode::kNotSupported, "the database was opened for reading only");
    {
        const std::scoped_lock guard(store_->mutex);
        if (store_->writer != nullptr) return fail(ErrorCode::kBlocked, "another transaction is open");
        store_->writer = this;
        staged_ = store_->committed;
        began_ = steady_clock::now();
    }
    Result<void> done = body();
    const std::scoped_lock guard(store_->mutex);
    store_->writer = nullptr;
    if (done) store_->committed = std::move(*staged_);
    staged_.reset();
    return done;
}

}  // namespace godwit
