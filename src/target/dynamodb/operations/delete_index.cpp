// delete_index: UpdateTable's request with any number of Delete entries, one after
// the other. An index that is not there is done.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "target/dynamodb/operations/operations.h"
#include "target/dynamodb/table.h"

namespace godwit::dynamodb {
namespace {

class DeleteIndex final : public Operation {
public:
    explicit DeleteIndex(RequestPtr request) : request_(std::move(request)) {
        for (const std::string_view entry : elements_of(request_->raw("GlobalSecondaryIndexUpdates")))
            names_.push_back(text_of(members_of(net::json_raw(members_of(entry), "Delete")), "IndexName"));
    }

    bool destructive() const override { return true; }
    Result<void> apply(Service& service, const ItemSource& items) override;
    Result<Effect> effect(Service& service) override;
    Result<std::string> inverse(Service& service, const ItemSource& items) override;

private:
    RequestPtr request_;
    std::vector<std::string> names_;
};

// What Create needs to make this index again.
std::string create_entry(const IndexState& index, bool provisioned) {
    const Members members = members_of(index.raw);
    std::string out = fmt::format(R"({{"Create":{{"IndexName":{},"KeySchema":{},"Projection":{})",
                                  json_quote(index.name), net::json_raw(members, "KeySchema"),
                                  net::json_raw(members, "Projection"));
    if (provisioned) {
        const Members capacity = members_of(net::json_raw(members, "ProvisionedThroughput"));
        out += fmt::format(R"(,"ProvisionedThroughput":{{"ReadCapacityUnits":{},"WriteCapacityUnits":{}}})",
                           text_of(capacity, "ReadCapacityUnits"), text_of(capacity, "WriteCapacityUnits"));
    }
    if (const auto limits = net::json_raw(members, "OnDemandThroughput"); !limits.empty())
        out += fmt::format(R"(,"OnDemandThroughput":{})", limits);
    return out + "}}";
}

Result<void> DeleteIndex::apply(Service& service, const ItemSource&) {
    TableWork work(service, *request_);
    const TableState before = TRY(work.look_at_existing());
    for (const std::string& name : names_) {
        if (before.index(name) == nullptr) {
            work.remark(fmt::format("the index {} of {} was not there", name, work.table().shown()));
            continue;
        }
        CHECK(work.change("UpdateTable", [&](const TableState& table) -> Result<std::optional<std::string>> {
            if (table.index(name) == nullptr) return std::optional<std::string>();
            CHECK(work.check_unprotected(table));
            return fmt::format(
                R"({{"TableName":{},"GlobalSecondaryIndexUpdates":[{{"Delete":{{"IndexName":{}}}}}]}})",
                json_quote(work.table().real), json_quote(name));
        }));
    }
    return {};
}

Result<Effect> DeleteIndex::effect(Service& service) {
    TableWork work(service, *request_);
    const std::optional<TableState> table = TRY(work.look());
    const bool gone = !table || std::none_of(names_.begin(), names_.end(), [&](const std::string& name) {
        return table->index(name) != nullptr;
    });
    return gone ? Effect::kPresent : Effect::kAbsent;
}

Result<std::string> DeleteIndex::inverse(Service& service, const ItemSource&) {
    TableWork work(service, *request_);
    const TableState table = TRY(work.look_at_existing());
    std::vector<std::string> entries, definitions;
    std::set<std::string> attributes;
    for (auto name = names_.rbegin(); name != names_.rend(); ++name) {
        const IndexState* there = table.index(*name);
        if (there == nullptr || there->status == "DELETING") continue;
        entries.push_back(create_entry(*there, table.is_provisioned()));
        for (const std::string_view key : elements_of(net::json_raw(members_of(there->raw), "KeySchema")))
            attributes.insert(text_of(members_of(key), "AttributeName"));
    }
    if (entries.empty()) return nothing_operation();
    for (const KeyAttribute& key : table.keys()) {
        if (attributes.contains(key.name)) {
            definitions.push_back(fmt::format(R"({{"AttributeName":{},"AttributeType":"{}"}})",
                                              json_quote(key.name), key.type));
        }
    }
    return fmt::format(
        R"({{"type":"create_index","TableName":{},"AttributeDefinitions":[{}],"GlobalSecondaryIndexUpdates":[{}]}})",
        json_quote(work.table().logical), join(definitions, ","), join(entries, ","));
}

}  // namespace

Made make_delete_index(RequestPtr request) { return std::make_unique<DeleteIndex>(std::move(request)); }

}  // namespace godwit::dynamodb
