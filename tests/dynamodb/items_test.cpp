// Items on Amazon's emulator: every value comes back as it was written, or nothing is
// written at all.
#include <map>

#include "net/json_text.h"
#include "operation_test.h"

namespace godwit::dynamodb {
namespace {

class StoredItems : public OperationTest {
protected:
    void SetUp() override {
        use("GODWIT_TEST_DYNAMODB");
        if (!client) return;
        ASSERT_EQ(outcome(apply(kNotesTable)), "done");
    }
    void TearDown() override {
        if (client) call("DeleteTable", R"({"TableName":"Notes-)" + suffix + R"("})");
    }

    // An item's attributes by name, as JSON; empty when it is not there.
    std::map<std::string, std::string> item(const std::string& user, int at) {
        const std::string reply = call("GetItem", R"({"TableName":"Notes-)" + suffix + R"(","ConsistentRead":true,"Key":{"user":{"S":")" +
                                                      user + R"("},"at":{"N":")" + std::to_string(at) + R"("}}})");
        std::map<std::string, std::string> attributes;
        for (const auto& member : members_of(net::json_raw(members_of(reply), "Item"))) attributes[member.name] = member.raw;
        return attributes;
    }
    int64_t count() {
        const std::string reply = call("Scan", R"({"TableName":"Notes-)" + suffix + R"(","Select":"COUNT","ConsistentRead":true})");
        return std::stoll(text_of(members_of(reply), "Count"));
    }
};

const std::string kPut = R"({"type":"put_items","TableName":"Notes","Items":[]})";
const std::string kDelete = R"({"type":"delete_items","TableName":"Notes","Keys":[]})";

std::string key(const std::string& user, int at) {
    return R"("user":{"S":")" + user + R"("},"at":{"N":")" + std::to_string(at) + R"("})";
}
std::string note(const std::string& user, int at, const std::string& value) {
    return "{" + key(user, at) + R"(,"v":)" + value + "}";
}

TEST_F(StoredItems, ComeBackExactly) {
    std::string deep = R"({"N":"1"})";
    for (int i = 1; i < 32; i++) deep = R"({"M":{"size":)" + deep + "}}";
    // As the service writes them: its own spelling of each value.
    const std::vector<std::string> values{
        R"({"N":"12345678901234567890123456789012345678"})", R"({"N":"-0.0000012345678901234567890123456789012345678"})",
        R"({"S":""})",    R"({"S":"naïve \u0001 \"quoted\" 🦅"})", R"({"B":"AAECAwT/"})", R"({"B":""})", R"({"BOOL":false})",
        R"({"NULL":true})", R"({"SS":["a","b",""]})", R"({"NS":["3","1.5"]})", R"({"BS":["AQ==","Ag=="]})",
        R"({"L":[{"S":"x"},{"L":[]},{"M":{}}]})", deep, R"({"S":")" + std::string(399 * 1024, 'x') + R"("})"};
    std::vector<std::string> items;
    for (size_t i = 0; i < values.size(); i++) items.push_back(note("exact", static_cast<int>(i), values[i]));
    items.push_back(R"({"user":{"S":"odd"},"at":{"N":"1"},"select":{"S":"reserved"},"a b.c#:\"":{"S":"odd"},"ttl":{"N":"5"}})");
    ASSERT_EQ(outcome(apply(kPut, source_of(items))), "done");
    for (size_t i = 0; i < values.size(); i++) {
        const std::string got = item("exact", static_cast<int>(i))["v"];
        if (i == 1) {
            EXPECT_NE(got.find("12345678901234567890123456789012345678"), std::string::npos) << got;
        } else if (i == 3) {
            EXPECT_EQ(net::json_text(members_of(got), {"S"}), net::json_text(members_of(values[i]), {"S"}));
        } else if (i >= 8 && i <= 10) {
            EXPECT_EQ(got.size(), values[i].size()) << got << " is a set, in any order";
        } else {
            EXPECT_EQ(got, values[i]);
        }
    }
    EXPECT_EQ(item("odd", 1)["select"], R"({"S":"reserved"})");
    EXPECT_EQ(item("odd", 1)["a b.c#:\""], R"({"S":"odd"})");
}

