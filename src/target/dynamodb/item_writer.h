// Puts or deletes any number of items: full batches, several under way, in little
// memory, and in order where two items have the same key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "net/batch.h"
#include "target/dynamodb/attribute.h"
#include "target/dynamodb/table.h"

namespace godwit::dynamodb {

enum class ItemWrite : uint8_t { kPut, kDelete };

class ItemWriter {
public:
    // `total` items are to come; `keys` are the table's.
    ItemWriter(TableWork& work, ItemWrite write, std::vector<KeyAttribute> keys, int64_t total);
    ~ItemWriter();
    ItemWriter(const ItemWriter&) = delete;
    ItemWriter& operator=(const ItemWriter&) = delete;

    // An item that has been checked, or for kDelete a key. The error may be of one
    // that was added before; the writer is of no use after it.
    Result<void> add(std::string_view item);
    // Sends what is left and waits for all.
    Result<void> finish();

private:
    struct Batch {
        std::string body;
        std::vector<size_t> keys;  // Hashes; equal keys have equal ones.
    };

    Result<void> send();
    void on_done(Batch batch, size_t bytes, net::BatchOutcome outcome);
    Result<void> check_failure();

    TableWork& work_;
    const std::vector<KeyAttribute> keys_;
    const int64_t total_;
    const std::string what_, head_, before_item_, after_item_;
    Batch batch_;
    std::unordered_set<size_t> under_way_;  // Keys of batch_ and of all batches that are out.
    size_t batches_out_ = 0, bytes_out_ = 0;
    int64_t written_ = 0, in_doubt_ = 0, told_ = 0;
    std::optional<Error> failure_;
};

}  // namespace godwit::dynamodb
