// Seeding, asked of every target that has the ability: exactly what was seeded
// goes, whatever happened meanwhile.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "conformance/conformance.h"
#include "target/seed_store.h"

#ifdef GODWIT_WITH_DYNAMODB
#include "net/json_text.h"
#include "support/dynamodb_fixture.h"
#endif

namespace godwit::test {
namespace {

const SourceSpan kPlace{"seeds.json", 3, 7, -1};

SeedRow row(const std::string& id, const std::string& note = "seeded") {
    SeedRow made;
    made.table = "seeded_things";
    made.fields = {{"id", Value::string(id)}, {"note", Value::string(note)}};
    made.where = &kPlace;
    return made;
}

SeedRun run_of(const std::string& id, const std::string& seed = "7") {
    return {id, "demo", seed, "2025-06-30T12:00:00Z", "dev", "tester@here pid 1"};
}

// The table of the tests, as a user who knows nothing of Godwit handles it.
class Things {
public:
    virtual ~Things() = default;
    virtual void make() = 0;
    virtual std::vector<std::string> rows() = 0;
    // In place of one with the same id.
    virtual void put(const std::string& id, const std::string& note) = 0;
    virtual void remove(const std::string& id) = 0;
};

class SqlThings final : public Things {
public:
    explicit SqlThings(TargetFixture& fixture) : fixture_(fixture) {}
    void make() override {
        fixture_.sql("CREATE TABLE seeded_things (id varchar(99) PRIMARY KEY, note text UNIQUE)");
    }
    std::vector<std::string> rows() override {
        return fixture_.sql("SELECT id, note FROM seeded_things ORDER BY id");
    }
    void put(const std::string& id, const std::string& note) override {
        fixture_.sql(
            fmt::format("INSERT INTO seeded_things VALUES ('{}', '{}') ON CONFLICT (id) DO UPDATE SET note = "
                        "excluded.note",
                        id, note));
    }
    void remove(const std::string& id) override {
        fixture_.sql(fmt::format("DELETE FROM seeded_things WHERE id = '{}'", id));
    }

private:
    TargetFixture& fixture_;
};

#ifdef GODWIT_WITH_DYNAMODB
class DynamodbThings final : public Things {
public:
    explicit DynamodbThings(DynamodbServer& server) : server_(server), table_(server.real("seeded_things")) {}
    void make() override {
        server_.call(
            "CreateTable",
            fmt::format(
                R"({{"TableName":"{}","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{{"AttributeName":"id","AttributeType":"S"}}],"KeySchema":[{{"AttributeName":"id","KeyType":"HASH"}}]}})",
                table_));
    }
    std::vector<std::string> rows() override {
        std::vector<std::string> rows;
        std::string more;
        do {
            const std::string reply = server_.call(
                "Scan", fmt::format(R"({{"TableName":"{}","ConsistentRead":true{}}})", table_, more));
            const auto members = net::json_members(reply).value();
            const auto items = net::json_elements(net::json_raw(members, "Items")).value();
            for (const std::string_view item : items) {
                const auto attributes = net::json_members(item).value();
                const auto text = [&](const char* name) {
                    const std::string_view raw = net::json_raw(attributes, name);
                    return raw.empty() ? std::string()
                                       : net::json_text(net::json_members(raw).value(), {"S"}).value_or("?");
                };
                rows.push_back(text("id") + "|" + text("note"));
            }
            const std::string_view last = net::json_raw(members, "LastEvaluatedKey");
            more = last.empty() ? "" : fmt::format(R"(,"ExclusiveStartKey":{})", last);
        } while (!more.empty());
        std::sort(rows.begin(), rows.end());
        return rows;
    }
    void put(const std::string& id, const std::string& note) override {
        server_.call("PutItem",
                     fmt::format(R"({{"TableName":"{}","Item":{{"id":{{"S":{}}},"note":{{"S":{}}}}}}})",
                                 table_, json_quote(id), json_quote(note)));
    }
    void remove(const std::string& id) override {
        server_.call("DeleteItem", fmt::format(R"({{"TableName":"{}","Key":{{"id":{{"S":{}}}}}}})", table_,
                                               json_quote(id)));
    }

private:
    DynamodbServer& server_;
    const std::string table_;
};
#endif

std::unique_ptr<Things> things_of(TargetFixture& fixture) {
#ifdef GODWIT_WITH_DYNAMODB
    if (auto* server = dynamic_cast<DynamodbServer*>(&fixture))
        return std::make_unique<DynamodbThings>(*server);
#endif
    return std::make_unique<SqlThings>(fixture);
}

