// Fails one chosen write of a target, before or after it takes effect.
#pragma once

#include <csignal>
#include <string>

#include "base/cancellation.h"
#include "target/wrapper.h"

namespace godwit::test {

enum class When : uint8_t { kBefore, kAfter };

// What becomes of the connection, or of the run, when the fault strikes.
enum class Blow : uint8_t {
    // This call fails with kRejected, and no other. That means "no effect": so
    // after the effect it strikes only inside a transaction, which takes it back.
    kRefused,
    kBlocked,    // The same with kBlocked, which is tried again.
    kLost,      // kUnavailable; every call fails until reconnect().
    kInDoubt,   // kInDoubt; every call fails until reconnect().
    kCrash,     // kInDoubt; nothing succeeds any more, as in a process that is gone.
    kStop,      // The call succeeds, and a stop is requested.
};

inline const char* to_string(Blow blow) {
    switch (blow) {
        case Blow::kRefused: return "refused";
        case Blow::kBlocked: return "blocked";
        case Blow::kLost: return "connection lost";
        case Blow::kInDoubt: return "in doubt";
        case Blow::kCrash: return "crash";
        case Blow::kStop: return "stop";
    }
    return "?";
}

struct Fault {
    int32_t at = 0;  // Which write, counted from 0.
    When when = When::kBefore;
    Blow blow = Blow::kRefused;
};

class FaultyTarget final : public TargetWrapper {
public:
    // `stop` is what Blow::kStop requests; it outlives the target.
    FaultyTarget(std::unique_ptr<Target> inner, Fault fault, Cancellation& stop)
        : TargetWrapper(std::move(inner)), fault_(fault), stop_(stop) {}

    int32_t writes() const { return writes_; }
    bool struck() const { return struck_; }

    Result<void> ping() override { return reached([&] { return inner().ping(); }); }
    Result<void> reconnect() override {
        if (gone_) return fail(ErrorCode::kUnavailable, "the process is gone");
        lost_ = false;
        return inner().reconnect();
    }
    Result<std::unique_ptr<Lease>> try_lock() override { return reached([&] { return inner().try_lock(); }); }
    Result<LockStatus> lock_status() override { return reached([&] { return inner().lock_status(); }); }
    Result<Ledger> read_ledger() override { return reached([&] { return inner().read_ledger(); }); }

    Result<void> create_ledger() override { return strike([&] { return inner().create_ledger(); }); }
    Result<void> record(const RecordChange& change) override { return strike([&] { return inner().record(change); }); }
    Result<void> audit_begin(const AuditRecord& audit) override { return strike([&] { return inner().audit_begin(audit); }); }
    Result<void> audit_end(const AuditRecord& audit) override { return strike([&] { return inner().audit_end(audit); }); }
    Result<void> apply(const ReadStep& step) override { return strike([&] { return inner().apply(step); }); }
    Result<void> apply_alone(const ReadStep& step, const Execution& execution) override {
        return strike([&] { return inner().apply_alone(step, execution); });
    }
    // It may remove what a half-done step has left: a write.
    Result<Effect> effect_of(const ReadStep& step) override { return strike([&] { return inner().effect_of(step); }); }

    // The commit is the write; what happens inside counts by itself.
    Result<void> in_transaction(const Execution& execution, const std::function<Result<void>()>& body) override {
        if (lost_) return fail(unreachable());
        bool commits_here = false;
        Result<void> done = inner().in_transaction(execution, [&]() -> Result<void> {
            inside_ = true;
            Result<void> carried_out = body();
            inside_ = false;
            if (!carried_out) return carried_out;
            if (lost_) return fail(unreachable());
            commits_here = writes_++ == fault_.at && may_strike();
            if (commits_here && fault_.when == When::kBefore) return blow();
            return {};
        });
        if (done && commits_here) return blow();
        return done;
    }

private:
    static Error unreachable() { return make_error(ErrorCode::kUnavailable, "the connection is gone"); }

    template <typename Call>
    auto reached(Call call) -> decltype(call()) {
        if (lost_) return fail(unreachable());
        return call();
    }

    template <typename Call>
    auto strike(Call call) -> decltype(call()) {
        if (lost_) return fail(unreachable());
        if (writes_++ != fault_.at || !may_strike()) return call();
        if (fault_.blow == Blow::kStop) {
            (void)blow();
            return call();
        }
        if (fault_.when == When::kAfter) {
            auto done = call();
            if (!done) return done;
        }
        return fail(blow().error());
    }

    bool may_strike() const {
        const bool has_no_effect = fault_.blow == Blow::kRefused || fault_.blow == Blow::kBlocked;
        return inside_ || !has_no_effect || fault_.when == When::kBefore;
    }

    // Makes the fault come true; fails unless it is a mere request to stop.
    Result<void> blow() {
        struck_ = true;
        switch (fault_.blow) {
            case Blow::kRefused: return fail(ErrorCode::kRejected, "refused on purpose");
            case Blow::kBlocked: return fail(ErrorCode::kBlocked, "blocked on purpose");
            case Blow::kStop: stop_.request(SIGTERM); return {};
            case Blow::kCrash: gone_ = true; [[fallthrough]];
            case Blow::kInDoubt: lost_ = true; return fail(ErrorCode::kInDoubt, "lost on purpose");
            case Blow::kLost: lost_ = true; return fail(ErrorCode::kUnavailable, "lost on purpose");
        }
        return fail(ErrorCode::kInternal, "no such blow");
    }

    const Fault fault_;
    Cancellation& stop_;
    int32_t writes_ = 0;
    bool inside_ = false;  // A transaction is open.
    bool struck_ = false;
    bool lost_ = false;
    bool gone_ = false;
};

}  // namespace godwit::test
