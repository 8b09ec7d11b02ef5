// Sends batches of a request, several at a time, and waits for them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/batch.h"

namespace godwit::dynamodb {

// The requests that are sent: `head`, elements between `before` and `after` with commas,
// `tail`.
struct BatchForm {
    std::string action;  // BatchWriteItem or BatchGetItem
    std::string head, before, after, tail;

    static BatchForm puts(std::string_view table);     // Elements are items.
    static BatchForm deletes(std::string_view table);  // Elements are keys.
    // Elements are keys. `more` stands before them: `"ConsistentRead":true,`.
    static BatchForm gets(std::string_view table, std::string_view more);

    size_t most() const;  // Elements in one request, as the service limits them.
};

class BatchQueue {
public:
    // Called once for each batch, with the tags of its elements, however it ended.
    using OnDone = std::function<void(const std::vector<size_t>& tags, const net::BatchOutcome&)>;

    BatchQueue(net::AwsClient& client, const Cancellation* cancellation, BatchForm form, OnDone on_done = {});
    // Waits for what is under way.
    ~BatchQueue();
    BatchQueue(const BatchQueue&) = delete;
    BatchQueue& operator=(const BatchQueue&) = delete;

    // `tag` is whatever the caller knows the element by. The error may be of a batch before;
    // the queue is of no use after it.
    Result<void> add(std::string_view element, size_t tag = 0);
    // Does not wait for the batch to be full.
    Result<void> send();
    // Waits a moment for what is under way.
    void step();
    // Sends what is left and waits for all.
    Result<void> finish();

private:
    void wait_below(size_t batches, size_t bytes);
    Result<void> check();

    net::AwsClient& client_;
    const Cancellation* const cancellation_;
    const BatchForm form_;
    const OnDone on_done_;
    std::string body_;
    std::vector<size_t> tags_;  // Of the elements in body_.
    size_t batches_out_ = 0, bytes_out_ = 0;
    std::optional<Error> failure_;
};

}  // namespace godwit::dynamodb
