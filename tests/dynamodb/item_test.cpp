// Items by DynamoDB's own rules, and PartiQL's table names.
#include <gtest/gtest.h>

#include "target/dynamodb/attribute.h"
#include "target/dynamodb/number.h"
#include "target/dynamodb/partiql_text.h"

namespace godwit::dynamodb {
namespace {

const std::vector<KeyAttribute> kKeys{{"k", 'S', 2048, true}, {"n", 'N', 1024, true}, {"g", 'S', 0, false}};

std::string nested(int levels, bool maps) {
    std::string value = R"({"S":"x"})";
    for (int i = 1; i < levels; i++) value = maps ? R"({"M":{"a":)" + value + "}}" : R"({"L":[)" + value + "]}";
    return value;
}

struct ItemCase {
    std::string value;    // Of the attribute v.
    std::string refusal;  // Part of the message; empty: taken.
};

TEST(Items, AreTakenOrRefusedAsTheServiceDoes) {
    const std::string ones(38, '1');
    const std::vector<ItemCase> cases{
        {R"({"S":""})", ""},
        {R"({"N":")" + ones + R"("})", ""},
        {R"({"N":"-)" + ones + R"(e87"})", ""},
        {R"({"N":"0.)" + std::string(92, '0') + ones + R"("})", ""},
        {R"({"N":"1)" + ones + R"("})", "it has 39 digits, and DynamoDB keeps 38"},
        {R"({"N":"1)" + ones + R"(.0"})", "it has 39 digits"},
        {R"({"N":"1e126"})", "larger than 9.99…E+125"},
        {R"({"N":"9.9e125"})", ""},
        {R"({"N":"1e-130"})", ""},
        {R"({"N":"1e-131"})", "nearer to zero than 1E-130"},
        {R"({"N":"0e99999999999999999999"})", ""},
        {R"({"N":"1e99999999999999999999"})", "larger"},
        {R"({"N":""})", "is no number"},
        {R"({"N":" 5"})", "is no number"},
        {R"({"N":"0x10"})", "is no number"},
        {R"({"N":"+5."})", ""},
        {R"({"N":5})", "the bare number 5 cannot be the value of type N"},
        {R"({"B":"AAE="})", ""},
        {R"({"B":"AAE"})", "Base64"},
        {R"({"B":"A=E="})", "Base64"},
        {R"({"B":"AA-_"})", "Base64"},
        {R"({"BOOL":true})", ""},
        {R"({"BOOL":"true"})", "a string cannot be the value of type BOOL"},
        {R"({"NULL":true})", ""},
        {R"({"NULL":false})", "NULL is true"},
        {R"({"SS":["a","b"]})", ""},
        {R"({"SS":[]})", "a set must not be empty"},
        {R"({"SS":["a","a"]})", "the SS has an element twice"},
        {R"({"NS":["1","1.0"]})", "the NS has an element twice"},
        {R"({"NS":["1","x"]})", "is no number"},
        {R"({"BS":["YQ==","YQ=="]})", "the BS has an element twice"},
        {R"({"L":[]})", ""},
        {R"({"M":{}})", ""},
        {R"({"L":["a"]})", "a string stands where an attribute value must"},
        {R"({"M":{"":{"S":"x"}}})", "name is empty"},
        {R"({"M":{"a":{"S":"x"},"a":{"S":"y"}}})", "a name is given twice"},
        {R"({"X":"a"})", "\"X\" is no type"},
        {R"({"S":"a","N":"1"})", "a value has one type"},
        {R"({})", "a value without a type"},
        {R"("plain")", "a string stands where an attribute value must"},
        {nested(32, true), ""},
        {nested(32, false), ""},
        {nested(33, true), "nested deeper than the 32 levels"},
        {nested(33, false), "nested deeper than the 32 levels"},
        {"{\"S\":\"\xff\"}", "not JSON"},
        {std::string(100'000, '['), "an array stands where an attribute value must"}};
    ItemChecker checker(kKeys, ItemRole::kItem);
    for (const ItemCase& one : cases) {
        const auto fault = checker.check(R"({"k":{"S":"a"},"n":{"N":"1"},"v":)" + one.value + "}");
        if (one.refusal.empty()) {
            EXPECT_FALSE(fault) << one.value << ": " << fault->message;
        } else {
            ASSERT_TRUE(fault) << one.value;
            EXPECT_NE(fault->message.find(one.refusal), std::string::npos) << fault->message;
        }
    }
}

TEST(Items, HaveTheirKeys) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {R"({"k":{"S":"a"},"n":{"N":"1"}})", ""},
        {R"({"k":{"S":"a"}})", "the key attribute \"n\" is missing"},
        {R"({"k":{"N":"1"},"n":{"N":"1"}})", "it is of type N, and the key of the table is of type S"},
        {R"({"k":{"S":""},"n":{"N":"1"}})", "it is empty"},
        {R"({"k":{"S":")" + std::string(2048, 'a') + R"("},"n":{"N":"1"}})", ""},
        {R"({"k":{"S":")" + std::string(2049, 'a') + R"("},"n":{"N":"1"}})", "it has 2049 bytes"},
        {R"({"k":{"S":"a"},"n":{"N":"1"},"g":{"N":"1"}})", "the key of the index is of type S"},
        {R"({"k":{"S":"a"},"n":{"N":"1"},"g":{"S":""}})", "the key of the index must not be"},
        {R"({"k":{"S":"a"},"n":{"N":"1"},"k":{"S":"b"}})", "given twice"}};
    ItemChecker checker(kKeys, ItemRole::kItem);
    for (const auto& [item, refusal] : cases) {
        const auto fault = checker.check(item);
        EXPECT_EQ(fault.has_value(), !refusal.empty()) << item.substr(0, 80);
        if (fault) {
            EXPECT_NE(fault->message.find(refusal), std::string::npos) << fault->message;
        }
    }
    ItemChecker keys(kKeys, ItemRole::kKey);
    EXPECT_FALSE(keys.check(R"({"k":{"S":"a"},"n":{"N":"1"}})"));
    EXPECT_TRUE(keys.check(R"({"k":{"S":"a"},"n":{"N":"1"},"v":{"N":"1"}})"));
}

TEST(Items, PointAtTheFault) {
    ItemChecker checker(kKeys, ItemRole::kItem);
    const std::string item = "{\"k\":{\"S\":\"a\"},\n \"n\": {\"N\": \"x\\u0041\"}}";
    const auto fault = checker.check(item);
    ASSERT_TRUE(fault);
    EXPECT_EQ(item.substr(fault->at, 3), "\"x\\") << fault->message;
}

// Measured on Amazon's emulator: the longest text that fits beside each value.
TEST(Items, AreAsLargeAsTheServiceCounts) {
    const std::vector<std::pair<std::string, size_t>> cases{
        {R"({"N":"1"})", 2},    {R"({"N":"123"})", 3},   {R"({"N":"-12"})", 3},       {R"({"N":"1000"})", 2},
        {R"({"N":"0"})", 1},    {R"({"N":"1e-100"})", 2}, {R"({"NULL":true})", 1},     {R"({"BOOL":false})", 1},
        {R"({"L":[]})", 3},     {R"({"M":{}})", 3},       {R"({"L":[{"S":"a"},{"S":"b"}]})", 7},
        {R"({"SS":["a","b"]})", 2}, {R"({"NS":["1","2"]})", 4}, {R"({"BS":["YQ=="]})", 1},
        {R"({"B":"YWJj"})", 3}, {R"({"S":"\u00fc"})", 2}, {R"({"L":[{"L":[]}]})", 7},
        {R"({"M":{"a":{"S":"b"}}})", 6}, {R"({"M":{"a":{"M":{}}}})", 8},
        {R"({"N":")" + std::string(38, '1') + R"("})", 20}, {R"({"N":"-)" + std::string(38, '1') + R"("})", 21}};
    ItemChecker checker({}, ItemRole::kItem);
    for (const auto& [value, size] : cases) {
        ASSERT_FALSE(checker.check(R"({"w":)" + value + "}")) << value;
        EXPECT_EQ(checker.size_bytes(), size + 1) << value;
    }
    const auto item_of = [](size_t bytes) { return R"({"w":{"S":")" + std::string(bytes - 1, 'x') + R"("}})"; };
    EXPECT_FALSE(checker.check(item_of(409'600)));
    const auto fault = checker.check(item_of(409'601));
    ASSERT_TRUE(fault);
    EXPECT_NE(fault->message.find("409601 bytes"), std::string::npos) << fault->message;
}

TEST(Items, HaveOneIdentityForOneKey) {
    const auto identity = [](const std::string& item) { return key_identity(item, kKeys); };
    const std::string plain = identity(R"({"k":{"S":"aA"},"n":{"N":"10"}})");
    EXPECT_EQ(plain, identity(R"({ "v": {"M":{"k":{"S":"other"}}}, "n" : {"N" : "1e1"} , "\u006b": {"S":"a\u0041"}})"));
    EXPECT_NE(plain, identity(R"({"k":{"S":"aA"},"n":{"N":"1"}})"));
    EXPECT_NE(identity(R"({"k":{"S":"a1"},"n":{"N":"1"}})"), identity(R"({"k":{"S":"a"},"n":{"N":"11"}})"));
    EXPECT_EQ(key_of(R"({"v":{"S":"}{"},"n":{"N":"1"},"k":{"S":"\"a"}})", kKeys), R"({"n":{"N":"1"},"k":{"S":"\"a"}})");
}

TEST(Partiql, NamesItsTables) {
    const auto rename = [](std::string_view name) { return std::string(name) + "-dev"; };
    const std::vector<std::pair<std::string, std::string>> cases{
        {R"(INSERT INTO T VALUE {'a': 'INTO U'})", R"(INSERT INTO "T-dev" VALUE {'a': 'INTO U'})"},
        {R"(update "T" SET "update"='it''s FROM U' WHERE a=?)", R"(update "T-dev" SET "update"='it''s FROM U' WHERE a=?)"},
        {"DELETE -- FROM x\n FROM /* INTO y */ T.\"i\" WHERE a=1", "DELETE -- FROM x\n FROM /* INTO y */ \"T-dev\".\"i\" WHERE a=1"},
        {R"(EXISTS(SELECT * FROM "a""b" WHERE k=1))", R"(EXISTS(SELECT * FROM "a""b-dev" WHERE k=1))"},
        {"UPDATE T SET a='", "UPDATE \"T-dev\" SET a='"}};
    for (const auto& [before, after] : cases) EXPECT_EQ(with_real_names(before, rename).text, after);
    EXPECT_EQ(with_real_names("insert into T value {}", rename).verb, "INSERT");
}

}  // namespace
}  // namespace godwit::dynamodb
