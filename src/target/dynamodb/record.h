// History and journal as items of one table.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/ledger.h"
#include "target/dynamodb/history_table.h"
#include "target/dynamodb/operation.h"
#include "target/target.h"

namespace godwit::dynamodb {

class Record {
public:
    // `table` outlives the record.
    Record(HistoryTable& table, const TargetConfig& config);
    ~Record();
    Record(const Record&) = delete;
    Record& operator=(const Record&) = delete;

    // Another tool's items count as applied when their status is applied, completed,
    // complete, success, done or none at all; with another they are passed over.
    Result<Ledger> read();

    // Makes table and record where they are missing.
    Result<void> create(std::optional<int64_t> fence);
    // As Target::record; all or nothing, but for kPurged. kLocked unless the lease's
    // token is `fence`.
    Result<void> change(const RecordChange& change, std::optional<int64_t> fence);

    // Of the step that this run has begun last, or that the record holds as begun, if
    // its text is `step_text`. Valid until the next read() or change().
    Checkpoint* checkpoint(std::string_view step_text);

private:
    class Progress;

    // What is known of a journal's item.
    struct Flight {
        Direction direction = Direction::kUp;
        int32_t steps_done = 0;
        std::string step_text;
        int64_t elements_done = 0;
        std::optional<int64_t> token;
    };

    void note_items(const std::vector<Item>& items);
    Result<void> commit(const std::vector<std::string>& entries, std::optional<int64_t> fence,
                        std::string_view unmet);
    Result<void> note_progress(const RecordChange& change, std::optional<int64_t> fence);
    // kApplied and kReverted.
    Result<void> settle(const RecordChange& change, std::optional<int64_t> fence);
    Result<void> forget(const RecordChange& change, std::optional<int64_t> fence);
    Result<void> replace_checksum(const RecordChange& change, std::optional<int64_t> fence);
    Result<void> purge(std::optional<int64_t> fence);
    // The entries that keep an inverse, after those of later steps are gone.
    Result<std::vector<std::string>> inverse_entries(const RecordChange& change, std::optional<int64_t> fence);
    // Whether an inverse is kept of each of so many steps.
    bool has_inverses(const std::string& version, int32_t steps) const;
    Result<void> forget_inverses(const std::string& version, int32_t from, std::optional<int64_t> fence);
    Result<void> delete_fenced(const std::vector<std::string>& keys, std::optional<int64_t> fence);
    std::string history_entry(const std::string& version, const RecordChange& change) const;

    HistoryTable& table_;
    const HistoryLayout layout_;
    const std::string environment_;
    bool exists_ = false;                                // As far as is known.
    std::map<std::string, Flight> flights_;              // By version.
    std::map<std::string, std::set<int32_t>> inverses_;  // Of which steps one is kept.
    std::string last_;                                   // The version whose progress was noted last.
    std::unique_ptr<Progress> progress_;
};

}  // namespace godwit::dynamodb
