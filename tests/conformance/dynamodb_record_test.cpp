// The record's table: what stands in it, who else may write there, what is refused.
#include <fmt/format.h>

#include <algorithm>

#include "conformance/dynamodb_case.h"
#include "net/aws_client.h"
#include "net/json_text.h"
#include "target/dynamodb/account.h"
#include "target/dynamodb/record.h"

namespace godwit::test {
namespace {

using std::chrono::milliseconds;
using Strings = std::vector<std::string>;

class DynamodbRecord : public DynamodbTest {
protected:
    std::string item(const std::string& key) {
        const std::string reply = fixture().call(
            "GetItem", fmt::format(R"({{"TableName":"{}","Key":{{"version":{{"S":"{}"}}}}}})", history(), key));
        const auto members = net::json_members(reply);
        return std::string(net::json_raw(*members, "Item"));
    }
    // "S:text" or "N:12"; empty when it is not there.
    std::string attribute(const std::string& key, const std::string& name) {
        const std::string json = item(key);
        const auto members = net::json_members(json);
        const auto typed = members ? net::json_members(net::json_raw(*members, name)) : std::nullopt;
        return typed ? typed->front().name + ":" + typed->front().text().value_or("") : "";
    }
    void make_table(const std::string& attributes, const std::string& key) {
        fixture().call("CreateTable",
                       fmt::format(R"({{"TableName":"{}","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{}],)"
                                   R"("KeySchema":[{}]}})",
                                   history(), attributes, key));
    }
};

TEST_F(DynamodbRecord, AnItemIsWhatTheTeamsToolsKnow) {
    const auto target = open_ready(config());
    ASSERT_DONE(target->record(applied("20250101_000001")));
    const std::string key = "20250101_000001";
    EXPECT_EQ(attribute(key, "status"), "S:applied");
    EXPECT_EQ(attribute(key, "description"), "S:makes 20250101_000001");
    EXPECT_EQ(attribute(key, "environment"), "S:" + fixture().config().environment);
    EXPECT_EQ(attribute(key, "checksum"), "S:sha256-20250101_000001");
    const std::string at = attribute(key, "applied_at");
    EXPECT_EQ(at.size(), std::string("S:2025-01-01T00:00:00.000Z").size()) << at;
    EXPECT_EQ(attribute("godwit:record", "status"), "S:record");
}

// Its own are told from them by their status, which such tools look at.
TEST_F(DynamodbRecord, ItsOwnItemsDoNotPassForMigrations) {
    const auto target = open_ready(config());
    auto lease = target->try_lock();
    ASSERT_DONE(lease);
    RecordChange begun = progress("7", Direction::kUp, 0, 1);
    begun.keeps_inverse = true;
    begun.inverse = "{}";
    ASSERT_DONE(target->record(begun));
    EXPECT_EQ(attribute("godwit:lease", "status"), "S:lease");
    EXPECT_EQ(attribute("godwit:journal:7", "status"), "S:journal");
    EXPECT_EQ(attribute("godwit:undo:7:0", "status"), "S:undo");
}

TEST_F(DynamodbRecord, ItemsOfOtherToolsCountAsApplied) {
    const auto target = open_ready(config());
    for (const char* status : {"applied", "completed", "complete", "success", "done", "COMPLETED"})
        put(fmt::format(R"({{"version":{{"S":"v-{0}"}},"status":{{"S":"{0}"}}}})", status));
    put(R"({"version":{"S":"v-none"},"applied_at":{"S":"2025-06-28T12:00:00.123456+02:00"}})");
    for (const char* status : {"failed", "rolled_back", "pending"})
        put(fmt::format(R"({{"version":{{"S":"v-{0}"}},"status":{{"S":"{0}"}}}})", status));
    put(R"({"version":{"S":"v-more"},"rows":{"L":[{"N":"1"}]},"big":{"N":"12345678901234567890"},"no":{"NULL":true}})");
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    Strings versions = versions_of(*ledger);
    EXPECT_EQ(versions.back(), "v-none") << "those without a time come first";
    std::sort(versions.begin(), versions.end());
    EXPECT_EQ(versions, (Strings{"v-COMPLETED", "v-applied", "v-complete", "v-completed", "v-done", "v-more", "v-none", "v-success"}));
    const auto at = ledger->find("v-none")->applied_at;
    ASSERT_TRUE(at.has_value());
    EXPECT_EQ(at->time_since_epoch().count(), 1'751'104'800'123);

    // What is taken over keeps what it had beside.
    RecordChange accept = applied("v-more");
    accept.kind = RecordChange::Kind::kChecksum;
    ASSERT_DONE(target->record(accept));
    EXPECT_NE(item("v-more").find("12345678901234567890"), std::string::npos);
    // A purge leaves what did not count.
    ASSERT_DONE(target->record(purged()));
    EXPECT_NE(item("v-failed"), "");
    EXPECT_EQ(item("v-none"), "");
}

