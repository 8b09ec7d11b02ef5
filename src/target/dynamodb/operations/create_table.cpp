// create_table: CreateTable's request. A table that is there and equal is done; one
// that differs is refused, with the differences.
#include <fmt/format.h>

#include "base/text.h"
#include "target/dynamodb/operations/operations.h"
#include "target/dynamodb/table.h"

namespace godwit::dynamodb {
namespace {

class CreateTable final : public Operation {
public:
    explicit CreateTable(RequestPtr request) : request_(std::move(request)) {}

    bool destructive() const override { return false; }
    Result<void> apply(Service& service, const ItemSource& items) override;
    Result<Effect> effect(Service& service) override;
    Result<std::string> inverse(Service& service, const ItemSource& items) override;

private:
    std::string difference_from(const TableState& there) const;
    Result<void> accept(TableWork& work, const TableState& there) const;
    Result<void> create(TableWork& work) const;

    RequestPtr request_;
};

std::string CreateTable::difference_from(const TableState& there) const {
    return difference(table_properties(there.raw), table_properties(request_->for_table("")));
}

Result<void> CreateTable::accept(TableWork& work, const TableState& there) const {
    if (const std::string differs = difference_from(there); !differs.empty()) {
        return work.reject(
            fmt::format("the table {} is there already and differs: {}", work.table().shown(), differs),
            "Change the migration to what is there, or change or delete the table in a step before.");
    }
    TRY(work.wait_until_settled());
    return {};
}

Result<void> CreateTable::create(TableWork& work) const {
    net::AwsOutcome outcome = work.service().client.send(
        net::json_request("dynamodb", "CreateTable", request_->for_table(work.table().real)),
        work.service().cancellation);
    // An earlier try of ours, or another's table, is in the way: what is there tells.
    if (outcome.failed_with("ResourceInUseException")) return accept(work, TRY(work.look_at_existing()));
    if (!outcome.reply) return work.failure(std::move(outcome.reply).error());
    // Just after it was made, a table may still be told to be missing.
    TRY(work.wait(fmt::format("table {} to be ACTIVE", work.table().shown()),
                  [](const auto& seen) { return seen && seen->is_settled(); }));
    return {};
}

Result<void> CreateTable::apply(Service& service, const ItemSource&) {
    TableWork work(service, *request_);
    std::optional<TableState> there = TRY(work.look());
    if (there && there->status == "DELETING") {
        there = TRY(work.wait(fmt::format("the former table {} to be gone", work.table().shown()),
                              [](const auto& seen) { return !seen || seen->status != "DELETING"; }));
    }
    if (!there) return create(work);
    CHECK(accept(work, *there));
    work.remark(fmt::format("the table {} was there already", work.table().shown()));
    return {};
}

Result<Effect> CreateTable::effect(Service& service) {
    TableWork work(service, *request_);
    const std::optional<TableState> there = TRY(work.look());
    return there && there->is_settled() && difference_from(*there).empty() ? Effect::kPresent : Effect::kAbsent;
}

Result<std::string> CreateTable::inverse(Service& service, const ItemSource&) {
    TableWork work(service, *request_);
    const std::optional<TableState> there = TRY(work.look());
    if (there && there->status != "DELETING") return nothing_operation();
    return fmt::format(R"({{"type":"delete_table","TableName":{}}})", json_quote(work.table().logical));
}

}  // namespace

Made make_create_table(RequestPtr request) { return std::make_unique<CreateTable>(std::move(request)); }

}  // namespace godwit::dynamodb
