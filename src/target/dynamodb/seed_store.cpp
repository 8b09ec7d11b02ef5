#include "target/dynamodb/seed_store.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/text.h"
#include "net/json_text.h"
#include "target/dynamodb/batch_queue.h"
#include "target/dynamodb/seed_items.h"
#include "target/seed_faults.h"

namespace godwit::dynamodb {
namespace {

constexpr std::string_view kRuns = "godwit:seed:run:";
constexpr std::string_view kNotes = "godwit:seed:keys:";

// Of one note: an item has 400 KB at most, and what is looked up and held back at a
// time stays small.
constexpr size_t kNoteRows = 2'000, kNoteBytes = 200'000, kItemBytes = 2'000'000;
constexpr int64_t kRowsBetweenReports = 100;

std::string array_of(const std::vector<std::string>& elements) { return "[" + join(elements, ",") + "]"; }

}  // namespace

Result<void> DynamodbSeedStore::scan(std::string_view start,
                                     const std::function<Result<void>(const Item&)>& use) {
    std::string more;
    do {
        net::AwsOutcome outcome = client_.send(
            net::json_request(
                "dynamodb", "Scan",
                fmt::format(
                    R"json({{"TableName":{},"ConsistentRead":true,"FilterExpression":"begins_with(#k,:o)",)json"
                    R"("ExpressionAttributeNames":{{"#k":"{}"}},"ExpressionAttributeValues":{{":o":{}}}{}}})",
                    json_quote(history_.name()), kKey, text_value(start), more)),
            config_.cancellation);
        if (HistoryTable::is_missing(outcome)) return {};
        if (!outcome.reply) return fail(history_.explain(std::move(outcome)));
        const auto members = net::json_members(outcome.reply->body);
        const auto page = members ? net::json_elements(net::json_raw(*members, "Items")) : std::nullopt;
        if (!page) return fail(ErrorCode::kUnavailable, "DynamoDB Scan: the reply is not what it should be");
        for (const std::string_view each : *page) {
            if (const auto item = Item::read(each)) CHECK(use(*item));
        }
        const std::string_view last = net::json_raw(*members, "LastEvaluatedKey");
        more = last.empty() ? "" : fmt::format(R"(,"ExclusiveStartKey":{})", last);
    } while (!more.empty());
    return {};
}

Result<std::vector<Item>> DynamodbSeedStore::runs() {
    std::vector<Item> items;
    CHECK(scan(kRuns, [&](const Item& item) -> Result<void> {
        items.push_back(item);
        return {};
    }));
    return items;
}

Result<void> DynamodbSeedStore::for_each_note(Keys keys,
                                              const std::function<Result<void>(const Note&)>& use) {
    return scan(kNotes, [&](const Item& item) -> Result<void> {
        Note note{item.text(kKey), item.text("table"), item.text("real"), item.number("count").value_or(0),
                  ""};
        if (keys == Keys::kGive) note.keys = item.text("keys");
        return use(note);
    });
}

Result<std::optional<SeedRun>> DynamodbSeedStore::find_run(const std::string& purpose,
                                                           const std::string& seed) {
    std::optional<SeedRun> newest;
    std::string started;
    for (const Item& item : TRY(runs())) {
        if (item.text("purpose") != purpose || item.text("seed") != seed || item.text("started_at") < started)
            continue;
        started = item.text("started_at");
        newest = SeedRun{item.text(kKey).substr(kRuns.size()),
                         purpose,
                         seed,
                         item.text("now"),
                         item.text("environment"),
                         item.text("owner")};
    }
    return newest;
}

Result<std::optional<SeedTable>> DynamodbSeedStore::describe(const std::string& real) {
    net::AwsOutcome outcome =
        client_.send(net::json_request("dynamodb", "DescribeTable",
                                       fmt::format(R"({{"TableName":{}}})", json_quote(real))),
                     config_.cancellation);
    if (HistoryTable::is_missing(outcome)) return std::nullopt;
    if (!outcome.reply) return fail(std::move(outcome.reply).error());
    const auto members = net::json_members(outcome.reply->body);
    return TRY(SeedTable::read(real, members ? net::json_raw(*members, "Table") : ""));
}

// One item, under the lease.
Result<void> DynamodbSeedStore::put(const std::string& item) {
    const std::string entry =
        fmt::format(R"({{"Put":{{"TableName":{},"Item":{}}}}})", json_quote(history_.name()), item);
    if (TRY(history_.transact({entry}, fence_()))) return {};
    return fail(ErrorCode::kInternal, "an item without a condition was refused");
}

Result<std::vector<std::string>> DynamodbSeedStore::existing(const SeedTable& table,
                                                             const std::vector<std::string_view>& keys) {
    std::vector<std::string> placeholders;
    std::vector<std::string> names;
    for (const std::string& key : table.key_names()) {
        placeholders.push_back(fmt::format("#k{}", placeholders.size()));
        names.push_back(fmt::format("{}:{}", json_quote(placeholders.back()), json_quote(key)));
    }
    std::vector<std::string> found;
    const auto note = [&](const std::vector<size_t>&, const net::BatchOutcome& outcome) {
        for (const std::string& response : outcome.responses) {
            const auto tables = net::json_members(response);
            const auto items =
                tables ? net::json_elements(net::json_raw(*tables, table.name())) : std::nullopt;
            if (items) found.insert(found.end(), items->begin(), items->end());
        }
    };
    BatchQueue queue(client_, config_.cancellation,
                     BatchForm::gets(table.name(), fmt::format(R"("ConsistentRead":true,"ProjectionExpression":"{}",)"
                                                               R"("ExpressionAttributeNames":{{{}}},)",
                                                               join(placeholders, ","), join(names, ","))),
                     note);
    for (const std::string_view key : keys) CHECK(queue.add(key));
    CHECK(queue.finish());
    return found;
}

// One seeding: rows are gathered, looked up, noted and written, a note's worth at a time.
class DynamodbSeedStore::Seeding {
public:
    Seeding(DynamodbSeedStore& store, const SeedRun& run, SeedOutcome& outcome)
        : store_(store), run_(run), outcome_(outcome) {}

    Result<void> begin() {
        std::string item = fmt::format(R"({{"{}":{},"status":{{"S":"seed"}})", kKey,
                                       text_value(std::string(kRuns) + run_.id));
        const std::string started = iso_time(std::chrono::duration_cast<std::chrono::milliseconds>(
                                                 std::chrono::system_clock::now().time_since_epoch())
                                                 .count());
        for (const auto& [name, text] : {std::pair<const char*, const std::string&>{"purpose", run_.purpose},
                                         {"seed", run_.seed},
                                         {"now", run_.now},
                                         {"environment", run_.environment},
                                         {"owner", run_.owner},
                                         {"started_at", started}}) {
            item += fmt::format(R"(,"{}":{})", name, text_value(text));
        }
        return store_.put(item + "}");
    }

    Result<void> add(const SeedRow& row) {
        if (row.table != logical_) {
            CHECK(finish_table());
            CHECK(enter(row));
        }
        std::string item = item_json(row.fields);
        if (const auto fault = table_->fault_of(item)) {
            return fail(
                make_error(ErrorCode::kInvalidInput, "an item of " + printable(logical_) + ": " + *fault)
                    .at(place_of(row)));
        }
        const uint64_t hash = table_->hash(item);
        std::string key = table_->key(item);
        if (!made_.insert(hash)) return fail(without_promise(made_twice(row, key)));
        bytes_ += item.size();
        key_bytes_ += key.size() + 1;
        rows_.push_back({std::move(item), std::move(key), hash, row.where});
        const bool full = rows_.size() >= kNoteRows || key_bytes_ >= kNoteBytes || bytes_ >= kItemBytes;
        return full ? flush() : Result<void>();
    }

    Result<void> finish_table() {
        CHECK(flush());
        return writer_ ? writer_->finish() : Result<void>();
    }

    // A run that has written nothing is not remembered.
    Result<void> forget_if_empty() {
        if (noted_ > 0) return {};
        return store_.history_.delete_all({std::string(kRuns) + run_.id});
    }

private:
    struct Row {
        std::string item;
        std::string key;
        uint64_t hash = 0;
        const SourceSpan* where = nullptr;
    };

    static SourceSpan place_of(const SeedRow& row) {
        return row.where == nullptr ? SourceSpan{} : *row.where;
    }
    // Without transactions, what was written before the fault is there.
    static Error without_promise(Error error) {
        error.remedy =
            "Let the seed file make other keys. What was written before is known as seeded: `godwit seed "
            "clear`.";
        return error;
    }

    Result<void> enter(const SeedRow& row) {
        logical_ = row.table;
        const std::string real = store_.names_.real(logical_);
        CHECK(check_name(real));
        auto table = TRY(store_.describe(real));
        if (!table) return fail(no_such_table(row));
        table_ = std::move(*table);
        made_ = HashSet();
        known_ = HashSet();
        CHECK(store_.for_each_note(Keys::kGive, [&](const Note& note) -> Result<void> {
            if (note.real != table_->name()) return {};
            for (const std::string_view key :
                 net::json_elements(note.keys).value_or(std::vector<std::string_view>{}))
                known_.insert(table_->hash(key));
            return {};
        }));
        is_empty_ = known_.size() == 0 && TRY(is_empty());
        writer_.emplace(store_.client_, store_.config_.cancellation, BatchForm::puts(table_->name()));
        return {};
    }

    // Then no key can be there, and none need be looked up.
    Result<bool> is_empty() {
        const std::string reply = TRY(store_.client_.call(
            "dynamodb", "Scan",
            fmt::format(R"({{"TableName":{},"Select":"COUNT","Limit":1,"ConsistentRead":true}})",
                        json_quote(table_->name())),
            store_.config_.cancellation));
        const auto members = net::json_members(reply);
        return members && net::json_raw(*members, "Count") == "0" &&
               net::json_raw(*members, "LastEvaluatedKey").empty();
    }

    Result<void> flush() {
        if (rows_.empty()) return {};
        if (!is_empty_) CHECK(leave_out_existing());
        std::vector<std::string> keys;
        for (const Row& row : rows_) {
            if (!known_.contains(row.hash)) keys.push_back(row.key);
        }
        if (!keys.empty()) CHECK(note(keys));
        noted_ += static_cast<int64_t>(rows_.size());
        for (const Row& row : rows_) CHECK(writer_->add(row.item));
        outcome_[logical_].written += static_cast<int64_t>(rows_.size());
        rows_.clear();
        bytes_ = key_bytes_ = 0;
        return {};
    }

    // Keys that are there must be known; their items stay as they are.
    Result<void> leave_out_existing() {
        std::vector<std::string_view> keys;
        for (const Row& row : rows_) keys.emplace_back(row.key);
        HashSet there;
        for (const std::string& key : TRY(store_.existing(*table_, keys))) there.insert(table_->hash(key));
        std::vector<Row> left;
        for (Row& row : rows_) {
            if (!there.contains(row.hash)) {
                left.push_back(std::move(row));
            } else if (known_.contains(row.hash)) {
                ++outcome_[logical_].present;
            } else {
                SeedRow culprit;
                culprit.table = logical_;
                culprit.where = row.where;
                return fail(without_promise(not_ours(culprit, row.key)));
            }
        }
        rows_ = std::move(left);
        return {};
    }

    Result<void> note(const std::vector<std::string>& keys) {
        const std::string id = fmt::format("{}{}:{:09}", kNotes, run_.id, ++notes_);
        return store_.put(
            fmt::format(R"({{"{}":{},"status":{{"S":"seed"}},"table":{},"real":{},"count":{},"keys":{}}})",
                        kKey, text_value(id), text_value(logical_), text_value(table_->name()),
                        number_value(static_cast<int64_t>(keys.size())), text_value(array_of(keys))));
    }

    DynamodbSeedStore& store_;
    const SeedRun& run_;
    SeedOutcome& outcome_;
    std::string logical_;
    std::optional<SeedTable> table_;
    bool is_empty_ = false;
    HashSet known_;  // Keys of the table that were noted before this run,
    HashSet made_;   // and those that it has made.
    std::vector<Row> rows_;
    size_t bytes_ = 0, key_bytes_ = 0;
    int64_t notes_ = 0, noted_ = 0;
    std::optional<BatchQueue> writer_;  // Last: waits for what is under way.
};

Result<SeedOutcome> DynamodbSeedStore::seed(const SeedRun& run, const SeedHooks& hooks) {
    SeedOutcome outcome;
    Seeding seeding(*this, run, outcome);
    CHECK(seeding.begin());
    const auto make_all = [&]() -> Result<void> {
        SeedRow row;
        for (int64_t done = 1; TRY(hooks.next(row)); ++done) {
            CHECK(seeding.add(row));
            if (hooks.progress && done % kRowsBetweenReports == 0) hooks.progress(row.table, done);
        }
        return seeding.finish_table();
    };
    Result<void> made = make_all();
    Result<void> forgotten = seeding.forget_if_empty();
    CHECK(made);
    CHECK(forgotten);
    return outcome;
}

Result<std::map<std::string, int64_t>> DynamodbSeedStore::seeded() {
    std::map<std::string, int64_t> counts;
    CHECK(for_each_note(Keys::kLeaveOut, [&](const Note& note) -> Result<void> {
        counts[note.table] += note.count;
        return {};
    }));
    return counts;
}

Result<void> DynamodbSeedStore::clear_note(const Note& note, ClearCounts& counts) {
    const auto keys = net::json_elements(note.keys).value_or(std::vector<std::string_view>{});
    if (const auto table = TRY(describe(note.real))) {
        const auto there = TRY(existing(*table, keys));
        BatchQueue queue(client_, config_.cancellation, BatchForm::deletes(table->name()));
        for (const std::string& key : there) CHECK(queue.add(key));
        CHECK(queue.finish());
        counts.removed += static_cast<int64_t>(there.size());
        counts.gone += static_cast<int64_t>(keys.size() - there.size());
    } else {
        counts.gone += static_cast<int64_t>(keys.size());
    }
    // Only now: until then a crash leaves them known.
    return history_.delete_all({note.id});
}

Result<ClearOutcome> DynamodbSeedStore::clear(const SeedHooks& hooks) {
    ClearOutcome outcome;
    int64_t done = 0;
    CHECK(for_each_note(Keys::kGive, [&](const Note& note) -> Result<void> {
        CHECK(clear_note(note, outcome[note.table]));
        if (hooks.progress) hooks.progress(note.table, done += note.count);
        return {};
    }));
    std::vector<std::string> ids;
    for (const Item& item : TRY(runs())) ids.push_back(item.text(kKey));
    CHECK(history_.delete_all(ids));
    return outcome;
}

}  // namespace godwit::dynamodb