TEST_F(DynamodbRecord, MoreThanOnePageIsRead) {
    const auto target = open_ready(config());
    const std::string text(300'000, 'd');
    for (int i = 0; i < 5; ++i) put(fmt::format(R"({{"version":{{"S":"v{}"}},"description":{{"S":"{}"}}}})", i, text));
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(ledger->entries().size(), 5u);
    ASSERT_DONE(target->record(purged()));
    EXPECT_EQ(target->read_ledger()->entries().size(), 0u);
}

TEST_F(DynamodbRecord, APurgeOfMoreThanATransactionHoldsEmptiesAll) {
    const auto target = open_ready(config());
    for (int i = 0; i < 205; ++i) put(fmt::format(R"({{"version":{{"S":"v{}"}}}})", i));
    auto lease = target->try_lock();
    ASSERT_DONE(lease);
    ASSERT_DONE(target->record(purged()));
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_TRUE(ledger->exists);
    EXPECT_EQ(versions_of(*ledger), Strings{});
    EXPECT_DONE((*lease)->check());
}

TEST_F(DynamodbRecord, TheNewestHundredRunsAreKept) {
    const auto target = open_ready(config());
    for (int run = 0; run < 104; ++run) {
        put(fmt::format(R"({{"version":{{"S":"godwit:audit:2020-01-01T00:00:00.{:03}Z:old"}},"status":{{"S":"audit"}},)"
                        R"("command":{{"S":"old {}"}}}})",
                        run, run));
    }
    AuditRecord audit;
    audit.run_id = std::string(32, 'a');
    audit.command = "new";
    audit.result = "running";
    ASSERT_DONE(target->audit_begin(audit));
    const Strings rows = fixture().audit_rows();
    ASSERT_EQ(rows.size(), 100u);
    EXPECT_EQ(rows.front().substr(0, 6), "old 5|");
    EXPECT_EQ(rows.back().substr(0, 4), "new|");
    EXPECT_EQ(target->read_ledger()->entries().size(), 0u);
}

// One request, so that a status takes little longer than the server's own answer.
TEST_F(DynamodbRecord, AReadingIsOneRequest) {
    open_ready(config());
    Relay relay(server());
    TargetConfig reading = through(relay);
    reading.read_only = true;
    ASSERT_DONE(fixture().open(reading)->read_ledger());
    EXPECT_EQ(relay.passed(), Strings{"Scan"});
}

struct OtherShape {
    const char* attributes;
    const char* key;
    const char* shown;
};
const OtherShape kOtherShapes[] = {
    {R"({"AttributeName":"id","AttributeType":"S"})", R"({"AttributeName":"id","KeyType":"HASH"})", "id (S)"},
    {R"({"AttributeName":"version","AttributeType":"N"})", R"({"AttributeName":"version","KeyType":"HASH"})",
     "version (N)"},
    {R"({"AttributeName":"version","AttributeType":"S"},{"AttributeName":"at","AttributeType":"S"})",
     R"({"AttributeName":"version","KeyType":"HASH"},{"AttributeName":"at","KeyType":"RANGE"})",
     "version (S), at (S)"},
};

TEST_F(DynamodbRecord, ATableOfAnotherShapeIsRefused) {
    for (const OtherShape& shape : kOtherShapes) {
        fixture().reset();
        make_table(shape.attributes, shape.key);
        const auto target = fixture().open();
        const auto locked = target->try_lock();
        const auto created = target->create_ledger();
        const auto recorded = target->record(applied("1"));
        EXPECT_FAILS(locked, ErrorCode::kConflict);
        EXPECT_FAILS(created, ErrorCode::kConflict);
        EXPECT_FAILS(recorded, ErrorCode::kConflict);
        EXPECT_NE(locked.error().message.find(shape.shown), std::string::npos) << locked.error().message;
        EXPECT_NE(locked.error().message.find(history()), std::string::npos) << locked.error().message;
        EXPECT_NE(locked.error().remedy, "");
    }
}

TEST_F(DynamodbRecord, ItemsWithoutAVersionAreRefusedWhenTheyAreRead) {
    for (const auto& [type, value] : {std::pair("S", "id"), std::pair("N", "version")}) {
        fixture().reset();
        make_table(fmt::format(R"({{"AttributeName":"{}","AttributeType":"{}"}})", value, type),
                   fmt::format(R"({{"AttributeName":"{}","KeyType":"HASH"}})", value));
        put(fmt::format(R"({{"{}":{{"{}":"1"}}}})", value, type));
        EXPECT_FAILS(fixture().open()->read_ledger(), ErrorCode::kConflict);
    }
}

TEST_F(DynamodbRecord, ALostAnswerIsSentAgainAndTakesEffectOnce) {
    Relay relay(server());
    const auto target = open_ready(through(relay));
    int losses = 2;
    relay.decide([&](const std::string& action) {
        return action == "TransactWriteItems" && losses-- > 0 ? Fate::kLoseReply : Fate::kPass;
    });
    ASSERT_DONE(target->record(applied("1")));
    EXPECT_LT(losses, 0);
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), Strings{"1"});
}

