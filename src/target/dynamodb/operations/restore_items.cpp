// restore_items: {"TableName": …, "Puts": [item, …], "Deletes": [key, …]}: what takes
// put_items, delete_items and update_items back. Puts the items as they were and
// deletes those that were not there. It takes away nothing but what the migration
// itself made, so deletion protection does not stop it. It is small: kLargestInverse.
#include "target/dynamodb/item_writer.h"
#include "target/dynamodb/operations/operations.h"

namespace godwit::dynamodb {
namespace {

class RestoreItems final : public Operation {
public:
    explicit RestoreItems(RequestPtr request) : request_(std::move(request)) {}

    bool destructive() const override { return !elements_of(request_->raw("Deletes")).empty(); }
    Result<void> apply(Service& service, const ItemSource& items) override;
    // Doing it again is harmless.
    Result<Effect> effect(Service&) override { return Effect::kAbsent; }
    Result<std::string> inverse(Service&, const ItemSource&) override { return std::string(); }

private:
    Result<void> write(TableWork& work, ItemWrite write, const TableState& table, std::string_view member) const;

    RequestPtr request_;
};

Result<void> RestoreItems::write(TableWork& work, ItemWrite write, const TableState& table,
                                 std::string_view member) const {
    const std::vector<std::string_view> elements = elements_of(request_->raw(member));
    ItemWriter writer(work, write, table.keys(), static_cast<int64_t>(elements.size()));
    for (const std::string_view element : elements) CHECK(writer.add(element));
    return writer.finish();
}

Result<void> RestoreItems::apply(Service& service, const ItemSource&) {
    TableWork work(service, *request_);
    const TableState table = TRY(work.wait_until_usable());
    CHECK(write(work, ItemWrite::kDelete, table, "Deletes"));
    return write(work, ItemWrite::kPut, table, "Puts");
}

}  // namespace

Made make_restore_items(RequestPtr request) { return std::make_unique<RestoreItems>(std::move(request)); }

}  // namespace godwit::dynamodb
