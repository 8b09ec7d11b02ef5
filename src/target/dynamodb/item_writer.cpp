#include "target/dynamodb/item_writer.h"

#include <fmt/format.h>

#include <functional>

#include "base/text.h"

namespace godwit::dynamodb {
namespace {

constexpr int64_t kTellEvery = 1'000;

}  // namespace

ItemWriter::ItemWriter(TableWork& work, ItemWrite write, std::vector<KeyAttribute> keys, int64_t total)
    : work_(work),
      keys_(std::move(keys)),
      total_(total),
      what_(fmt::format("items of {}", work.table().logical)),
      queue_(work.service().client, work.service().cancellation,
             write == ItemWrite::kPut ? BatchForm::puts(work.table().real) : BatchForm::deletes(work.table().real),
             [this](const std::vector<size_t>& hashes, const net::BatchOutcome& outcome) { on_done(hashes, outcome); }) {}

Result<void> ItemWriter::add(std::string_view item) {
    const size_t key = std::hash<std::string>()(key_identity(item, keys_));
    if (under_way_.contains(key)) {
        // The later one wins: it is sent when the earlier one is there.
        if (Result<void> sent = queue_.send(); !sent) return failure(std::move(sent).error());
        while (under_way_.contains(key)) queue_.step();
    }
    under_way_.insert(key);
    if (Result<void> added = queue_.add(item, key); !added) return failure(std::move(added).error());
    return {};
}

void ItemWriter::on_done(const std::vector<size_t>& keys, const net::BatchOutcome& outcome) {
    for (const size_t key : keys) under_way_.erase(key);
    const auto left = static_cast<int64_t>(outcome.result ? 0 : outcome.left_count);
    written_ += static_cast<int64_t>(keys.size()) - left;
    if (!outcome.result && outcome.result.error().code == ErrorCode::kInDoubt) in_doubt_ += left;
    if (written_ - told_ < kTellEvery && written_ < total_) return;
    told_ = written_;
    work_.progress(what_, written_, total_);
}

tl::unexpected<Error> ItemWriter::failure(Error error) const {
    std::string counts = fmt::format("{} of {} items are done", written_, total_);
    if (in_doubt_ > 0) counts += fmt::format(", of {} nobody knows", in_doubt_);
    return work_.failure(std::move(error).with_detail(std::move(counts)));
}

Result<void> ItemWriter::finish() {
    if (Result<void> done = queue_.finish(); !done) return failure(std::move(done).error());
    return {};
}

}  // namespace godwit::dynamodb
