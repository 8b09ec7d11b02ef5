// Targets and runs without one of the protections. The sweep must find each of
// them out; a sweep that does not would prove nothing.
#pragma once

#include <vector>

#include "target/wrapper.h"

namespace godwit::test {

// Writes the record after the commit instead of inside the transaction.
class RecordsAfterTheCommit final : public TargetWrapper {
public:
    using TargetWrapper::TargetWrapper;

    Result<void> record(const RecordChange& change) override {
        if (!open_) return inner().record(change);
        late_.push_back(change);
        return {};
    }
    Result<void> in_transaction(const Execution& execution, const std::function<Result<void>()>& body) override {
        open_ = true;
        late_.clear();
        Result<void> done = inner().in_transaction(execution, body);
        open_ = false;
        if (!done) return done;
        for (const RecordChange& change : late_) CHECK(inner().record(change));
        return {};
    }

private:
    bool open_ = false;
    std::vector<RecordChange> late_;
};

// Replays what is in doubt.
class NeverAsksForTheEffect final : public TargetWrapper {
public:
    using TargetWrapper::TargetWrapper;
    Result<Effect> effect_of(const ReadStep&) override { return Effect::kAbsent; }
};

// Knows after a crash what was applied, and nothing of what was under way.
class KeepsNoJournal final : public TargetWrapper {
public:
    using TargetWrapper::TargetWrapper;
    Result<void> record(const RecordChange& change) override {
        if (change.kind == RecordChange::Kind::kProgress) return {};
        return inner().record(change);
    }
};

// Takes a transaction that was interrupted for one that never was.
class KeepsHalfTransactions final : public TargetWrapper {
public:
    using TargetWrapper::TargetWrapper;
    Result<void> in_transaction(const Execution& execution, const std::function<Result<void>()>& body) override {
        std::optional<Error> failed;
        CHECK(inner().in_transaction(execution, [&]() -> Result<void> {
            if (Result<void> done = body(); !done) failed = std::move(done).error();
            return {};
        }));
        if (failed) return fail(std::move(*failed));
        return {};
    }
};

}  // namespace godwit::test
