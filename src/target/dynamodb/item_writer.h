// Puts or deletes any number of items: full batches, several under way, in little
// memory, and in order where two items have the same key.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "target/dynamodb/attribute.h"
#include "target/dynamodb/batch_queue.h"
#include "target/dynamodb/table.h"

namespace godwit::dynamodb {

enum class ItemWrite : uint8_t { kPut, kDelete };

class ItemWriter {
public:
    // `total` items are to come; `keys` are the table's.
    ItemWriter(TableWork& work, ItemWrite write, std::vector<KeyAttribute> keys, int64_t total);

    // An item that has been checked, or for kDelete a key. The error may be of one
    // that was added before; the writer is of no use after it.
    Result<void> add(std::string_view item);
    // Sends what is left and waits for all.
    Result<void> finish();

private:
    void on_done(const std::vector<size_t>& keys, const net::BatchOutcome& outcome);
    tl::unexpected<Error> failure(Error error) const;

    TableWork& work_;
    const std::vector<KeyAttribute> keys_;
    const int64_t total_;
    const std::string what_;
    std::unordered_set<size_t> under_way_;  // Hashes of keys; equal keys have equal ones.
    int64_t written_ = 0, in_doubt_ = 0, told_ = 0;
    BatchQueue queue_;  // Last: waits for what is under way.
};

}  // namespace godwit::dynamodb
