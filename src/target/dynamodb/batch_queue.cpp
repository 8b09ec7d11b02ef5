#include "target/dynamodb/batch_queue.h"

namespace godwit::dynamodb {
namespace {

constexpr size_t kBatchesOut = 32;
constexpr size_t kBatchBytes = 1'000'000, kBytesOut = 4'000'000;
constexpr int64_t kStepMs = 100;

}  // namespace

BatchQueue::BatchQueue(net::AwsClient& client, const Cancellation* cancellation, std::string action,
                       size_t most, std::string head, std::string tail,
                       std::function<void(const net::BatchOutcome&)> on_reply)
    : client_(client),
      cancellation_(cancellation),
      action_(std::move(action)),
      head_(std::move(head)),
      tail_(std::move(tail)),
      most_(most),
      on_reply_(std::move(on_reply)) {}

// What is out refers to this.
BatchQueue::~BatchQueue() { wait_below(1, 0); }

void BatchQueue::wait_below(size_t batches, size_t bytes) {
    while (batches_out_ > 0 && (batches_out_ >= batches || bytes_out_ > bytes)) client_.step(kStepMs);
}

Result<void> BatchQueue::check() {
    if (!failure_) return {};
    wait_below(1, 0);
    return fail(*failure_);
}

Result<void> BatchQueue::add(std::string_view element) {
    if (elements_ > 0 && body_.size() + element.size() > kBatchBytes) CHECK(send());
    body_ += elements_ == 0 ? head_ : ",";
    body_ += element;
    return ++elements_ < most_ ? Result<void>() : send();
}

Result<void> BatchQueue::send() {
    CHECK(check());
    if (elements_ == 0) return {};
    wait_below(kBatchesOut, kBytesOut);
    CHECK(check());
    const size_t bytes = body_.size();
    ++batches_out_;
    bytes_out_ += bytes;
    net::start_batch(client_, action_, std::exchange(body_, {}) + tail_, cancellation_,
                     [this, bytes](net::BatchOutcome outcome) {
                         --batches_out_;
                         bytes_out_ -= bytes;
                         if (!outcome.result) {
                             if (!failure_) failure_ = std::move(outcome.result).error();
                         } else if (on_reply_) {
                             on_reply_(outcome);
                         }
                     });
    elements_ = 0;
    // Sends it off, so that the service works while the next batch is made.
    client_.step(0);
    return {};
}

Result<void> BatchQueue::finish() {
    CHECK(send());
    wait_below(1, 0);
    return check();
}

}  // namespace godwit::dynamodb
