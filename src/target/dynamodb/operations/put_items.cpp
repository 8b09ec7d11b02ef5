// put_items: {"TableName": …, "Items": [item, …]}, any number of them. All are
// checked before the first is sent. Items that are there are replaced, so that
// doing it twice does no harm.
#include "target/dynamodb/elements.h"
#include "target/dynamodb/item_writer.h"
#include "target/dynamodb/operations/operations.h"
#include "target/dynamodb/previous_items.h"

namespace godwit::dynamodb {
namespace {

class PutItems final : public Operation {
public:
    explicit PutItems(RequestPtr request) : request_(std::move(request)) {}

    bool destructive() const override { return false; }
    Result<void> apply(Service& service, const ItemSource& items) override;
    // Only the items themselves could tell; putting them again is harmless.
    Result<Effect> effect(Service&) override { return Effect::kAbsent; }
    Result<std::string> inverse(Service& service, const ItemSource& items) override;

private:
    RequestPtr request_;
};

Result<void> PutItems::apply(Service& service, const ItemSource& items) {
    TableWork work(service, *request_);
    const TableState table = TRY(work.wait_until_usable());
    const int64_t total = TRY(check_items(work, *request_, items, table.keys(), ItemRole::kItem));
    ItemWriter writer(work, ItemWrite::kPut, table.keys(), total);
    TRY(for_each_element(*request_, items, service.cancellation,
                         [&](const Element& element) { return writer.add(element.json); }));
    return writer.finish();
}

Result<std::string> PutItems::inverse(Service& service, const ItemSource& items) {
    TableWork work(service, *request_);
    return restoring_operation(work, *request_, items, key_of_item);
}

}  // namespace

Made make_put_items(RequestPtr request) { return std::make_unique<PutItems>(std::move(request)); }

}  // namespace godwit::dynamodb
