// What operations may say, and how exactly it is told what they may not.
#include <gtest/gtest.h>

#include "operation_test.h"

namespace godwit::dynamodb {
namespace {

struct Refusal {
    std::string body;
    std::string message;  // Part of it.
    std::string remedy;   // Part of it.
    int line, column;     // The step stands at 3:7.
};

class Refused : public testing::TestWithParam<Refusal> {};

TEST_P(Refused, IsToldWithItsPlace) {
    const Refusal& wanted = GetParam();
    const auto made = parse_operation(step_of(wanted.body));
    ASSERT_FALSE(made) << wanted.body;
    EXPECT_EQ(made.error().code, ErrorCode::kInvalidInput);
    EXPECT_NE(made.error().message.find(wanted.message), std::string::npos) << made.error().message;
    EXPECT_NE(made.error().remedy.find(wanted.remedy), std::string::npos) << made.error().remedy;
    EXPECT_EQ(made.error().where.line, wanted.line) << made.error().message;
    EXPECT_EQ(made.error().where.column, wanted.column) << made.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Parse, Refused,
    testing::Values(
        Refusal{R"({"type": "create_tabel", "TableName": "T"})", "\"create_tabel\" is no operation", "create_table?", 3, 16},
        Refusal{R"({"type": "frobnicate_entirely"})", "is no operation", "Known are create_table", 3, 16},
        Refusal{"{\"type\": \"delete_table\",\n  \"TabelName\": \"T\"}", "no member \"TabelName\"", "TableName?", 4, 3},
        Refusal{R"({"type": "delete_table"})", "TableName is missing in delete_table", "a string is needed", 3, 7},
        Refusal{R"({"type": "delete_table", "TableName": 5})", "TableName must be a string, and this is a number", "", 3, 45},
        Refusal{R"({"type": "delete_table", "TableName": "a b"})", "is no name", "digits", 3, 45},
        Refusal{R"({"type": "delete_table", "TableName": "T", "TableName": "U"})", "given twice", "", 3, 50},
        Refusal{"{\"type\": \"create_index\", \"TableName\": \"T\",\n \"GlobalSecondaryIndexUpdates\": [\n  {\"Delete\": {\"IndexName\": \"i\"}}]}",
                "GlobalSecondaryIndexUpdates[0] has no member \"Delete\"", "Create", 5, 4},
        Refusal{R"({"type": "create_index", "TableName": "T", "GlobalSecondaryIndexUpdates": []})",
                "GlobalSecondaryIndexUpdates is empty", "", 3, 81},
        Refusal{"{\"type\": \"create_table\", \"TableName\": \"T\", \"AttributeDefinitions\": [],\n"
                "\"KeySchema\": [{\"AttributeName\": \"a\",\n\"KeyType\": \"HUSH\"}]}",
                "KeyType cannot be \"HUSH\"", "HASH?", 5, 12},
        Refusal{R"({"type": "update_billing", "TableName": "T"})", "says nothing to change", "BillingMode", 3, 7},
        Refusal{R"({"type": "update_billing", "TableName": "T", "ProvisionedThroughput": {"ReadCapacityUnits": 1.5, "WriteCapacityUnits": 1}})",
                "must be a whole number, and this is 1.5", "", 3, 99},
        Refusal{R"({"type": "update_ttl", "TableName": "T", "TimeToLiveSpecification": {"AttributeName": "ttl"}})",
                "Enabled is missing in TimeToLiveSpecification", "", 3, 75},
        Refusal{R"({"type": "update_stream", "TableName": "T", "StreamSpecification": {"StreamEnabled": true}})",
                "StreamViewType is missing", "NEW_IMAGE", 3, 74},
        Refusal{R"({"type": "tag", "TableName": "T"})", "neither Tags nor TagKeys", "Tags", 3, 7},
        Refusal{R"({"type": "tag", "TableName": "T", "Tags": [{"Key": "a", "Value": "b"}], "TagKeys": ["a"]})",
                "in both Tags and TagKeys", "", 3, 91},
        Refusal{R"({"type": "delete_items", "TableName": "T"})", "Keys is missing", "", 3, 7},
        Refusal{R"({"type": "delete_items", "TableName": "T", "Keys": [], "Items": []})", "both Keys and Items", "", 3, 7},
        // What stands after a part that was cut out has no known column.
        Refusal{R"({"type": "put_items", "Items": [], "TableName": 7})", "TableName must be a string", "", 3, 7},
        Refusal{R"({"type": "put_items", "TableName": "T"})", "Items is missing", "an array", 3, 7},
        Refusal{R"({"type": "partiql"})", "Statement or Statements", "", 3, 7},
        Refusal{R"({"type": "partiql", "Statement": "SELECT * FROM T"})", "a SELECT changes nothing", "", 3, 40},
        Refusal{R"({"type": "partiql", "Statements": [{"Statement": "DROP TABLE T"}]})", "cannot begin with \"DROP\"", "", 3, 56},
        Refusal{R"({"type": "partiql", "Statements": [{"Statement": "DELETE FROM T WHERE a=?", "Parameters": [{"S": 5}]}]})",
                "the bare number 5", "", 3, 104}));

TEST(Parse, RefusesWhatIsNoObject) {
    for (const std::string body : {R"({"TableName": "T")", "[]", ""}) {
        const auto made = parse_operation({"delete_table", body, {"m.json", 3, 7, 40}});
        ASSERT_FALSE(made) << body;
        EXPECT_EQ(made.error().message, "delete_table is no JSON object");
        EXPECT_EQ(made.error().where.column, 7);
    }
}

TEST(Parse, TakesWhatAwsTakes) {
    const std::vector<std::string> good{
        kNotesTable,
        R"({"type":"delete_table","TableName":"T"})",
        R"({"type":"create_index","TableName":"T","AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"}],"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"a-index","KeySchema":[{"AttributeName":"a","KeyType":"HASH"}],"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["b"]},"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}}}]})",
        R"({"type":"delete_index","TableName":"T","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"a-index"}}]})",
        R"({"type":"update_billing","TableName":"T","BillingMode":"PAY_PER_REQUEST","OnDemandThroughput":{"MaxReadRequestUnits":-1}})",
        R"({"type":"update_ttl","TableName":"T","TimeToLiveSpecification":{"AttributeName":"ttl","Enabled":true}})",
        R"({"type":"update_pitr","TableName":"T","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true,"RecoveryPeriodInDays":7}})",
        R"({"type":"update_deletion_protection","TableName":"T","DeletionProtectionEnabled":false})",
        R"({"type":"tag","TableName":"arn:aws:dynamodb:eu-west-1:1:table/T","TagKeys":["a"]})",
        R"({"type":"put_items","TableName":"T","Items":[]})",
        R"({"type":"delete_items","TableName":"T","Items":[]})",
        R"({"type":"update_items","TableName":"T","Updates":[]})",
        R"({"type":"partiql","Statement":"INSERT INTO \"T\" VALUE {'a': ?}","Parameters":[{"N":"1"}]})",
        R"({"type":"nothing"})"};
    for (const std::string& body : good) {
        const auto made = parse_operation(step_of(body));
        EXPECT_TRUE(made) << body << "\n" << made.error().message;
    }
}

