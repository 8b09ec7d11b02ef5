#include "target/dynamodb/previous_items.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "base/text.h"
#include "net/batch.h"

namespace godwit::dynamodb {
namespace {

// BatchGetItem takes no more.
constexpr size_t kBatchKeys = 100;

void append(std::string& list, std::string_view element) {
    if (!list.empty()) list += ',';
    list += element;
}

class PreviousItems {
public:
    PreviousItems(TableWork& work, std::vector<KeyAttribute> keys) : work_(work), keys_(std::move(keys)) {}

    Result<void> add(std::string key) {
        if (!seen_.insert(key_identity(key, keys_)).second) return {};
        pending_bytes_ += key.size();
        pending_.emplace(key_identity(key, keys_), std::move(key));
        return pending_.size() < kBatchKeys ? Result<void>() : ask();
    }
    Result<void> ask();
    bool is_too_long() const { return items_.size() + missing_.size() + pending_bytes_ + 500 > kLargestInverse; }

    std::string operation() const {
        return fmt::format(R"({{"type":"restore_items","TableName":{},"Puts":[{}],"Deletes":[{}]}})",
                           json_quote(work_.table().logical), items_, missing_);
    }

private:
    TableWork& work_;
    const std::vector<KeyAttribute> keys_;
    std::set<std::string> seen_;
    std::map<std::string, std::string> pending_;  // By identity.
    size_t pending_bytes_ = 0;
    std::string items_, missing_;
};

Result<void> PreviousItems::ask() {
    if (pending_.empty()) return {};
    std::string list;
    for (const auto& [identity, key] : pending_) append(list, key);
    const std::string body = fmt::format(R"({{"RequestItems":{{{}:{{"ConsistentRead":true,"Keys":[{}]}}}}}})",
                                         json_quote(work_.table().real), list);
    const net::BatchOutcome outcome =
        net::send_batch(work_.service().client, "BatchGetItem", body, work_.service().cancellation);
    if (!outcome.result) return work_.failure(outcome.result.error());
    for (const std::string& responses : outcome.responses) {
        for (const net::JsonPart& table : members_of(responses)) {
            for (const std::string_view item : elements_of(table.raw)) {
                pending_.erase(key_identity(item, keys_));
                append(items_, item);
            }
        }
    }
    for (const auto& [identity, key] : pending_) append(missing_, key);
    pending_.clear();
    pending_bytes_ = 0;
    return {};
}

// Whether the inverse of elements with these keys may be short enough, and each key is one.
Result<bool> keys_are_short(const std::vector<KeyAttribute>& keys, const std::unique_ptr<ItemReader>& reader,
                            const KeyOf& key_of_element) {
    ItemChecker checker(keys, ItemRole::kKey);
    Element element;
    element.reader = reader.get();
    for (size_t bytes = 0; bytes <= kLargestInverse; element.index++) {
        element.json = TRY(reader->next());
        if (element.json.empty()) return true;
        const std::string key = key_of_element(element, keys);
        if (checker.check(key)) return false;
        bytes += key.size();
    }
    return false;
}

}  // namespace

std::string key_of_item(const Element& element, const std::vector<KeyAttribute>& keys) {
    return key_of(element.json, keys);
}

Result<std::string> restoring_operation(TableWork& work, const Request& request, const ItemSource& items,
                                        const KeyOf& key_of_element) {
    const TableState table = TRY(work.wait_until_usable());
    const std::vector<KeyAttribute> keys = table.keys();
    // Nothing is asked for that could not be kept, or of what apply() is going to refuse.
    if (!TRY(keys_are_short(keys, TRY(request.open(items)), key_of_element))) return std::string();
    PreviousItems previous(work, keys);
    const std::unique_ptr<ItemReader> reader = TRY(request.open(items));
    Element element;
    element.reader = reader.get();
    while (!previous.is_too_long()) {
        element.json = TRY(reader->next());
        if (element.json.empty()) {
            CHECK(previous.ask());
            return previous.is_too_long() ? std::string() : previous.operation();
        }
        CHECK(previous.add(key_of_element(element, keys)));
        element.index++;
    }
    return std::string();
}

}  // namespace godwit::dynamodb
