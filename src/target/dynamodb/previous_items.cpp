#include "target/dynamodb/previous_items.h"

#include <fmt/format.h>

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "net/batch.h"

namespace godwit::dynamodb {
namespace {

// BatchGetItem takes no more.
constexpr size_t kBatchKeys = 100;
constexpr size_t kBatchesOut = 16;
constexpr int64_t kStepMs = 100;

void append(std::string& list, std::string_view element) {
    if (!list.empty()) list += ',';
    list += element;
}

// Asks for many at a time, and keeps the answers in the order of the questions.
class PreviousItems {
public:
    PreviousItems(TableWork& work, std::vector<KeyAttribute> keys) : work_(work), keys_(std::move(keys)) {}
    ~PreviousItems() { wait_for(0); }  // What is out refers to this.
    PreviousItems(const PreviousItems&) = delete;
    PreviousItems& operator=(const PreviousItems&) = delete;

    Result<void> add(std::string key) {
        std::string identity = key_identity(key, keys_);
        if (!seen_.insert(identity).second) return {};
        bytes_ += key.size() + 1;
        pending_.emplace(std::move(identity), std::move(key));
        return pending_.size() < kBatchKeys ? Result<void>() : ask();
    }
    // Until all is answered.
    Result<void> finish() {
        CHECK(ask());
        wait_for(0);
        return check_failure();
    }
    // As far as is known yet.
    bool is_too_long() const { return bytes_ + 500 > kLargestInverse; }

    std::string operation() const {
        std::string items, missing;
        for (const Answer& answer : answers_) {
            if (!answer.items.empty()) append(items, answer.items);
            if (!answer.missing.empty()) append(missing, answer.missing);
        }
        return fmt::format(R"({{"type":"restore_items","TableName":{},"Puts":[{}],"Deletes":[{}]}})",
                           json_quote(work_.table().logical), items, missing);
    }

private:
    using Keys = std::map<std::string, std::string>;  // By identity.
    struct Answer {
        std::string items, missing;
    };

    void wait_for(size_t batches) {
        while (out_ > batches) work_.service().client.step(kStepMs);
    }
    Result<void> check_failure() {
        if (!failure_) return {};
        wait_for(0);
        return work_.failure(*failure_);
    }
    Result<void> ask();
    void take(const net::BatchOutcome& outcome, Keys keys, Answer& answer);

    TableWork& work_;
    const std::vector<KeyAttribute> keys_;
    std::set<std::string> seen_;
    Keys pending_;
    size_t bytes_ = 0;
    size_t out_ = 0;
    std::deque<Answer> answers_;  // Their places stay.
    std::optional<Error> failure_;
};

Result<void> PreviousItems::ask() {
    if (pending_.empty()) return {};
    wait_for(kBatchesOut - 1);
    CHECK(check_failure());
    std::string list;
    for (const auto& [identity, key] : pending_) append(list, key);
    std::string body = fmt::format(R"({{"RequestItems":{{{}:{{"ConsistentRead":true,"Keys":[{}]}}}}}})",
                                   json_quote(work_.table().real), list);
    Answer& answer = answers_.emplace_back();
    ++out_;
    net::start_batch(work_.service().client, "BatchGetItem", std::move(body), work_.service().cancellation,
                     [this, keys = std::exchange(pending_, {}), &answer](const net::BatchOutcome& outcome) mutable {
                         --out_;
                         take(outcome, std::move(keys), answer);
                     });
    return {};
}

void PreviousItems::take(const net::BatchOutcome& outcome, Keys keys, Answer& answer) {
    if (!outcome.result) {
        if (!failure_) failure_ = outcome.result.error();
        return;
    }
    for (const std::string& responses : outcome.responses) {
        for (const net::JsonPart& table : members_of(responses)) {
            for (const std::string_view item : elements_of(table.raw)) {
                keys.erase(key_identity(item, keys_));
                append(answer.items, item);
            }
        }
    }
    bytes_ += answer.items.size();
    for (const auto& [identity, key] : keys) append(answer.missing, key);
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
            CHECK(previous.finish());
            return previous.is_too_long() ? std::string() : previous.operation();
        }
        CHECK(previous.add(key_of_element(element, keys)));
        element.index++;
    }
    return std::string();
}

}  // namespace godwit::dynamodb