class Seeding : public Conformance {
protected:
    void SetUp() override {
        Conformance::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        target_ = open_ready();
        store_ = target_->seeds();
        things_ = things_of(fixture());
        if (store_ != nullptr) make_table();
    }
    void TearDown() override {
        target_.reset();
        Conformance::TearDown();
    }

    void make_table() { things_->make(); }
    // "id|note", sorted.
    std::vector<std::string> rows() { return things_->rows(); }
    void insert(const std::string& id, const std::string& note) { things_->put(id, note); }
    void remove(const std::string& id) { things_->remove(id); }

    Result<SeedCounts> seed(const SeedRun& run, std::vector<SeedRow> rows) {
        size_t next = 0;
        SeedHooks hooks;
        hooks.next = [&](SeedRow& row) -> Result<bool> {
            if (next == rows.size()) return false;
            row = rows[next++];
            return true;
        };
        SeedOutcome outcome = TRY(store_->seed(run, hooks));
        return outcome["seeded_things"];
    }
    Result<ClearCounts> clear() {
        ClearOutcome outcome = TRY(store_->clear({}));
        return outcome["seeded_things"];
    }
    int64_t known() {
        const auto counts = store_->seeded();
        EXPECT_DONE(counts);
        int64_t total = 0;
        if (counts) {
            for (const auto& [table, count] : *counts) total += count;
        }
        return total;
    }

    std::unique_ptr<Target> target_;
    SeedStore* store_ = nullptr;
    std::unique_ptr<Things> things_;
};

#define REQUIRES_SEEDING()                                                                          \
    if (store_ == nullptr) {                                                                        \
        std::cout << "[  NOT FOR ] " << GetParam().name << ", which cannot be seeded" << std::endl; \
        return;                                                                                     \
    }                                                                                               \
    static_assert(true)

using Strings = std::vector<std::string>;

TEST_P(Seeding, ExactlyWhatWasSeededGoes) {
    REQUIRES_SEEDING();
    insert("mine", "mine");
    const auto seeded =
        seed(run_of("r1"), {row("a", "1"), row("it's", "2"), row("\"q\" \\", "3"), row("Ünï 🙂", "4")});
    ASSERT_DONE(seeded);
    EXPECT_EQ(seeded->written, 4);
    EXPECT_EQ(seeded->present, 0);
    EXPECT_EQ(rows().size(), 5U);
    EXPECT_EQ(known(), 4);
    remove("a");
    const auto cleared = clear();
    ASSERT_DONE(cleared);
    EXPECT_EQ(cleared->removed, 3);
    EXPECT_EQ(cleared->gone, 1);
    EXPECT_EQ(rows(), Strings{"mine|mine"});
    EXPECT_EQ(known(), 0);
    const auto again = clear();
    ASSERT_DONE(again);
    EXPECT_EQ(again->removed + again->gone, 0);
}

TEST_P(Seeding, TwiceIsHarmless) {
    REQUIRES_SEEDING();
    ASSERT_DONE(seed(run_of("r1"), {row("a", "1"), row("b", "2")}));
    insert("a", "changed");
    remove("b");
    const auto again = seed(run_of("r2"), {row("a", "1"), row("b", "2"), row("c", "3")});
    ASSERT_DONE(again);
    EXPECT_EQ(again->written, 2);
    EXPECT_EQ(again->present, 1);
    EXPECT_EQ(rows(), (Strings{"a|changed", "b|2", "c|3"}));
    const auto cleared = clear();
    ASSERT_DONE(cleared);
    EXPECT_EQ(cleared->removed, 3);
    EXPECT_EQ(rows(), Strings{});
}

TEST_P(Seeding, RowsOfOthersAreNeverOverwritten) {
    REQUIRES_SEEDING();
    insert("b", "mine");
    const auto refused = seed(run_of("r1"), {row("a", "1"), row("b", "2"), row("c", "3")});
    EXPECT_FAILS(refused, ErrorCode::kConflict);
    if (!refused) {
        EXPECT_EQ(to_string(refused.error().where), "seeds.json:3:7");
        EXPECT_NE(refused.error().message.find('b'), std::string::npos);
    }
    EXPECT_EQ(rows(), Strings{"b|mine"});
    EXPECT_EQ(known(), 0);
    ASSERT_DONE(clear());
    EXPECT_EQ(rows(), Strings{"b|mine"});
}

