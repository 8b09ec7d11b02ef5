// The client against Amazon's emulator of DynamoDB and against moto.
#include <gtest/gtest.h>

#include "base/process.h"
#include "net/aws_client.h"
#include "net/batch.h"
#include "net/json_text.h"
#include "net/xml_text.h"
#include "surroundings.h"

namespace godwit::net {
namespace {

// A server that an environment variable names, and a client of it.
class Server : public testing::Test {
protected:
    void use(const char* variable) {
        const auto url = environment_variable(variable);
        if (!url) GTEST_SKIP() << variable << " is not set: script/servers start dynamodb moto moto@iam";
        world.environment["AWS_ENDPOINT_URL"] = *url;
        world.environment["AWS_ACCESS_KEY_ID"] = "local" + random_hex(4);
        world.environment["AWS_SECRET_ACCESS_KEY"] = "barnacle";
        open();
    }

    void open() {
        // The servers compare our clock with theirs.
        Surroundings surroundings = world.surroundings();
        surroundings.time = &system_time();
        surroundings.random = &system_random();
        client = std::make_unique<AwsClient>(*AwsSession::open({}, surroundings));
    }

    std::string call(std::string_view service, const std::string& action, const std::string& body) {
        const auto reply = client->call(service, action, body);
        if (reply) return *reply;
        ADD_FAILURE() << action << ": " << reply.error().message;
        return "{}";
    }

    static std::string text(const std::string& json, std::string_view name) {
        return json_text(json_members(json).value_or(std::vector<JsonPart>()), {name}).value_or("(none)");
    }

    FakeWorld world;
    std::unique_ptr<AwsClient> client;
};

class DynamoDbLocal : public Server {
protected:
    void SetUp() override { use("GODWIT_TEST_DYNAMODB"); }

    void create_table() {
        call("dynamodb", "CreateTable",
             R"({"TableName":")" + table +
                 R"(","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"AttributeDefinitions":)"
                 R"([{"AttributeName":"id","AttributeType":"N"}],"BillingMode":"PAY_PER_REQUEST"})");
    }
    const std::string table = "net-" + random_hex(6);
};

TEST_F(DynamoDbLocal, MakesListsAndDropsTables) {
    create_table();
    EXPECT_NE(call("dynamodb", "ListTables", "{}").find('"' + table + '"'), std::string::npos);
    const AwsOutcome again = client->send(json_request(
        "dynamodb", "CreateTable",
        R"({"TableName":")" + table +
            R"(","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],)"
            R"("AttributeDefinitions":[{"AttributeName":"id","AttributeType":"N"}],"BillingMode":"PAY_PER_REQUEST"})"));
    EXPECT_TRUE(again.failed_with("ResourceInUseException"));
    call("dynamodb", "DeleteTable", R"({"TableName":")" + table + "\"}");
    const AwsOutcome gone =
        client->send(json_request("dynamodb", "DescribeTable", R"({"TableName":")" + table + "\"}"));
    ASSERT_TRUE(gone.failed_with("ResourceNotFoundException"));
    EXPECT_EQ(gone.reply.error().code, ErrorCode::kRejected);
    EXPECT_EQ(client->connections_made(), 1);
}

TEST_F(DynamoDbLocal, TellsAConditionThatFailed) {
    create_table();
    const std::string put =
        R"({"TableName":")" + table +
        R"~(","Item":{"id":{"N":"1"}},"ConditionExpression":"attribute_not_exists(id)"})~";
    EXPECT_TRUE(client->send(json_request("dynamodb", "PutItem", put)).reply);
    const AwsOutcome again = client->send(json_request("dynamodb", "PutItem", put));
    EXPECT_TRUE(again.failed_with("ConditionalCheckFailedException"));
    EXPECT_FALSE(again.effect_unknown);
}

