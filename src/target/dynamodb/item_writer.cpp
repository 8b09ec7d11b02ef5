#include "target/dynamodb/item_writer.h"

#include <fmt/format.h>

#include <functional>

#include "base/text.h"

namespace godwit::dynamodb {
namespace {

// BatchWriteItem takes no more.
constexpr size_t kBatchItems = 25;
constexpr size_t kBatchesOut = 32;
// Of texts; what stands in files is longer than what the service counts, and one
// request may have 16 MB.
constexpr size_t kBatchBytes = 1'000'000, kBytesOut = 8'000'000;
constexpr int64_t kStepMs = 100;
constexpr int64_t kTellEvery = 1'000;

}  // namespace

ItemWriter::ItemWriter(TableWork& work, ItemWrite write, std::vector<KeyAttribute> keys, int64_t total)
    : work_(work),
      keys_(std::move(keys)),
      total_(total),
      what_(fmt::format("items of {}", work.table().logical)),
      head_(fmt::format(R"({{"RequestItems":{{{}:[)", json_quote(work.table().real))),
      before_item_(write == ItemWrite::kPut ? R"({"PutRequest":{"Item":)" : R"({"DeleteRequest":{"Key":)"),
      after_item_("}}") {}

// What is out refers to this.
ItemWriter::~ItemWriter() {
    while (batches_out_ > 0) work_.service().client.step(kStepMs);
}

Result<void> ItemWriter::add(std::string_view item) {
    const size_t key = std::hash<std::string>()(key_identity(item, keys_));
    if (under_way_.contains(key)) {
        // The later one wins: it is sent when the earlier one is there.
        CHECK(send());
        while (under_way_.contains(key)) work_.service().client.step(kStepMs);
    }
    CHECK(check_failure());
    if (!batch_.body.empty() && batch_.body.size() + item.size() > kBatchBytes) CHECK(send());
    batch_.body += batch_.body.empty() ? head_ : ",";
    batch_.body += before_item_;
    batch_.body += item;
    batch_.body += after_item_;
    batch_.keys.push_back(key);
    under_way_.insert(key);
    return batch_.keys.size() < kBatchItems ? Result<void>() : send();
}

Result<void> ItemWriter::send() {
    net::AwsClient& client = work_.service().client;
    while (batches_out_ >= kBatchesOut || (batches_out_ > 0 && bytes_out_ > kBytesOut)) client.step(kStepMs);
    CHECK(check_failure());
    if (batch_.keys.empty()) return {};
    Batch batch = std::move(batch_);
    batch_ = {};
    std::string body = std::move(batch.body);
    body += "]}}";
    const size_t bytes = body.size();
    batches_out_++;
    bytes_out_ += bytes;
    net::start_batch(client, "BatchWriteItem", std::move(body), work_.service().cancellation,
                     [this, batch = std::move(batch), bytes](net::BatchOutcome outcome) mutable {
                         on_done(std::move(batch), bytes, std::move(outcome));
                     });
    // Sends it off, so that the service works while the next batch is made.
    client.step(0);
    return {};
}

void ItemWriter::on_done(Batch batch, size_t bytes, net::BatchOutcome outcome) {
    batches_out_--;
    bytes_out_ -= bytes;
    for (const size_t key : batch.keys) under_way_.erase(key);
    const auto count = static_cast<int64_t>(batch.keys.size());
    if (outcome.result) {
        written_ += count;
    } else {
        const auto left = static_cast<int64_t>(outcome.left_count);
        written_ += count - left;
        if (outcome.result.error().code == ErrorCode::kInDoubt) in_doubt_ += left;
        if (!failure_) failure_ = std::move(outcome.result).error();
    }
    if (written_ - told_ < kTellEvery && written_ < total_) return;
    told_ = written_;
    work_.progress(what_, written_, total_);
}

Result<void> ItemWriter::check_failure() {
    if (!failure_) return {};
    while (batches_out_ > 0) work_.service().client.step(kStepMs);
    std::string counts = fmt::format("{} of {} items are done", written_, total_);
    if (in_doubt_ > 0) counts += fmt::format(", of {} nobody knows", in_doubt_);
    return work_.failure(Error(*failure_).with_detail(std::move(counts)));
}

Result<void> ItemWriter::finish() {
    CHECK(send());
    while (batches_out_ > 0) work_.service().client.step(kStepMs);
    return check_failure();
}

}  // namespace godwit::dynamodb
