// Forwards every call to another Target. Derive to change one behaviour: inject
// a fault, count calls, take a protection away.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "target/target.h"

namespace godwit {

class TargetWrapper : public Target {
public:
    // Owns `inner`, so that destroying the wrapper ends it as it would alone.
    explicit TargetWrapper(std::unique_ptr<Target> inner) : inner_(std::move(inner)) {}

    std::string_view kind() const override { return inner_->kind(); }
    std::string describe() const override { return inner_->describe(); }
    std::string server_version() const override { return inner_->server_version(); }
    bool transactional() const override { return inner_->transactional(); }

    Result<std::unique_ptr<StepReader>> read_steps(const Body& body) const override {
        return inner_->read_steps(body);
    }
    Result<Execution> inspect(const Migration& migration, Direction direction) const override {
        return inner_->inspect(migration, direction);
    }

    Result<void> ping() override { return inner_->ping(); }
    Result<void> reconnect() override { return inner_->reconnect(); }

    Result<std::unique_ptr<Lease>> try_lock() override { return inner_->try_lock(); }
    Result<LockStatus> lock_status() override { return inner_->lock_status(); }
    Result<std::string> release_lock(bool force) override { return inner_->release_lock(force); }

    Result<Ledger> read_ledger() override { return inner_->read_ledger(); }
    Result<void> create_ledger() override { return inner_->create_ledger(); }
    Result<void> record(const RecordChange& change) override { return inner_->record(change); }

    Result<void> audit_begin(const AuditRecord& record) override { return inner_->audit_begin(record); }
    Result<void> audit_end(const AuditRecord& record) override { return inner_->audit_end(record); }
    Result<std::string> forced_out_by(const std::string& run_id) override { return inner_->forced_out_by(run_id); }

    Result<void> apply(const ReadStep& step) override { return inner_->apply(step); }
    Result<void> apply_alone(const ReadStep& step, const Execution& execution) override {
        return inner_->apply_alone(step, execution);
    }
    Result<Effect> effect_of(const ReadStep& step) override { return inner_->effect_of(step); }
    bool destroys(const Step& step) const override { return inner_->destroys(step); }
    Result<std::string> inverse_of(const ReadStep& step) override { return inner_->inverse_of(step); }
    Result<void> in_transaction(const Execution& execution,
                                const std::function<Result<void>()>& body) override {
        return inner_->in_transaction(execution, body);
    }

    ItemStore* items() override { return inner_->items(); }
    Snapshots* snapshots() override { return inner_->snapshots(); }
    Inspector* inspector() override { return inner_->inspector(); }
    SeedStore* seeds() override { return inner_->seeds(); }

protected:
    Target& inner() { return *inner_; }
    const Target& inner() const { return *inner_; }

private:
    std::unique_ptr<Target> inner_;
};

}  // namespace godwit