TEST_F(StoredItems, OneThatCannotBeWrittenKeepsAllFromBeingWritten) {
    const std::vector<std::pair<std::string, std::string>> bad{
        {note("x", 1, R"({"S":")" + std::string(401 * 1024, 'x') + R"("})"), "400 KB"},
        {note("x", 1, R"({"N":")" + std::string(39, '7') + R"("})"), "39 digits"},
        {note("x", 1, R"({"SS":[]})"), "must not be empty"},
        {R"({"user":{"S":"x"},"v":{"S":"y"}})", "the key attribute \"at\" is missing"}};
    for (const auto& [item_text, message] : bad) {
        std::vector<std::string> items;
        for (int i = 0; i < 60; i++) items.push_back(note("good", i, R"({"S":"v"})"));
        items.push_back(item_text);
        const auto refused = apply(kPut, source_of(items));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::kInvalidInput);
        EXPECT_NE(refused.error().message.find("Items[60] of put_items"), std::string::npos) << refused.error().message;
        EXPECT_NE(refused.error().message.find(message), std::string::npos) << refused.error().message;
        EXPECT_EQ(refused.error().where.line, 70);
    }
    EXPECT_EQ(count(), 0);
}

TEST_F(StoredItems, TheLaterOfOneKeyWins) {
    std::vector<std::string> items;
    for (int i = 0; i < 500; i++) {
        // The same number, spelt differently.
        const std::string at = i % 2 == 0 ? "7" : "0.70e1";
        items.push_back(i % 5 == 0 ? R"({"user":{"S":"same"},"at":{"N":")" + at + R"("},"v":{"N":")" + std::to_string(i) + R"("}})"
                                   : note("other", i, R"({"S":"v"})"));
    }
    ASSERT_EQ(outcome(apply(kPut, source_of(items))), "done");
    EXPECT_EQ(item("same", 7)["v"], R"({"N":"495"})");
    EXPECT_EQ(count(), 401);
    EXPECT_EQ(words.progress.back(), "items of Notes 500/500");
}

TEST_F(StoredItems, AreTakenBackAsTheyWere) {
    const std::vector<std::string> before{note("a", 1, R"({"S":"old"})"), note("a", 2, R"({"SS":["x"]})")};
    const std::vector<std::string> after{note("a", 1, R"({"S":"new"})"), note("a", 3, R"({"S":"fresh"})"), note("a", 1, R"({"S":"newer"})")};
    ASSERT_EQ(outcome(apply(kPut, source_of(before))), "done");
    const std::string back = inverse(kPut, source_of(after));
    ASSERT_EQ(outcome(apply(kPut, source_of(after))), "done");
    EXPECT_EQ(item("a", 1)["v"], R"({"S":"newer"})");
    ASSERT_EQ(outcome(apply(back)), "done") << back;
    EXPECT_EQ(item("a", 1)["v"], R"({"S":"old"})");
    EXPECT_TRUE(item("a", 3).empty());
    EXPECT_EQ(count(), 2);

    const std::vector<std::string> keys{"{" + key("a", 2) + "}", "{" + key("a", 9) + "}"};
    const std::string undelete = inverse(kDelete, source_of(keys));
    ASSERT_EQ(outcome(apply(kDelete, source_of(keys))), "done");
    EXPECT_EQ(count(), 1);
    ASSERT_EQ(outcome(apply(undelete)), "done") << undelete;
    EXPECT_EQ(item("a", 2)["v"], R"({"SS":["x"]})");
    EXPECT_EQ(count(), 2);

    const std::vector<std::string> whole{note("a", 2, R"({"S":"ignored"})")};
    ASSERT_EQ(outcome(apply(R"({"type":"delete_items","TableName":"Notes","Items":[]})", source_of(whole))), "done");
    EXPECT_EQ(count(), 1);
}

