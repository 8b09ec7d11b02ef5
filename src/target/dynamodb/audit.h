// Who ran what: the newest runs, kept beside the history.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "model/ledger.h"
#include "target/dynamodb/history_table.h"

namespace godwit::dynamodb {

// So many runs are kept; older ones go when another begins.
inline constexpr size_t kRunsKept = 100;

class Audit {
public:
    explicit Audit(HistoryTable& table) : table_(table) {}

    // As Target::audit_begin and audit_end. Of a run that was not begun here no end is
    // noted.
    Result<void> begin(const AuditRecord& record, std::optional<int64_t> fence);
    Result<void> end(const AuditRecord& record, std::optional<int64_t> fence);

private:
    Result<void> drop_old();

    HistoryTable& table_;
    std::map<std::string, std::string> keys_;  // By run.
};

}  // namespace godwit::dynamodb
