// create_index: UpdateTable's request with any number of Create entries. The service
// makes one index at a time: they are made in order, each waited for. One that is
// there with the same definition is passed over.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "target/dynamodb/operations/operations.h"
#include "target/dynamodb/table.h"

namespace godwit::dynamodb {
namespace {

// One Create entry.
struct WantedIndex {
    std::string name;
    std::string_view raw;
};

class CreateIndex final : public Operation {
public:
    explicit CreateIndex(RequestPtr request) : request_(std::move(request)) {
        for (const std::string_view entry : elements_of(request_->raw("GlobalSecondaryIndexUpdates"))) {
            const std::string_view create = net::json_raw(members_of(entry), "Create");
            wanted_.push_back({text_of(members_of(create), "IndexName"), create});
        }
    }

    bool destructive() const override { return false; }
    Result<void> apply(Service& service, const ItemSource& items) override;
    Result<Effect> effect(Service& service) override;
    Result<std::string> inverse(Service& service, const ItemSource& items) override;

private:
    static std::string difference_from(const WantedIndex& wanted, const IndexState& there, const TableState& table);
    static Result<void> check_equal(TableWork& work, const WantedIndex& wanted, const TableState& table);
    Result<std::string> definitions(TableWork& work, const WantedIndex& wanted, const TableState& table) const;
    Result<std::optional<std::string>> update(TableWork& work, const WantedIndex& wanted,
                                              const TableState& table) const;

    RequestPtr request_;
    std::vector<WantedIndex> wanted_;
};

std::string CreateIndex::difference_from(const WantedIndex& wanted, const IndexState& there,
                                         const TableState& table) {
    Properties have = index_properties(there.raw), want = index_properties(wanted.raw);
    if (!table.is_provisioned()) {
        have.erase("capacity");
        want.erase("capacity");
    }
    return difference(have, want);
}

Result<void> CreateIndex::check_equal(TableWork& work, const WantedIndex& wanted, const TableState& table) {
    const IndexState* there = table.index(wanted.name);
    if (there == nullptr || there->status == "DELETING") return {};
    const std::string differs = difference_from(wanted, *there, table);
    if (differs.empty()) return {};
    return work.reject(fmt::format("the index {} of the table {} is there already and differs: {}", wanted.name,
                                   work.table().shown(), differs),
                       "An index cannot be changed: delete it with delete_index in a step before, or use "
                       "another name.");
}

// The table's definitions of attributes and those that this index adds.
Result<std::string> CreateIndex::definitions(TableWork& work, const WantedIndex& wanted,
                                             const TableState& table) const {
    std::map<std::string, std::string> types, given;
    for (const KeyAttribute& key : table.keys()) types[key.name] = key.type;
    for (const std::string_view element : elements_of(request_->raw("AttributeDefinitions"))) {
        const Members definition = members_of(element);
        given[text_of(definition, "AttributeName")] = text_of(definition, "AttributeType");
    }
    for (const std::string_view element : elements_of(net::json_raw(members_of(wanted.raw), "KeySchema"))) {
        const std::string name = text_of(members_of(element), "AttributeName");
        const auto known = types.find(name), told = given.find(name);
        if (known == types.end() && told == given.end()) {
            return fail(make_error(ErrorCode::kInvalidInput,
                                   fmt::format("the index {} has the key attribute {}, whose type nobody says",
                                               wanted.name, printable(name)))
                            .at(request_->place().of(element))
                            .with_remedy(fmt::format("Add it to AttributeDefinitions: {{\"AttributeName\": {}, "
                                                     "\"AttributeType\": \"S\"}}.",
                                                     json_quote(name))));
        }
        if (known != types.end() && told != given.end() && known->second != told->second) {
            return work.reject(fmt::format("the attribute {} is of type {} in the keys of the table {}, not {}",
                                           printable(name), known->second, work.table().shown(), told->second),
                               "Correct AttributeDefinitions: one attribute has one type.");
        }
        if (known == types.end()) types[name] = told->second;
    }
    std::vector<std::string> parts;
    for (const auto& [name, type] : types)
        parts.push_back(fmt::format(R"({{"AttributeName":{},"AttributeType":"{}"}})", json_quote(name), type));
    return join(parts, ",");
}

Result<std::optional<std::string>> CreateIndex::update(TableWork& work, const WantedIndex& wanted,
                                                       const TableState& table) const {
    CHECK(check_equal(work, wanted, table));
    if (table.index(wanted.name) != nullptr) return std::optional<std::string>();
    return fmt::format(
        R"({{"TableName":{},"AttributeDefinitions":[{}],"GlobalSecondaryIndexUpdates":[{{"Create":{}}}]}})",
        json_quote(work.table().real), TRY(definitions(work, wanted, table)), wanted.raw);
}

Result<void> CreateIndex::apply(Service& service, const ItemSource&) {
    TableWork work(service, *request_);
    const TableState before = TRY(work.look_at_existing());
    // Nothing is begun that cannot be finished.
    for (const WantedIndex& wanted : wanted_) {
        CHECK(check_equal(work, wanted, before));
        TRY(definitions(work, wanted, before));
    }
    for (const WantedIndex& wanted : wanted_) {
        if (const IndexState* there = before.index(wanted.name); there != nullptr && there->status == "ACTIVE") {
            work.remark(fmt::format("the index {} of {} was there already", wanted.name, work.table().shown()));
            continue;
        }
        CHECK(work.change("UpdateTable", [&](const TableState& table) { return update(work, wanted, table); }));
    }
    return {};
}

Result<Effect> CreateIndex::effect(Service& service) {
    TableWork work(service, *request_);
    const std::optional<TableState> table = TRY(work.look());
    if (!table || !table->is_settled()) return Effect::kAbsent;
    const bool all = std::all_of(wanted_.begin(), wanted_.end(), [&](const WantedIndex& wanted) {
        const IndexState* there = table->index(wanted.name);
        return there != nullptr && difference_from(wanted, *there, *table).empty();
    });
    return all ? Effect::kPresent : Effect::kAbsent;
}

Result<std::string> CreateIndex::inverse(Service& service, const ItemSource&) {
    TableWork work(service, *request_);
    const TableState table = TRY(work.look_at_existing());
    std::vector<std::string> entries;
    for (auto wanted = wanted_.rbegin(); wanted != wanted_.rend(); ++wanted) {
        const IndexState* there = table.index(wanted->name);
        if (there == nullptr || there->status == "DELETING")
            entries.push_back(fmt::format(R"({{"Delete":{{"IndexName":{}}}}})", json_quote(wanted->name)));
    }
    if (entries.empty()) return nothing_operation();
    return fmt::format(R"({{"type":"delete_index","TableName":{},"GlobalSecondaryIndexUpdates":[{}]}})",
                       json_quote(work.table().logical), join(entries, ","));
}

}  // namespace

Made make_create_index(RequestPtr request) { return std::make_unique<CreateIndex>(std::move(request)); }

}  // namespace godwit::dynamodb