TEST(Parse, KnowsWhatDestroys) {
    const auto destroys = [](const std::string& body) { return (*parse_operation(step_of(body)))->destructive(); };
    EXPECT_TRUE(destroys(R"({"type":"delete_table","TableName":"T"})"));
    EXPECT_TRUE(destroys(R"({"type":"delete_items","TableName":"T","Keys":[]})"));
    EXPECT_TRUE(destroys(
        R"({"type":"delete_index","TableName":"T","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"i"}}]})"));
    EXPECT_TRUE(destroys(R"({"type":"partiql","Statement":"-- why\n delete FROM T WHERE a=1"})"));
    EXPECT_TRUE(destroys(R"({"type":"partiql","Statements":[]})")) << "nobody knows what is streamed";
    EXPECT_TRUE(destroys(R"({"type":"restore_items","TableName":"T","Deletes":[{"a":{"S":"x"}}]})"));
    EXPECT_FALSE(destroys(R"({"type":"restore_items","TableName":"T","Puts":[{"a":{"S":"x"}}]})"));
    EXPECT_FALSE(destroys(R"({"type":"partiql","Statement":"UPDATE T SET a='DELETE' WHERE b=1"})"));
    EXPECT_FALSE(destroys(R"({"type":"put_items","TableName":"T","Items":[]})"));
    EXPECT_FALSE(destroys(kNotesTable));
}

}  // namespace
}  // namespace godwit::dynamodb
