// update_billing: UpdateTable's request as far as it is about capacity: BillingMode,
// ProvisionedThroughput, OnDemandThroughput and WarmThroughput, of the table and of
// its indexes. What is so already is left out, since the service refuses it.
#include <fmt/format.h>

#include "base/text.h"
#include "target/dynamodb/operations/setting.h"

namespace godwit::dynamodb {
namespace {

constexpr std::string_view kThroughputs[] = {"ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput"};

// Whether each member of `wanted` has that value in `there`.
bool holds(std::string_view there, std::string_view wanted) {
    const Members have = members_of(there);
    for (const net::JsonPart& member : members_of(wanted)) {
        std::string value = text_of(have, member.name);
        if (value.empty()) value = "-1";  // On demand: no limit.
        if (value != member.text().value_or("")) return false;
    }
    return true;
}

// The capacities of a table or an index that are not yet as `wanted` says.
std::string missing_throughputs(std::string_view there, std::string_view wanted, bool mode_changes) {
    const Members have = members_of(there), want = members_of(wanted);
    std::string out;
    for (const std::string_view name : kThroughputs) {
        const std::string_view value = net::json_raw(want, name);
        if (value.empty() || (!mode_changes && holds(net::json_raw(have, name), value))) continue;
        out += fmt::format(",{}:{}", json_quote(name), value);
    }
    return out;
}

std::string provisioned(std::string_view description) {
    const Members capacity = members_of(net::json_raw(members_of(description), "ProvisionedThroughput"));
    return fmt::format(R"("ProvisionedThroughput":{{"ReadCapacityUnits":{},"WriteCapacityUnits":{}}})",
                       text_of(capacity, "ReadCapacityUnits"), text_of(capacity, "WriteCapacityUnits"));
}

// The limits on demand that are set now, -1 where there is none.
std::string on_demand(std::string_view description) {
    const Members limits = members_of(net::json_raw(members_of(description), "OnDemandThroughput"));
    const auto limit = [&](std::string_view name) {
        const std::string text = text_of(limits, name);
        return text.empty() ? "-1" : text;
    };
    return fmt::format(R"("OnDemandThroughput":{{"MaxReadRequestUnits":{},"MaxWriteRequestUnits":{}}})",
                       limit("MaxReadRequestUnits"), limit("MaxWriteRequestUnits"));
}

class UpdateBilling final : public SettingOperation {
public:
    using SettingOperation::SettingOperation;

protected:
    std::string action() const override { return "UpdateTable"; }
    Result<std::optional<std::string>> request_for(TableWork& work, const TableState& table) override;
    Result<std::string> members_now(TableWork& work, const TableState& table) override;

private:
    Result<std::string> index_updates(TableWork& work, const TableState& table, bool mode_changes) const;
};

Result<std::string> UpdateBilling::index_updates(TableWork& work, const TableState& table, bool mode_changes) const {
    std::vector<std::string> updates;
    for (const std::string_view entry : elements_of(request().raw("GlobalSecondaryIndexUpdates"))) {
        const std::string_view wanted = net::json_raw(members_of(entry), "Update");
        const std::string name = text_of(members_of(wanted), "IndexName");
        const IndexState* there = table.index(name);
        if (there == nullptr)
            return work.reject(fmt::format("the table {} has no index {}", work.table().shown(), name), "");
        const std::string missing = missing_throughputs(there->raw, wanted, mode_changes);
        if (!missing.empty())
            updates.push_back(fmt::format(R"({{"Update":{{"IndexName":{}{}}}}})", json_quote(name), missing));
    }
    return join(updates, ",");
}

Result<std::optional<std::string>> UpdateBilling::request_for(TableWork& work, const TableState& table) {
    const std::string mode = request().text("BillingMode");
    const bool changes = !mode.empty() && table.is_provisioned() != (mode == "PROVISIONED");
    std::string members;
    if (changes) members += fmt::format(R"(,"BillingMode":"{}")", mode);
    members += missing_throughputs(table.raw, request().for_table(""), changes);
    const std::string updates = TRY(index_updates(work, table, changes));
    if (!updates.empty()) members += fmt::format(R"(,"GlobalSecondaryIndexUpdates":[{}])", updates);
    if (members.empty()) return std::optional<std::string>();
    return fmt::format(R"({{"TableName":{}{}}})", json_quote(work.table().real), members);
}

Result<std::string> UpdateBilling::members_now(TableWork&, const TableState& table) {
    const bool is_provisioned = table.is_provisioned();
    std::string out = fmt::format(R"("BillingMode":"{}")", is_provisioned ? "PROVISIONED" : "PAY_PER_REQUEST");
    if (!is_provisioned) {
        if (!request().raw("OnDemandThroughput").empty()) out += "," + on_demand(table.raw);
        return out;
    }
    out += "," + provisioned(table.raw);
    std::vector<std::string> updates;
    for (const IndexState& index : table.indexes) {
        updates.push_back(fmt::format(R"({{"Update":{{"IndexName":{},{}}}}})", json_quote(index.name),
                                      provisioned(index.raw)));
    }
    if (!updates.empty()) out += fmt::format(R"(,"GlobalSecondaryIndexUpdates":[{}])", join(updates, ","));
    return out;
}

}  // namespace

Made make_update_billing(RequestPtr request) {
    constexpr std::string_view kMembers[] = {"BillingMode", "ProvisionedThroughput", "OnDemandThroughput",
                                             "WarmThroughput", "GlobalSecondaryIndexUpdates"};
    for (const std::string_view name : kMembers) {
        if (!request->raw(name).empty()) return std::make_unique<UpdateBilling>(std::move(request));
    }
    return fail(make_error(ErrorCode::kInvalidInput, "update_billing says nothing to change")
                    .at(request->where())
                    .with_remedy("Give BillingMode, or a throughput."));
}

}  // namespace godwit::dynamodb
