#include "target/dynamodb/previous_items.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "target/dynamodb/batch_queue.h"

namespace godwit::dynamodb {
namespace {

void append(std::string& list, std::string_view element) {
    if (!list.empty()) list += ',';
    list += element;
}

// Asks for many at a time, and keeps the answers in the order of the questions.
class PreviousItems {
public:
    PreviousItems(TableWork& work, std::vector<KeyAttribute> keys)
        : work_(work),
          keys_(std::move(keys)),
          queue_(work.service().client, work.service().cancellation,
                 BatchForm::gets(work.table().real, R"("ConsistentRead":true,)"),
                 [this](const std::vector<size_t>& asked, const net::BatchOutcome& outcome) { take(asked, outcome); }) {}

    Result<void> add(std::string key) {
        if (!seen_.insert(key_identity(key, keys_)).second) return {};
        bytes_ += key.size() + 1;
        asked_.push_back(std::move(key));
        return told(queue_.add(asked_.back(), asked_.size() - 1));
    }
    // Until all is answered.
    Result<void> finish() { return told(queue_.finish()); }
    // As far as is known yet.
    bool is_too_long() const { return bytes_ + 500 > kLargestInverse; }

    std::string operation() const {
        std::string items, missing;
        for (const auto& [first, answer] : answers_) {
            if (!answer.items.empty()) append(items, answer.items);
            if (!answer.missing.empty()) append(missing, answer.missing);
        }
        return fmt::format(R"({{"type":"restore_items","TableName":{},"Puts":[{}],"Deletes":[{}]}})",
                           json_quote(work_.table().logical), items, missing);
    }

private:
    struct Answer {
        std::string items, missing;
    };

    Result<void> told(Result<void> done) const {
        if (!done) return work_.failure(std::move(done).error());
        return done;
    }
    void take(const std::vector<size_t>& asked, const net::BatchOutcome& outcome);

    TableWork& work_;
    const std::vector<KeyAttribute> keys_;
    std::set<std::string> seen_;
    std::vector<std::string> asked_;  // Keys.
    size_t bytes_ = 0;
    std::map<size_t, Answer> answers_;  // By the first that was asked for.
    BatchQueue queue_;                  // Last: waits for what is under way.
};

void PreviousItems::take(const std::vector<size_t>& asked, const net::BatchOutcome& outcome) {
    if (!outcome.result) return;
    std::map<std::string, size_t> missing;  // By identity.
    for (const size_t number : asked) missing.emplace(key_identity(asked_[number], keys_), number);
    Answer& answer = answers_[asked.front()];
    for (const std::string& responses : outcome.responses) {
        for (const net::JsonPart& table : members_of(responses)) {
            for (const std::string_view item : elements_of(table.raw)) {
                missing.erase(key_identity(item, keys_));
                append(answer.items, item);
            }
        }
    }
    bytes_ += answer.items.size();
    for (const auto& [identity, number] : missing) append(answer.missing, asked_[number]);
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