TEST_F(StoredItems, TooManyToTakeBackHaveNoInverse) {
    std::vector<std::string> items;
    for (int i = 0; i < 40; i++) items.push_back(note("big", i, R"({"S":")" + std::string(10'000, 'x') + R"("})"));
    EXPECT_LT(inverse(kPut, source_of(items)).size(), 5'000u) << "keys alone";
    ASSERT_EQ(outcome(apply(kPut, source_of(items))), "done");
    EXPECT_EQ(inverse(kPut, source_of(items)), "");
}

// A checkpoint that is an item of the same table.
class ItemCheckpoint final : public Checkpoint {
public:
    explicit ItemCheckpoint(std::string table) : table_(std::move(table)) {}
    int64_t done() const override { return done_; }
    std::string transact_entry(int64_t done) const override {
        return R"({"Update":{"TableName":")" + table_ + R"(","Key":{)" + key("checkpoint", 0) +
               R"(},"UpdateExpression":"SET done = :n","ConditionExpression":"attribute_not_exists(done) OR done = :o",)" +
               R"("ExpressionAttributeValues":{":n":{"N":")" + std::to_string(done) + R"("},":o":{"N":")" + std::to_string(done_) + R"("}}}})";
    }
    std::string transact_statement(int64_t done) const override {
        return R"({"Statement":"UPDATE \")" + table_ + R"(\" SET done=? WHERE \"user\"='checkpoint' AND \"at\"=0 AND done=?","Parameters":[{"N":")" +
               std::to_string(done) + R"("},{"N":")" + std::to_string(done_) + R"("}]})";
    }
    void moved(int64_t done) override { done_ = done; }

private:
    std::string table_;
    int64_t done_ = 0;
};

std::string add_one(int at, const std::string& condition = "") {
    return R"({"Key":{)" + key("counter", at) + R"(},"UpdateExpression":"ADD hits :one")" + condition +
           R"(,"ExpressionAttributeValues":{":one":{"N":"1"}}})";
}
const std::string kUpdate = R"({"type":"update_items","TableName":"Notes","Updates":[]})";

TEST_F(StoredItems, UpdatesHappenOnceThoughARunBreaksOff) {
    ItemCheckpoint kept("Notes-" + suffix);
    checkpoint = &kept;
    EXPECT_EQ(effect(kUpdate), "absent");
    std::vector<std::string> updates;
    for (int i = 0; i < 250; i++) updates.push_back(add_one(i % 150));
    updates[230] = add_one(80, R"~(,"ConditionExpression":"attribute_exists(never)")~");
    const auto refused = apply(kUpdate, source_of(updates));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kRejected);
    EXPECT_NE(refused.error().message.find("Updates[230]: ConditionalCheckFailed"), std::string::npos) << refused.error().message;
    EXPECT_EQ(refused.error().where.line, 240);
    const int64_t done = kept.done();
    EXPECT_GT(done, 0);
    EXPECT_LE(done, 230);
    updates[230] = add_one(80);
    ASSERT_EQ(outcome(apply(kUpdate, source_of(updates))), "done");
    for (int i = 0; i < 150; i++) EXPECT_EQ(item("counter", i)["hits"], i < 100 ? R"({"N":"2"})" : R"({"N":"1"})") << i;
    EXPECT_EQ(item("checkpoint", 0)["done"], R"({"N":"250"})");
}

TEST_F(StoredItems, UpdatesOfAnotherRunsCheckpointAreRefused) {
    ItemCheckpoint ours("Notes-" + suffix), theirs("Notes-" + suffix);
    const std::vector<std::string> updates{add_one(1)};
    checkpoint = &theirs;
    ASSERT_EQ(outcome(apply(kUpdate, source_of(updates))), "done");
    checkpoint = &ours;
    const auto refused = apply(kUpdate, source_of(updates));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kLocked) << refused.error().message;
    EXPECT_EQ(item("counter", 1)["hits"], R"({"N":"1"})");
}