// The account of a step that must be carried out exactly once.
class DynamodbCheckpoint : public DynamodbRecord {
protected:
    DynamodbCheckpoint() = default;
    void SetUp() override {
        DynamodbRecord::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        const auto account = dynamodb::open_account(config());
        ASSERT_DONE(account);
        client_ = std::make_unique<net::AwsClient>(account->session);
        table_ = std::make_unique<dynamodb::HistoryTable>(*client_, history(), milliseconds(10'000), nullptr);
        record_ = std::make_unique<dynamodb::Record>(*table_, config());
        ASSERT_DONE(record_->create(std::nullopt));
    }
    Result<bool> send(const std::string& entry) { return table_->transact({entry}, std::nullopt); }
    void begin(int32_t step, std::optional<int64_t> token = std::nullopt, const std::string& text = "an update") {
        RecordChange change = progress("7", Direction::kUp, step, 3);
        change.step_text = text;
        ASSERT_DONE(record_->change(change, token));
    }

    std::unique_ptr<net::AwsClient> client_;
    std::unique_ptr<dynamodb::HistoryTable> table_;
    std::unique_ptr<dynamodb::Record> record_;
};

TEST_F(DynamodbCheckpoint, CountsWithinOneStep) {
    EXPECT_EQ(record_->checkpoint("an update"), nullptr);
    begin(0);
    dynamodb::Checkpoint* checkpoint = record_->checkpoint("an update");
    ASSERT_NE(checkpoint, nullptr);
    EXPECT_EQ(checkpoint->done(), 0);
    auto sent = send(checkpoint->transact_entry(40));
    ASSERT_DONE(sent);
    EXPECT_TRUE(*sent);
    sent = send(checkpoint->transact_entry(40));
    ASSERT_DONE(sent);
    EXPECT_FALSE(*sent) << "it is not where it was";
    checkpoint->moved(40);
    EXPECT_EQ(checkpoint->done(), 40);
    fixture().call("ExecuteTransaction", fmt::format(R"({{"TransactStatements":[{}]}})", checkpoint->transact_statement(50)));
    EXPECT_EQ(attribute("godwit:journal:7", "elements_done"), "N:50");

    // After a refusal, and after a crash.
    checkpoint->moved(50);
    begin(0, std::nullopt, "");
    EXPECT_EQ(record_->checkpoint("an update")->done(), 50);
    ASSERT_DONE(record_->read());
    EXPECT_EQ(record_->checkpoint("another"), nullptr);
    begin(0);
    ASSERT_DONE(record_->read());
    ASSERT_NE(record_->checkpoint("an update"), nullptr);
    EXPECT_EQ(record_->checkpoint("an update")->done(), 50);
    // The next step begins anew.
    begin(1);
    EXPECT_EQ(record_->checkpoint("an update")->done(), 0);
    EXPECT_EQ(attribute("godwit:journal:7", "elements_done"), "N:0");
}

TEST_F(DynamodbCheckpoint, MovesNothingForAHolderThatLostItsLease) {
    const auto holder = fixture().open(config());
    auto lease = holder->try_lock();
    ASSERT_DONE(lease);
    begin(0, 1);
    dynamodb::Checkpoint* checkpoint = record_->checkpoint("an update");
    ASSERT_NE(checkpoint, nullptr);
    const std::string entry = checkpoint->transact_entry(5);
    const std::string statement = checkpoint->transact_statement(5);
    // Another has taken over and begun.
    lease->reset();
    lease = holder->try_lock();
    ASSERT_DONE(lease);
    begin(0, 2);
    const auto sent = send(entry);
    ASSERT_DONE(sent);
    EXPECT_FALSE(*sent);
    EXPECT_THROW(fixture().call("ExecuteTransaction", fmt::format(R"({{"TransactStatements":[{}]}})", statement)),
                 std::runtime_error);
    EXPECT_EQ(attribute("godwit:journal:7", "elements_done"), "N:0");
}

}  // namespace
}  // namespace godwit::test
