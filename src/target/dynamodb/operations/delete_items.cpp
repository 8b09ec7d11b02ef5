// delete_items: {"TableName": …, "Keys": [key, …]}; with Items in place of Keys, of
// whole items only their keys count. An item that is not there is done.
#include "target/dynamodb/elements.h"
#include "target/dynamodb/item_writer.h"
#include "target/dynamodb/operations/operations.h"
#include "target/dynamodb/previous_items.h"

namespace godwit::dynamodb {
namespace {

class DeleteItems final : public Operation {
public:
    explicit DeleteItems(RequestPtr request) : request_(std::move(request)) {}

    bool destructive() const override { return true; }
    Result<void> apply(Service& service, const ItemSource& items) override;
    // Only the items themselves could tell; deleting them again is harmless.
    Result<Effect> effect(Service&) override { return Effect::kAbsent; }
    Result<std::string> inverse(Service& service, const ItemSource& items) override;

private:
    RequestPtr request_;
};

Result<void> DeleteItems::apply(Service& service, const ItemSource& items) {
    TableWork work(service, *request_);
    const TableState table = TRY(work.wait_until_usable());
    CHECK(work.check_unprotected(table));
    const std::vector<KeyAttribute> keys = table.keys();
    const ItemRole role = request_->streamed() == "Keys" ? ItemRole::kKey : ItemRole::kItem;
    const int64_t total = TRY(check_items(work, *request_, items, keys, role));
    ItemWriter writer(work, ItemWrite::kDelete, keys, total);
    TRY(for_each_element(*request_, items, service.cancellation,
                         [&](const Element& element) { return writer.add(key_of(element.json, keys)); }));
    return writer.finish();
}

Result<std::string> DeleteItems::inverse(Service& service, const ItemSource& items) {
    TableWork work(service, *request_);
    return restoring_operation(work, *request_, items, key_of_item);
}

}  // namespace

Made make_delete_items(RequestPtr request) {
    const bool keys = !request->raw("Keys").empty(), items = !request->raw("Items").empty();
    if (keys == items) {
        return fail(make_error(ErrorCode::kInvalidInput, keys ? "delete_items has both Keys and Items"
                                                              : "Keys is missing in delete_items")
                        .at(request->where())
                        .with_remedy("Give \"Keys\": [{…}], each with the table's key attributes."));
    }
    return std::make_unique<DeleteItems>(std::move(request));
}

}  // namespace godwit::dynamodb