TEST_F(StoredItems, UpdatesThatAreWrongAreToldBeforeAny) {
    const std::vector<std::string> updates{add_one(1), R"({"Key":{"user":{"S":"x"}},"UpdateExpression":"ADD hits :one"})"};
    const auto refused = apply(kUpdate, source_of(updates));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("Key of Updates[1]: the key attribute \"at\" is missing"), std::string::npos) << refused.error().message;
    const std::vector<std::string> unknown{R"({"Keys":{}})"};
    EXPECT_NE(outcome(apply(kUpdate, source_of(unknown))).find("Updates[0] has no member \"Keys\""), std::string::npos);
    EXPECT_EQ(count(), 0);
}

TEST_F(StoredItems, UpdatesAreTakenBack) {
    ASSERT_EQ(outcome(apply(kPut, source_of({note("counter", 1, R"({"S":"kept"})")}))), "done");
    const std::vector<std::string> updates{add_one(1), add_one(2)};
    const std::string back = inverse(kUpdate, source_of(updates));
    ASSERT_EQ(outcome(apply(kUpdate, source_of(updates))), "done");
    EXPECT_EQ(count(), 2);
    ASSERT_EQ(outcome(apply(back)), "done") << back;
    EXPECT_EQ(count(), 1);
    EXPECT_EQ(item("counter", 1).count("hits"), 0u);
}

std::string statement(const std::string& text) { return R"({"Statement":")" + text + R"("})"; }

TEST_F(StoredItems, StatementsHappenOnce) {
    ItemCheckpoint kept("Notes-" + suffix);
    const std::vector<std::string> start{"{" + key("checkpoint", 0) + R"(,"done":{"N":"0"}})"};
    ASSERT_EQ(outcome(apply(kPut, source_of(start))), "done");
    checkpoint = &kept;
    const std::string partiql = R"({"type":"partiql","Statements":[]})";
    std::vector<std::string> statements;
    for (int i = 0; i < 120; i++)
        statements.push_back(statement("INSERT INTO Notes VALUE {'user': 'p', 'at': " + std::to_string(i) + ", 'v': 0}"));
    for (int i = 0; i < 120; i++)
        statements.push_back(statement(R"(UPDATE \"Notes\" SET v=v+1 WHERE \"user\"='p' AND \"at\"=)" + std::to_string(i % 60)));
    statements.push_back(R"({"Statement":"DELETE FROM Notes WHERE \"user\"=? AND \"at\"=?","Parameters":[{"S":"p"},{"N":"119"}]})");
    ASSERT_EQ(outcome(apply(partiql, source_of(statements))), "done");
    EXPECT_EQ(item("p", 0)["v"], R"({"N":"2"})");
    EXPECT_EQ(item("p", 60)["v"], R"({"N":"0"})");
    EXPECT_TRUE(item("p", 119).empty());
    EXPECT_EQ(item("checkpoint", 0)["done"], R"({"N":"241"})");
    ASSERT_EQ(outcome(apply(partiql, source_of(statements))), "done") << "all is done already";
    EXPECT_EQ(item("p", 0)["v"], R"({"N":"2"})");
}

TEST_F(StoredItems, AStatementThatFailsIsNamed) {
    const std::string one = R"({"type":"partiql","Statement":"INSERT INTO Notes VALUE {'user': 'p', 'at': 1}"})";
    EXPECT_EQ(effect(one), "unknowable") << "without a checkpoint";
    ASSERT_EQ(outcome(apply(one)), "done");
    const auto refused = apply(one);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kRejected);
    // The service says DuplicateItem, its emulator ValidationError.
    EXPECT_NE(refused.error().message.find("Statements[0]: "), std::string::npos) << refused.error().message;
    EXPECT_NE(refused.error().message.find("Duplicate"), std::string::npos) << refused.error().message;
    const auto wrong = apply(R"({"type":"partiql","Statement":"UPDATE Notes SET"})");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().where.line, 3);
}

}  // namespace
}  // namespace godwit::dynamodb
