// Sends batches of a request, several at a time, and waits for them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "net/batch.h"

namespace godwit::dynamodb {

class BatchQueue {
public:
    // `action` is BatchWriteItem or BatchGetItem, `most` the elements of one batch;
    // `head` and `tail` stand around them. `on_reply` sees each that succeeded.
    BatchQueue(net::AwsClient& client, const Cancellation* cancellation, std::string action, size_t most,
               std::string head, std::string tail,
               std::function<void(const net::BatchOutcome&)> on_reply = {});
    // Waits for what is under way.
    ~BatchQueue();
    BatchQueue(const BatchQueue&) = delete;
    BatchQueue& operator=(const BatchQueue&) = delete;

    // The error may be of a batch before; the queue is of no use after it.
    Result<void> add(std::string_view element);
    // Sends what is left and waits for all.
    Result<void> finish();

private:
    Result<void> send();
    void wait_below(size_t batches, size_t bytes);
    Result<void> check();

    net::AwsClient& client_;
    const Cancellation* const cancellation_;
    const std::string action_, head_, tail_;
    const size_t most_;
    const std::function<void(const net::BatchOutcome&)> on_reply_;
    std::string body_;
    size_t elements_ = 0;
    size_t batches_out_ = 0, bytes_out_ = 0;
    std::optional<Error> failure_;
};

}  // namespace godwit::dynamodb
