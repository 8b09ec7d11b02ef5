// A target held in memory: the reference that the conformance suite is checked
// against, and the stage on which races and crashes are played.
//
// Its language, one operation a step (Step::verb, Step::body):
//
//     create KEY            refused when KEY is there
//     drop KEY              refused when KEY is not there
//     set KEY=VALUE         idempotent
//     unset KEY             idempotent
//     append KEY=TEXT       twice is not once, and nobody can tell afterwards
//     load KEY⏎LINE⏎LINE…   the lines follow the step as its data, like COPY
//     insert_version V      writes V into the history, as a file's own INSERT does
//     notice TEXT           the listener hears TEXT
//     wait MS               a slow statement
//     fail TEXT             refused with TEXT
//     begin, commit         of kind kBegin and kCommit
//
// `alone ` before a verb makes the step one that no transaction accepts.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "target/target.h"

namespace godwit {

enum class MemoryKind : uint8_t { kTransactional, kStepByStep };

// One history with its journal.
struct MemoryRecord {
    std::vector<LedgerEntry> history;  // HistoryLayout::kAlembic: the heads.
    std::vector<LedgerEntry> journal;
    std::map<std::string, std::vector<std::string>> inverses;  // By version; see LedgerEntry.
};

struct MemoryLock {
    uint64_t token = 0;  // 0: free. Never given twice.
    std::string holder;
    std::string since;
};

// What a transaction keeps or drops.
struct MemoryContents {
    std::map<std::string, std::string> values;
    std::map<std::string, MemoryRecord> records;  // By the history's name.
};

// What outlives a handle, as a server outlives its clients. Handles in several
// threads may share it; whoever looks into it directly does so while no handle
// works.
struct MemoryStore {
    explicit MemoryStore(MemoryKind the_kind) : kind(the_kind) {}

    const MemoryKind kind;
    std::mutex mutex;
    MemoryContents committed;
    std::vector<AuditRecord> audit;
    std::map<std::string, MemoryLock> locks;  // By the history's name.
    uint64_t last_token = 0;
    const void* writer = nullptr;  // The handle whose transaction is open.
};

// One client of a store. Destroying it is the death of its process: its lock is
// free again and an open transaction leaves nothing.
class MemoryTarget final : public Target {
public:
    MemoryTarget(std::shared_ptr<MemoryStore> store, TargetConfig config);
    ~MemoryTarget() override;
    MemoryTarget(const MemoryTarget&) = delete;
    MemoryTarget& operator=(const MemoryTarget&) = delete;

    std::string_view kind() const override { return "memory"; }
    std::string describe() const override { return "memory"; }
    std::string server_version() const override { return GODWIT_VERSION; }
    bool transactional() const override { return store_->kind == MemoryKind::kTransactional; }

    Result<std::unique_ptr<StepReader>> read_steps(const Body& body) const override;
    Result<Execution> inspect(const Migration& migration, Direction direction) const override;

    Result<void> ping() override { return {}; }
    Result<void> reconnect() override { return {}; }

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
    bool destroys(const Step& step) const override { return step.verb == "drop" || step.verb == "unset"; }
    Result<std::string> inverse_of(const ReadStep& step) override;
    Result<void> in_transaction(const Execution& execution, const std::function<Result<void>()>& body) override;

private:
    // Changes what is staged in the open transaction, else what is committed;
    // kBlocked while another handle's transaction is open.
    Result<void> change(const std::function<Result<void>(MemoryContents&)>& edit);
    Result<MemoryRecord*> record_in(MemoryContents& contents);
    Result<void> insert_version(const ReadStep& step, const std::string& version);
    Result<void> carry_out(const ReadStep& step);
    Result<void> wait(const ReadStep& step) const;

    std::shared_ptr<MemoryStore> store_;
    TargetConfig config_;
    uint64_t token_ = 0;                    // Of the lock this handle took last.
    std::optional<MemoryContents> staged_;  // While a transaction is open.
    std::chrono::steady_clock::time_point began_;
};

}  // namespace godwit