// Another's row stands in the way by a unique value, although its key differs.
TEST_P(Seeding, AnotherUniqueValueIsRefused) {
    REQUIRES_SEEDING();
    REQUIRES(Ability::kSqlHistory);
    insert("other", "taken");
    EXPECT_FAILS(seed(run_of("r1"), {row("a", "1"), row("b", "taken")}), ErrorCode::kConflict);
    EXPECT_EQ(rows(), Strings{"other|taken"});
    EXPECT_EQ(known(), 0);
}

TEST_P(Seeding, TheSameKeyTwiceIsAFaultOfTheFile) {
    REQUIRES_SEEDING();
    EXPECT_FAILS(seed(run_of("r1"), {row("a", "1"), row("a", "2")}), ErrorCode::kInvalidInput);
    // Far apart, too: not in one batch.
    std::vector<SeedRow> many = {row("same", "0")};
    for (int i = 1; i <= 3'000; ++i) many.push_back(row(std::to_string(i), "n" + std::to_string(i)));
    many.push_back(row("same", "x"));
    EXPECT_FAILS(seed(run_of("r2"), many), ErrorCode::kInvalidInput);
    // Without transactions what came before is there, and known.
    if (!can(Ability::kTransactions)) ASSERT_DONE(clear());
    EXPECT_EQ(rows(), Strings{});
    EXPECT_EQ(known(), 0);
}

TEST_P(Seeding, AFaultHalfWayLeavesNothing) {
    REQUIRES_SEEDING();
    REQUIRES(Ability::kTransactions);
    int made = 0;
    SeedHooks hooks;
    hooks.next = [&](SeedRow& next) -> Result<bool> {
        if (made == 2'500) return fail(ErrorCode::kCancelled, "stopped");
        next = row(std::to_string(made), "n" + std::to_string(made));
        ++made;
        return true;
    };
    EXPECT_FAILS(store_->seed(run_of("r1"), hooks), ErrorCode::kCancelled);
    EXPECT_EQ(rows(), Strings{});
    EXPECT_EQ(known(), 0);
    // The handle is usable, and the same again is whole.
    ASSERT_DONE(seed(run_of("r2"), {row("a", "1")}));
    EXPECT_EQ(rows(), Strings{"a|1"});
}

TEST_P(Seeding, WhatDoesNotFitIsRefusedWithItsPlace) {
    REQUIRES_SEEDING();
    REQUIRES(Ability::kSqlHistory);
    fixture().sql("CREATE TABLE keyless (id integer)");
    const auto expect = [&](SeedRow bad, const char* word) {
        const auto refused = seed(run_of("r1"), {std::move(bad)});
        EXPECT_FAILS(refused, ErrorCode::kInvalidInput);
        if (refused) return;
        EXPECT_NE(refused.error().message.find(word), std::string::npos) << refused.error().message;
        EXPECT_EQ(refused.error().where.line, 3);
        EXPECT_FALSE(refused.error().remedy.empty());
    };
    SeedRow bad = row("a");
    bad.table = "seeded_thing";
    expect(bad, "there is no table seeded_thing");
    bad = row("a");
    bad.fields.push_back({"nte", Value::string("x")});
    expect(bad, "no column nte");
    bad = row("a");
    bad.fields.erase(bad.fields.begin());
    expect(bad, "no value for id");
    bad.table = "keyless";
    bad.fields = {{"id", Value::number("1")}};
    expect(bad, "no primary key");
    EXPECT_EQ(known(), 0);
}

TEST_P(Seeding, ManyRowsOfManyShapes) {
    REQUIRES_SEEDING();
    std::vector<SeedRow> many;
    for (int i = 0; i < 5'000; ++i) {
        many.push_back(row(fmt::format("{:05}", i), fmt::format("note {}", i)));
        if (i % 3 == 0) many.back().fields.pop_back();
        if (i % 7 == 0) std::swap(many.back().fields.front(), many.back().fields.back());
    }
    const auto seeded = seed(run_of("r1"), many);
    ASSERT_DONE(seeded);
    EXPECT_EQ(seeded->written, 5'000);
    EXPECT_EQ(rows().size(), 5'000U);
    EXPECT_EQ(rows()[1], "00001|note 1");
    insert("mine", "mine");
    const auto cleared = clear();
    ASSERT_DONE(cleared);
    EXPECT_EQ(cleared->removed, 5'000);
    EXPECT_EQ(rows(), Strings{"mine|mine"});
}

TEST_P(Seeding, TheNewestRunIsRemembered) {
    REQUIRES_SEEDING();
    auto found = store_->find_run("demo", "7");
    ASSERT_DONE(found);
    EXPECT_FALSE(found->has_value());
    ASSERT_DONE(seed(run_of("r1"), {row("a", "1")}));
    SeedRun other = run_of("r2", "8");
    other.now = "2024-01-01T00:00:00Z";
    ASSERT_DONE(seed(other, {row("b", "2")}));
    found = store_->find_run("demo", "7");
    ASSERT_DONE(found);
    ASSERT_TRUE(found->has_value());
    EXPECT_EQ((*found)->now, "2025-06-30T12:00:00Z");
    EXPECT_EQ((*found)->id, "r1");
    // A run that wrote nothing does not count.
    ASSERT_DONE(seed(run_of("r3"), {row("a", "1")}));
    EXPECT_EQ((*store_->find_run("demo", "7").value()).id, "r1");
    ASSERT_DONE(clear());
    EXPECT_FALSE(store_->find_run("demo", "7").value().has_value());
}

// The history's name parts what two projects seed in one database.
TEST_P(Seeding, AnotherProjectsRowsStay) {
    REQUIRES_SEEDING();
    REQUIRES(Ability::kSqlHistory);
    ASSERT_DONE(seed(run_of("r1"), {row("a", "1")}));
    TargetConfig config = fixture().config();
    config.history = "other_migrations";
    const auto other = fixture().open(config);
    ASSERT_DONE(other->create_ledger());
    ASSERT_DONE(other->seeds()->clear({}));
    EXPECT_EQ(rows(), Strings{"a|1"});
    store_ = other->seeds();
    EXPECT_FAILS(seed(run_of("r2"), {row("a", "1")}), ErrorCode::kConflict);
}

TEST_P(Seeding, ATableThatIsGoneIsCleared) {
    REQUIRES_SEEDING();
    REQUIRES(Ability::kSqlHistory);
    ASSERT_DONE(seed(run_of("r1"), {row("a", "1"), row("b", "2")}));
    fixture().sql("DROP TABLE seeded_things");
    const auto cleared = clear();
    ASSERT_DONE(cleared);
    EXPECT_EQ(cleared->gone, 2);
    EXPECT_EQ(known(), 0);
}

TEST_P(Seeding, AnothersTableOfThatNameIsNotTouched) {
    REQUIRES_SEEDING();
    REQUIRES(Ability::kSqlHistory);
    fixture().sql("CREATE TABLE godwit_seeded (mine text)");
    fixture().sql("CREATE TABLE godwit_seeds (mine text)");
    EXPECT_FAILS(seed(run_of("r1"), {row("a", "1")}), ErrorCode::kConflict);
    EXPECT_FAILS(clear(), ErrorCode::kConflict);
    fixture().sql("DROP TABLE godwit_seeded");
    fixture().sql("DROP TABLE godwit_seeds");
}

// Rows of others that a foreign key would take along, or change.
TEST_P(Seeding, NothingElseGoesByAForeignKey) {
    REQUIRES_SEEDING();
    REQUIRES(Ability::kSqlHistory);
    fixture().sql(
        "CREATE TABLE children (id varchar(99) PRIMARY KEY, thing varchar(99) REFERENCES seeded_things (id) "
        "ON DELETE CASCADE)");
    TargetConfig config = fixture().config();
    if (config.url.scheme == "sqlite") config.url.parameters["foreign_keys"] = "on";
    target_ = fixture().open(config);
    store_ = target_->seeds();
    SeedRow child;
    child.table = "children";
    child.fields = {{"id", Value::string("c1")}, {"thing", Value::string("a")}};
    child.where = &kPlace;
    ASSERT_DONE(seed(run_of("r1"), {row("a", "1"), row("b", "2"), child}));
    fixture().sql("INSERT INTO children VALUES ('mine', 'a')");
    EXPECT_FAILS(clear(), ErrorCode::kConflict);
    EXPECT_EQ(rows().size(), 2U);
    EXPECT_EQ(fixture().sql("SELECT id FROM children ORDER BY id"), (Strings{"c1", "mine"}));
    EXPECT_EQ(known(), 3);
    fixture().sql("UPDATE children SET thing = NULL WHERE id = 'mine'");
    ASSERT_DONE(clear());
    EXPECT_EQ(rows(), Strings{});
    EXPECT_EQ(fixture().sql("SELECT id FROM children"), Strings{"mine"});
}

INSTANTIATE_TEST_SUITE_P(Every, Seeding, testing::ValuesIn(fixture_kinds()), name_of);

}  // namespace
}  // namespace godwit::test