// 60 items of 390 KB: more than one reply of BatchGetItem may hold, so that the
// server leaves keys over.
TEST_F(DynamoDbLocal, FinishesBatchesThatAreLeftOver) {
    create_table();
    const std::string filler(390'000, 'x');
    std::string keys;
    for (int from = 0; from < 60; from += 20) {
        std::string items;
        for (int i = from; i < from + 20; i++) {
            const std::string id = R"({"id":{"N":")" + std::to_string(i) + "\"}";
            keys += (keys.empty() ? "" : ",") + id + "}";
            items += (items.empty() ? "" : ",") + (R"({"PutRequest":{"Item":)" + id) + R"(,"t":{"S":")" +
                     filler + "\"}}}}";
        }
        const BatchOutcome outcome =
            send_batch(*client, "BatchWriteItem", R"({"RequestItems":{")" + table + "\":[" + items + "]}}");
        ASSERT_TRUE(outcome.result) << outcome.result.error().message;
    }
    const BatchOutcome read = send_batch(*client, "BatchGetItem",
                                         R"({"RequestItems":{")" + table + R"(":{"Keys":[)" + keys + "]}}}");
    ASSERT_TRUE(read.result) << read.result.error().message;
    EXPECT_GT(read.rounds, 1);
    size_t items = 0;
    for (const std::string& response : read.responses) {
        const auto tables = json_members(response).value_or(std::vector<JsonPart>());
        for (const JsonPart& part : tables)
            items += json_elements(part.raw).value_or(std::vector<std::string_view>()).size();
    }
    EXPECT_EQ(items, 60U);
}

class Moto : public Server {
protected:
    void SetUp() override { use("GODWIT_TEST_MOTO"); }
};

TEST_F(Moto, AnswersSts) {
    const AwsOutcome outcome = client->send(query_request("sts", "GetCallerIdentity", {}));
    ASSERT_TRUE(outcome.reply) << outcome.reply.error().message;
    EXPECT_EQ(xml_text(outcome.reply->body, "Account"), "123456789012");
}

TEST_F(Moto, GivesTheCredentialsOfARole) {
    world.write_files("[profile app]\nrole_arn = arn:aws:iam::123456789012:role/app\nsource_profile = base\n",
                      "[base]\naws_access_key_id = local\naws_secret_access_key = barnacle\n");
    Surroundings surroundings = world.surroundings();
    surroundings.time = &system_time();
    const auto session = AwsSession::open({"app", "", ""}, surroundings);
    ASSERT_TRUE(session);
    const auto credentials = (*session)->credentials(nullptr);
    ASSERT_TRUE(credentials) << credentials.error().message;
    EXPECT_FALSE((*credentials)->keys.session_token.empty());
    EXPECT_GT(*(*credentials)->expires_ms, system_time().wall_ms());
    AwsClient of_role(*session);
    EXPECT_TRUE(of_role.call("dynamodb", "ListTables", "{}"));
}

TEST_F(Moto, KeepsObjectsInS3) {
    const std::string bucket = "net-" + random_hex(6), key = "folder/a b+c/../\xc3\xa4 %41.txt",
                      body("\0\xff text\r\n", 9);
    const auto send = [&](AwsRequest request) {
        AwsOutcome outcome = client->send(std::move(request));
        EXPECT_TRUE(outcome.reply) << outcome.reply.error().message;
        return outcome.reply ? outcome.reply->body : "";
    };
    send(s3_request("CreateBucket", "PUT", bucket, "", {},
                    "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                    "<LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>"));
    send(s3_request("PutObject", "PUT", bucket, key, {}, body));
    EXPECT_EQ(send(s3_request("GetObject", "GET", bucket, key)), body);
    EXPECT_EQ(xml_text(send(s3_request("ListBucket", "GET", bucket, "",
                                       {{"list-type", "2"}, {"prefix", "folder/a b+"}})),
                       "Key"),
              key);
    HttpRequest by_url;
    by_url.url = client->presign(s3_request("GetObject", "GET", bucket, key), 60).value_or("");
    const HttpOutcome fetched = HttpClient().send(by_url);
    ASSERT_TRUE(fetched);
    EXPECT_EQ(fetched->body, body);
    send(s3_request("DeleteObject", "DELETE", bucket, key));
    EXPECT_TRUE(client->send(s3_request("GetObject", "GET", bucket, key)).failed_with("NoSuchKey"));
    const AwsOutcome head = client->send(s3_request("GetObject", "HEAD", bucket, key));
    EXPECT_TRUE(head.failed_with("HTTP 404"));
}

TEST_F(Moto, KeepsSecretsParametersAndMetrics) {
    const std::string name = "net/" + random_hex(6);
    call("secretsmanager", "CreateSecret",
         R"({"Name":")" + name + R"(","SecretString":"s","ClientRequestToken":")" + random_hex(16) + "\"}");
    EXPECT_EQ(
        text(call("secretsmanager", "GetSecretValue", R"({"SecretId":")" + name + "\"}"), "SecretString"),
        "s");
    call("ssm", "PutParameter", R"({"Name":"/)" + name + R"(","Value":"v","Type":"String"})");
    const std::string parameter(
        json_raw(json_members(call("ssm", "GetParameter", R"({"Name":"/)" + name + "\"}"))
                     .value_or(std::vector<JsonPart>()),
                 "Parameter"));
    EXPECT_EQ(text(parameter, "Value"), "v");
    const AwsOutcome metric = client->send(query_request("cloudwatch", "PutMetricData",
                                                         {{"Namespace", "Godwit"},
                                                          {"MetricData.member.1.MetricName", "n"},
                                                          {"MetricData.member.1.Value", "1"}}));
    EXPECT_TRUE(metric.reply);
    const AwsOutcome metrics =
        client->send(query_request("cloudwatch", "ListMetrics", {{"Namespace", "Godwit"}}));
    ASSERT_TRUE(metrics.reply);
    EXPECT_EQ(xml_text(metrics.reply->body, "MetricName"), "n");
}

