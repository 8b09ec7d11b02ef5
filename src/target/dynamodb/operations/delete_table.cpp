// delete_table: DeleteTable's request. A table that is not there is done.
#include <fmt/format.h>

#include "base/text.h"
#include "target/dynamodb/operations/operations.h"
#include "target/dynamodb/table.h"

namespace godwit::dynamodb {
namespace {

class DeleteTable final : public Operation {
public:
    explicit DeleteTable(RequestPtr request) : request_(std::move(request)) {}

    bool destructive() const override { return true; }
    Result<void> apply(Service& service, const ItemSource& items) override;
    Result<Effect> effect(Service& service) override;
    // The items would be lost all the same.
    Result<std::string> inverse(Service&, const ItemSource&) override { return std::string(); }

private:
    // Whether the service has taken the request, or the table is on its way out anyhow.
    Result<bool> try_to_delete(TableWork& work) const;

    RequestPtr request_;
};

Result<bool> DeleteTable::try_to_delete(TableWork& work) const {
    // The service deletes no table that it is changing.
    const auto there =
        TRY(work.wait(fmt::format("table {} to be ACTIVE before it is deleted", work.table().shown()),
                      [](const auto& seen) { return !seen || seen->is_settled() || seen->status == "DELETING"; }));
    if (!there || there->status == "DELETING") return true;
    CHECK(work.check_unprotected(*there));
    net::AwsOutcome outcome = work.service().client.send(
        net::json_request("dynamodb", "DeleteTable", request_->for_table(work.table().real)),
        work.service().cancellation);
    if (outcome.reply || outcome.failed_with("ResourceNotFoundException")) return true;
    if (!outcome.failed_with("ResourceInUseException")) return work.failure(std::move(outcome.reply).error());
    CHECK(work.pause(fmt::format("table {}, which is being changed", work.table().shown()), 0, 0));
    return false;
}

Result<void> DeleteTable::apply(Service& service, const ItemSource&) {
    TableWork work(service, *request_);
    const std::optional<TableState> there = TRY(work.look());
    if (!there) {
        work.remark(fmt::format("the table {} was not there", work.table().shown()));
        return {};
    }
    CHECK(work.check_unprotected(*there));
    while (!TRY(try_to_delete(work))) {
    }
    TRY(work.wait(fmt::format("table {} to be gone", work.table().shown()),
                  [](const auto& seen) { return !seen; }));
    return {};
}

Result<Effect> DeleteTable::effect(Service& service) {
    TableWork work(service, *request_);
    return TRY(work.look()) ? Effect::kAbsent : Effect::kPresent;
}

}  // namespace

Made make_delete_table(RequestPtr request) { return std::make_unique<DeleteTable>(std::move(request)); }

}  // namespace godwit::dynamodb
