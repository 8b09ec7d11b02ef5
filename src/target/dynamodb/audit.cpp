#include "target/dynamodb/audit.h"

#include <fmt/format.h>

namespace godwit::dynamodb {
namespace {

// An item has room for 400 KB; a plan of thousands of migrations is cut off.
constexpr size_t kLongestPlan = 200'000;

std::string cut_off(const std::string& plan) {
    if (plan.size() <= kLongestPlan) return plan;
    size_t size = kLongestPlan;
    while ((static_cast<unsigned char>(plan[size]) & 0xC0) == 0x80) --size;  // Between characters.
    return plan.substr(0, size);
}

}  // namespace

Result<void> Audit::begin(const AuditRecord& record, std::optional<int64_t> fence) {
    const std::string started_at = iso_time(table_.session().wall_ms());
    const std::string key = fmt::format("{}{}:{}", keys::kAudit, started_at, record.run_id);
    Update run(table_.name(), key);
    run.set("status", "audit")
        .set("run_id", record.run_id)
        .set("started_at", started_at)
        .set("command", record.command)
        .set("user", record.user)
        .set("host", record.host)
        .set("pid", record.pid)
        .set("tool_version", record.tool_version)
        .set("plan", cut_off(record.plan))
        .set("result", record.result);
    (void)TRY(table_.transact({run.entry()}, fence));
    keys_[record.run_id] = key;
    return drop_old();
}

Result<void> Audit::end(const AuditRecord& record, std::optional<int64_t> fence) {
    const auto key = keys_.find(record.run_id);
    if (key == keys_.end()) return {};
    Update run(table_.name(), key->second);
    run.set("finished_at", iso_time(table_.session().wall_ms()))
        .set("result", record.result)
        .set("error", record.error);
    if (record.duration_ms) run.set("duration_ms", *record.duration_ms);
    (void)TRY(table_.transact({run.entry()}, fence));
    return {};
}

Result<void> Audit::drop_old() {
    std::vector<std::string> runs = TRY(table_.keys_with(keys::kAudit));
    if (runs.size() <= kRunsKept) return {};
    runs.resize(runs.size() - kRunsKept);
    return table_.delete_all(runs);
}

}  // namespace godwit::dynamodb
