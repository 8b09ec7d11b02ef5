// update_items: {"TableName": …, "Updates": [{"Key": …, "UpdateExpression": …,
// "ConditionExpression": …, "ExpressionAttributeNames": …,
// "ExpressionAttributeValues": …}, …]}: each as UpdateItem takes it, exactly once.
#include <fmt/format.h>

#include "base/text.h"
#include "target/dynamodb/operations/operations.h"
#include "target/dynamodb/previous_items.h"
#include "target/dynamodb/shapes.h"
#include "target/dynamodb/transaction.h"

namespace godwit::dynamodb {
namespace {

std::string_view key_in(std::string_view update) { return net::json_raw(members_of(update), "Key"); }

class UpdateItems final : public Operation {
public:
    explicit UpdateItems(RequestPtr request) : request_(std::move(request)) {}

    bool destructive() const override { return false; }
    Result<void> apply(Service& service, const ItemSource& items) override;
    // With a checkpoint, apply() goes on where the record says; without one nobody knows.
    Result<Effect> effect(Service& service) override {
        return service.checkpoint == nullptr ? Effect::kUnknowable : Effect::kAbsent;
    }
    Result<std::string> inverse(Service& service, const ItemSource& items) override;

private:
    Result<int64_t> check(Service& service, const ItemSource& items, const std::vector<KeyAttribute>& keys) const;

    RequestPtr request_;
};

Result<int64_t> UpdateItems::check(Service& service, const ItemSource& items,
                                   const std::vector<KeyAttribute>& keys) const {
    ItemChecker checker(keys, ItemRole::kKey);
    return for_each_element(*request_, items, service.cancellation, [&](const Element& element) -> Result<void> {
        CHECK(check_element(shapes::kUpdate, element, *request_));
        const std::string_view key = key_in(element.json);
        const auto fault = checker.check(key);
        if (!fault) return {};
        const auto at = static_cast<size_t>(key.data() - element.json.data()) + fault->at;
        return fail(make_error(ErrorCode::kInvalidInput,
                               fmt::format("Key of {}: {}", element.name(*request_), fault->message))
                        .at(element.place(at)));
    });
}

Result<void> UpdateItems::apply(Service& service, const ItemSource& items) {
    TableWork work(service, *request_);
    const std::vector<KeyAttribute> keys = TRY(work.wait_until_usable()).keys();
    TransactionSender sender(work, *request_, TransactionForm::kItems, TRY(check(service, items, keys)));
    const std::string head = fmt::format(R"({{"Update":{{"TableName":{},)", json_quote(work.table().real));
    const int64_t done = sender.done_before();
    TRY(for_each_element(*request_, items, service.cancellation, [&](const Element& element) -> Result<void> {
        if (element.index < done) return {};
        return sender.add(element, head + std::string(trim(element.json).substr(1)) + "}",
                          key_identity(key_in(element.json), keys));
    }));
    return sender.finish();
}

Result<std::string> UpdateItems::inverse(Service& service, const ItemSource& items) {
    TableWork work(service, *request_);
    return restoring_operation(work, *request_, items, [](const Element& element, const auto&) {
        return std::string(key_in(element.json));
    });
}

}  // namespace

Made make_update_items(RequestPtr request) { return std::make_unique<UpdateItems>(std::move(request)); }

}  // namespace godwit::dynamodb