// moto, checking signatures and policies as AWS does.
class MotoWithPolicies : public Server {
protected:
    void SetUp() override {
        use("GODWIT_TEST_MOTO_IAM");
        if (IsSkipped()) return;
        check_calls_after("1000");
        const std::string user = "net-" + random_hex(6);
        iam("Action=CreateUser&UserName=" + user);
        iam("Action=PutUserPolicy&UserName=" + user +
            "&PolicyName=p&PolicyDocument="
            "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%"
            "22Action%22%3A%5B"
            "%22dynamodb%3AListTables%22%2C%22s3%3A%2A%22%5D%2C%22Resource%22%3A%22%2A%22%7D%5D%7D");
        const std::string key = iam("Action=CreateAccessKey&UserName=" + user);
        world.environment["AWS_ACCESS_KEY_ID"] = xml_text(key, "AccessKeyId").value_or("");
        world.environment["AWS_SECRET_ACCESS_KEY"] = xml_text(key, "SecretAccessKey").value_or("");
        check_calls_after("0");
        open();
    }

    void TearDown() override {
        if (!IsSkipped()) check_calls_after("1000");
    }

    void check_calls_after(const std::string& count) { post("/moto-api/reset-auth", count, ""); }
    std::string iam(const std::string& form) {
        return post("/", form + "&Version=2010-05-08",
                    "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, "
                    "Signature=0");
    }
    std::string post(const std::string& path, const std::string& body, const std::string& authorization) {
        HttpRequest request;
        request.method = "POST";
        request.url = world.environment["AWS_ENDPOINT_URL"] + path;
        if (!authorization.empty()) {
            request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                               {"Authorization", authorization}};
        }
        request.body = body;
        const HttpOutcome outcome = HttpClient().send(request);
        return outcome ? outcome->body : "";
    }
};

TEST_F(MotoWithPolicies, TakesOurSignatures) {
    EXPECT_TRUE(client->call("dynamodb", "ListTables", "{}"));
    const std::string bucket = "net-" + random_hex(6), key = "a b/\xc3\xa4+%/c";
    EXPECT_TRUE(
        client
            ->send(s3_request("CreateBucket", "PUT", bucket, "", {},
                              "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>"
                              "</CreateBucketConfiguration>"))
            .reply);
    EXPECT_TRUE(client->send(s3_request("PutObject", "PUT", bucket, key, {}, "body")).reply);
    EXPECT_TRUE(client->send(s3_request("GetObject", "GET", bucket, key)).reply);
}

TEST_F(MotoWithPolicies, NamesTheActionThatIsMissing) {
    const AwsOutcome outcome = client->send(json_request("dynamodb", "DeleteTable", R"({"TableName":"t"})"));
    ASSERT_FALSE(outcome.reply);
    EXPECT_EQ(outcome.reply.error().code, ErrorCode::kRejected);
    EXPECT_NE(outcome.reply.error().remedy.find("Allow the action dynamodb:DeleteTable "), std::string::npos)
        << outcome.reply.error().remedy;
}

TEST_F(MotoWithPolicies, TellsAWrongSecretFromAnUnknownKey) {
    world.environment["AWS_SECRET_ACCESS_KEY"] = "barnacle";
    open();
    const auto wrong = client->call("dynamodb", "ListTables", "{}");
    ASSERT_FALSE(wrong);
    EXPECT_NE(wrong.error().message.find("secret key does not belong"), std::string::npos)
        << wrong.error().message;
    world.environment["AWS_ACCESS_KEY_ID"] = "AKIAUNKNOWN";
    open();
    const auto unknown = client->call("dynamodb", "ListTables", "{}");
    ASSERT_FALSE(unknown);
    EXPECT_NE(unknown.error().message.find("does not know the access key"), std::string::npos)
        << unknown.error().message;
}

}  // namespace
}  // namespace godwit::net
