#include "target/dynamodb/batch_queue.h"

#include <fmt/format.h>

#include "base/text.h"

namespace godwit::dynamodb {
namespace {

constexpr size_t kBatchesOut = 32;
// Of texts; what stands in files is longer than what the service counts, and one
// request may have 16 MB.
constexpr size_t kBatchBytes = 1'000'000, kBytesOut = 8'000'000;
constexpr int64_t kStepMs = 100;

BatchForm writes(std::string_view table, std::string before) {
    return {"BatchWriteItem", fmt::format(R"({{"RequestItems":{{{}:[)", json_quote(table)), std::move(before), "}}", "]}}"};
}

}  // namespace

BatchForm BatchForm::puts(std::string_view table) { return writes(table, R"({"PutRequest":{"Item":)"); }
BatchForm BatchForm::deletes(std::string_view table) { return writes(table, R"({"DeleteRequest":{"Key":)"); }
BatchForm BatchForm::gets(std::string_view table, std::string_view more) {
    return {"BatchGetItem", fmt::format(R"({{"RequestItems":{{{}:{{{}"Keys":[)", json_quote(table), more), "", "", "]}}}"};
}

size_t BatchForm::most() const { return action == "BatchGetItem" ? 100 : 25; }

BatchQueue::BatchQueue(net::AwsClient& client, const Cancellation* cancellation, BatchForm form, OnDone on_done)
    : client_(client), cancellation_(cancellation), form_(std::move(form)), on_done_(std::move(on_done)) {}

// What is out refers to this.
BatchQueue::~BatchQueue() { wait_below(1, 0); }

void BatchQueue::wait_below(size_t batches, size_t bytes) {
    while (batches_out_ > 0 && (batches_out_ >= batches || bytes_out_ > bytes)) step();
}

void BatchQueue::step() { client_.step(kStepMs); }

Result<void> BatchQueue::check() {
    if (!failure_) return {};
    wait_below(1, 0);
    return fail(*failure_);
}

Result<void> BatchQueue::add(std::string_view element, size_t tag) {
    CHECK(check());
    if (!tags_.empty() && body_.size() + element.size() > kBatchBytes) CHECK(send());
    body_ += tags_.empty() ? form_.head : ",";
    body_ += form_.before;
    body_ += element;
    body_ += form_.after;
    tags_.push_back(tag);
    return tags_.size() < form_.most() ? Result<void>() : send();
}

Result<void> BatchQueue::send() {
    CHECK(check());
    if (tags_.empty()) return {};
    wait_below(kBatchesOut, kBytesOut);
    CHECK(check());
    body_ += form_.tail;
    const size_t bytes = body_.size();
    ++batches_out_;
    bytes_out_ += bytes;
    net::start_batch(client_, form_.action, std::exchange(body_, {}), cancellation_,
                     [this, bytes, tags = std::exchange(tags_, {})](net::BatchOutcome outcome) {
                         --batches_out_;
                         bytes_out_ -= bytes;
                         if (on_done_) on_done_(tags, outcome);
                         if (!outcome.result && !failure_) failure_ = std::move(outcome.result).error();
                     });
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
