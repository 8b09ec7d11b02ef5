// How a MemoryTarget keeps history and journal.
#pragma once

#include "base/result.h"
#include "model/ledger.h"
#include "target/memory/memory_target.h"

namespace godwit {

// As Target::record; `took_ms` stands in where the change gives no time.
// kRejected when the checksum of a version that is not in the history is replaced.
Result<void> change_memory_record(MemoryRecord& record, const RecordChange& change, HistoryLayout layout,
                                  int64_t took_ms);

// History in order of application, with what is in flight laid over it.
Ledger memory_ledger_of(const MemoryRecord& record, HistoryLayout layout);

}  // namespace godwit
