#include "target/dynamodb/history_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/process.h"
#include "base/text.h"
#include "net/batch.h"
#include "net/json_text.h"

namespace godwit::dynamodb {
namespace {

using std::chrono::milliseconds;

// How long a write of the record goes on being tried: nothing else ends it.
constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::seconds kPatienceAfterStop{15};

// A new table is usable within seconds, as a rule; a deleted one is gone likewise.
constexpr std::chrono::minutes kLongestCreation{5};
constexpr milliseconds kFirstLook{20};
constexpr milliseconds kLongestBetweenLooks{1'000};

// BatchWriteItem's and TransactWriteItems' limits, less the fence.
constexpr size_t kLargestBatch = 25;

std::string shown_key(std::string_view schema, std::string_view definitions) {
    std::vector<std::string> parts;
    for (const std::string_view each : net::json_elements(schema).value_or(std::vector<std::string_view>{})) {
        const auto key = net::json_members(each);
        if (!key) continue;
        const std::string name = net::json_text(*key, {"AttributeName"}).value_or("?");
        std::string type = "?";
        for (const std::string_view definition :
             net::json_elements(definitions).value_or(std::vector<std::string_view>{})) {
            const auto members = net::json_members(definition);
            if (members && net::json_text(*members, {"AttributeName"}) == name)
                type = net::json_text(*members, {"AttributeType"}).value_or("?");
        }
        parts.push_back(fmt::format("{} ({})", printable(name), printable(type)));
    }
    return join(parts, ", ");
}

}  // namespace

// A statement that is refused is one thing, to be kept out of the record altogether another.
Error HistoryTable::kept_out(Error error) {
    if (error.code == ErrorCode::kRejected && error.native_code.starts_with("AccessDenied"))
        error.code = ErrorCode::kUnavailable;
    return error;
}

Error lease_lost() {
    return make_error(ErrorCode::kLocked, "the lock is lost: its lease ran out, or another run has taken it")
        .with_remedy("See `godwit status`, then run again: what is recorded is not repeated.");
}

net::AwsOutcome HistoryTable::send(std::string action, std::string body) {
    net::AwsRequest request = net::json_request("dynamodb", std::move(action), std::move(body));
    request.limits.connect_ms = connect_timeout_.count();
    if (!request.writes) return client_.send(std::move(request), cancellation_);
    const bool stopping = cancellation_ != nullptr && cancellation_->stop_requested();
    Cancellation patience;
    patience.set_deadline(Cancellation::Clock::now() + (stopping ? kPatienceAfterStop : kPatience));
    net::AwsOutcome outcome = client_.send(std::move(request), &patience);
    if (!outcome.reply && outcome.reply.error().code == ErrorCode::kTimedOut)
        outcome.reply.error().code = ErrorCode::kUnavailable;
    return outcome;
}

Result<std::optional<Item>> HistoryTable::get(std::string_view key) {
    net::AwsOutcome outcome =
        send("GetItem", fmt::format(R"({{"TableName":{},"Key":{},"ConsistentRead":true}})", json_quote(name_),
                                    key_of(key)));
    if (is_missing(outcome)) return std::nullopt;
    if (!outcome.reply) return fail(kept_out(explain(std::move(outcome))));
    const auto members = net::json_members(outcome.reply->body);
    if (!members) return fail(ErrorCode::kUnavailable, "DynamoDB GetItem: the reply is no JSON");
    const std::string_view item = net::json_raw(*members, "Item");
    return item.empty() ? std::nullopt : Item::read(item);
}

Result<std::optional<std::vector<Item>>> HistoryTable::scan(std::string_view filter, std::string_view operands,
                                                            std::string_view projection) {
    std::vector<Item> items;
    std::string more;
    do {
        net::AwsOutcome outcome = send(
            "Scan",
            fmt::format(R"({{"TableName":{},"ConsistentRead":true,"FilterExpression":"{}",)"
                        R"("ExpressionAttributeNames":{{"#k":"{}"}},"ExpressionAttributeValues":{{{}}}{}{}}})",
                        json_quote(name_), filter, kKey, operands, projection, more));
        if (is_missing(outcome)) return std::nullopt;
        if (!outcome.reply) return fail(kept_out(std::move(outcome.reply).error()));
        const auto members = net::json_members(outcome.reply->body);
        const auto page = members ? net::json_elements(net::json_raw(*members, "Items")) : std::nullopt;
        if (!page) return fail(ErrorCode::kUnavailable, "DynamoDB Scan: the reply is not what it should be");
        for (const std::string_view each : *page) {
            auto item = Item::read(each);
            if (item && !item->text(kKey).empty()) {
                items.push_back(std::move(*item));
                continue;
            }
            CHECK(check_shape());
            return fail(ErrorCode::kUnavailable, "DynamoDB Scan: an item has no key");
        }
        const std::string_view last = net::json_raw(*members, "LastEvaluatedKey");
        more = last.empty() ? "" : fmt::format(R"(,"ExclusiveStartKey":{})", last);
    } while (!more.empty());
    return items;
}

Result<std::optional<std::vector<Item>>> HistoryTable::scan_all_but(std::string_view but) {
    const std::string operands = fmt::format(R"(":o":{},":s":{})", text_value(but), text_value(keys::kSeed));
    return scan("NOT begins_with(#k,:o) AND NOT begins_with(#k,:s)", operands, "");
}

Result<std::vector<std::string>> HistoryTable::keys_with(std::string_view start) {
    const auto items = TRY(scan("begins_with(#k,:o)", R"(":o":)" + text_value(start), R"(,"ProjectionExpression":"#k")"));
    std::vector<std::string> found;
    for (const Item& item : items.value_or(std::vector<Item>{})) found.push_back(item.text(kKey));
    std::sort(found.begin(), found.end());
    return found;
}

net::AwsOutcome HistoryTable::update(const Update& update, std::string_view more) {
    return send("UpdateItem", update.json(more));
}

// The token makes a request that is sent again, because its answer was lost, take
// effect once. Source: "Amazon DynamoDB Transactions: How it works", idempotency.
Result<bool> HistoryTable::transact(const std::vector<std::string>& entries, std::optional<int64_t> fence) {
    std::vector<std::string> all;
    if (fence) all.push_back(condition_entry(Update(name_, keys::kLease).when_equal("token", *fence)));
    all.insert(all.end(), entries.begin(), entries.end());
    net::AwsOutcome outcome =
        send("TransactWriteItems", fmt::format(R"({{"ClientRequestToken":"{}","TransactItems":[{}]}})",
                                               random_hex(16), join(all, ",")));
    if (outcome.reply) return true;
    if (!outcome.failed_with("TransactionCanceledException")) return fail(explain(std::move(outcome)));
    const auto members = net::json_members(outcome.fault.body);
    const auto reasons = members ? net::json_elements(net::json_raw(*members, "CancellationReasons")) : std::nullopt;
    bool unmet = false;
    for (size_t i = 0; reasons && i < reasons->size(); ++i) {
        const auto reason = net::json_members((*reasons)[i]);
        if (!reason || net::json_text(*reason, {"Code"}) != "ConditionalCheckFailed") continue;
        if (fence && i == 0) return fail(lease_lost());
        unmet = true;
    }
    if (unmet) return false;
    return fail(explain(std::move(outcome)));
}

Result<void> HistoryTable::delete_all(const std::vector<std::string>& keys) {
    for (size_t first = 0; first < keys.size(); first += kLargestBatch) {
        std::vector<std::string> requests;
        for (size_t i = first; i < std::min(first + kLargestBatch, keys.size()); ++i)
            requests.push_back(fmt::format(R"({{"DeleteRequest":{{"Key":{}}}}})", key_of(keys[i])));
        const net::BatchOutcome outcome =
            net::send_batch(client_, "BatchWriteItem",
                            fmt::format(R"({{"RequestItems":{{{}:[{}]}}}})", json_quote(name_),
                                        join(requests, ",")),
                            cancellation_);
        CHECK(outcome.result);
    }
    return {};
}

Result<void> HistoryTable::ensure() {
    const auto deadline = Cancellation::Clock::now() + kLongestCreation;
    milliseconds pause = kFirstLook;
    State state = TRY(create());
    while (state != State::kActive) {
        if (cancellation_ != nullptr) CHECK(cancellation_->check());
        if (Cancellation::Clock::now() >= deadline) {
            return fail(make_error(ErrorCode::kUnavailable,
                                   fmt::format("the table {} is still not ready after 5 minutes", name_))
                            .with_remedy("See what DynamoDB says about it, and run again."));
        }
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, kLongestBetweenLooks);
        // Missing: it was being deleted, and is gone now.
        state = TRY(look());
        if (state == State::kMissing) state = TRY(create());
    }
    return {};
}

Result<HistoryTable::State> HistoryTable::create() {
    net::AwsOutcome outcome = send(
        "CreateTable",
        fmt::format(R"({{"TableName":{},"BillingMode":"PAY_PER_REQUEST",)"
                    R"("AttributeDefinitions":[{{"AttributeName":"{}","AttributeType":"S"}}],)"
                    R"("KeySchema":[{{"AttributeName":"{}","KeyType":"HASH"}}]}})",
                    json_quote(name_), kKey, kKey));
    // Another run makes it, or our own first try did.
    if (outcome.failed_with("ResourceInUseException")) return look();
    if (!outcome.reply) return fail(kept_out(std::move(outcome.reply).error()));
    const auto members = net::json_members(outcome.reply->body);
    return judge(members ? net::json_raw(*members, "TableDescription") : "");
}

Result<HistoryTable::State> HistoryTable::look() {
    net::AwsOutcome outcome =
        send("DescribeTable", fmt::format(R"({{"TableName":{}}})", json_quote(name_)));
    if (is_missing(outcome)) return State::kMissing;
    if (!outcome.reply) return fail(kept_out(std::move(outcome.reply).error()));
    const auto members = net::json_members(outcome.reply->body);
    return judge(members ? net::json_raw(*members, "Table") : "");
}

Result<HistoryTable::State> HistoryTable::judge(std::string_view description) {
    const auto table = net::json_members(description);
    if (!table) return fail(ErrorCode::kUnavailable, "DynamoDB: the description of a table is not what it should be");
    const std::string key =
        shown_key(net::json_raw(*table, "KeySchema"), net::json_raw(*table, "AttributeDefinitions"));
    if (key != fmt::format("{} (S)", kKey)) {
        return fail(make_error(ErrorCode::kConflict,
                               fmt::format("the table {} is not what its name says: its key is {}, where that "
                                           "of a history is {} (S)",
                                           name_, key, kKey))
                        .with_remedy("Name another table: history = \"…\" in godwit.toml, or --history."));
    }
    const std::string status = net::json_text(*table, {"TableStatus"}).value_or("");
    return status == "ACTIVE" || status == "UPDATING" ? State::kActive : State::kOnItsWay;
}

Result<void> HistoryTable::check_shape() {
    (void)TRY(look());
    return {};
}

Error HistoryTable::explain(net::AwsOutcome outcome) {
    // A key that does not fit is told by a message alone.
    const bool other_key = outcome.fault.name == "ValidationException" ||
                           outcome.fault.name == "TransactionCanceledException";
    if (other_key) {
        if (Result<void> shape = check_shape(); !shape && shape.error().code == ErrorCode::kConflict)
            return std::move(shape).error();
    }
    return std::move(outcome.reply).error();
}

}  // namespace godwit::dynamodb
