#include "net/aws_client.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <zlib.h>

#include <thread>

#include "support/fake_server.h"
#include "surroundings.h"

namespace godwit::net {
namespace {

using test::FakeReply;
using test::FakeRequest;
using test::FakeServer;

FakeReply json(std::string body = "{}", int status = 200) {
    FakeReply reply;
    reply.status = status;
    reply.body = std::move(body);
    return reply;
}
FakeReply fault(int status, const std::string& name, const std::string& message = "no") {
    return json(
        R"({"__type":"com.amazonaws.dynamodb.v20120810#)" + name + R"(","message":")" + message + "\"}",
        status);
}
FakeReply lost() {
    FakeReply reply;
    reply.cut_after = 0;
    return reply;
}

// A client of a fake DynamoDB that gives `replies` in order, the last one for ever.
class Client : public testing::Test {
protected:
    Client() {
        world.set_keys();
        world.environment["AWS_ENDPOINT_URL"] = server.url();
    }

    FakeReply answer(const FakeRequest& request) {
        const size_t number = std::min(given++, replies.size() - 1);
        if (on_request) on_request(request);
        return replies[number];
    }

    AwsOutcome send(AwsRequest request, const Cancellation* cancellation = nullptr) {
        AwsClient client(*world.session(), options);
        return client.send(std::move(request), cancellation);
    }
    AwsOutcome put() { return send(json_request("dynamodb", "PutItem", "{}")); }
    AwsOutcome get() { return send(json_request("dynamodb", "GetItem", "{}")); }

    FakeWorld world;
    AwsClientOptions options;
    // What is answered from now on, and what happens before.
    void set(std::vector<FakeReply> next) {
        server.locked([&] {
            replies = std::move(next);
            given = 0;
        });
    }
    void on(std::function<void(const FakeRequest&)> action) {
        server.locked([&] { on_request = std::move(action); });
    }

    std::vector<FakeReply> replies{json()};
    size_t given = 0;
    std::function<void(const FakeRequest&)> on_request;
    FakeServer server{[this](const FakeRequest& request) { return answer(request); }};
};

TEST_F(Client, SpeaksTheJsonProtocol) {
    set({json(R"({"TableNames":[]})")});
    AwsClient client(*world.session());
    const auto reply = client.call("dynamodb", "ListTables", R"({"Limit":1})");
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(*reply, R"({"TableNames":[]})");
    const FakeRequest request = server.requests().at(0);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/");
    EXPECT_EQ(request.body, R"({"Limit":1})");
    EXPECT_EQ(request.headers.at("x-amz-target"), "DynamoDB_20120810.ListTables");
    EXPECT_EQ(request.headers.at("content-type"), "application/x-amz-json-1.0");
    EXPECT_EQ(request.headers.at("x-amz-date"), "20261121T140357Z");
    EXPECT_EQ(request.headers.at("authorization")
                  .find("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-west-1/dynamodb/aws4_request, "
                        "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature="),
              0U);
}

TEST_F(Client, KeepsItsConnectionAndServesManyAtOnce) {
    options.max_in_flight = 4;
    AwsClient client(*world.session(), options);
    int done = 0;
    for (int i = 0; i < 100; i++) {
        client.start(json_request("dynamodb", "PutItem", "{}"), nullptr,
                     [&](const AwsOutcome& outcome) { done += outcome.reply ? 1 : 0; });
    }
    client.finish_all();
    EXPECT_EQ(done, 100);
    EXPECT_LE(client.connections_made(), 4);
}

TEST_F(Client, TriesThrottledRequestsUntilTheyPass) {
    std::vector<FakeReply> throttled(30, fault(400, "ProvisionedThroughputExceededException"));
    throttled.push_back(json());
    set(throttled);
    std::vector<int64_t> times;
    on([&](const FakeRequest&) { times.push_back(world.time.steady_ms()); });
    const AwsOutcome outcome = put();
    ASSERT_TRUE(outcome.reply) << outcome.reply.error().message;
    EXPECT_EQ(outcome.attempts, 31);
    EXPECT_FALSE(outcome.effect_unknown);
    // Half of 50, 100, 200 … ms, and never more than half of 20 s.
    std::vector<int64_t> waits;
    for (size_t i = 1; i < times.size(); i++) waits.push_back(times[i] - times[i - 1]);
    ASSERT_EQ(waits.size(), 30U);
    EXPECT_EQ(std::vector<int64_t>(waits.begin(), waits.begin() + 4),
              (std::vector<int64_t>{25, 50, 100, 200}));
    EXPECT_EQ(waits[20], 10'000);
    EXPECT_EQ(waits.back(), 10'000);
}

TEST_F(Client, SaysSoWhenThrottlingDoesNotEnd) {
    set({fault(400, "ThrottlingException", "Rate exceeded")});
    const AwsOutcome outcome = put();
    ASSERT_FALSE(outcome.reply);
    EXPECT_EQ(outcome.reply.error().code, ErrorCode::kUnavailable);
    EXPECT_TRUE(outcome.failed_with("ThrottlingException"));
    EXPECT_GE(world.time.steady_ms(), 280'000);
    EXPECT_LE(world.time.steady_ms(), 300'000);
}

TEST_F(Client, GivesUpOnFailuresAfterItsAttempts) {
    set({fault(500, "InternalServerError", "oh")});
    const AwsOutcome read = get();
    EXPECT_EQ(read.attempts, 8);
    EXPECT_EQ(read.reply.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(read.reply.error().message, "DynamoDB GetItem: oh");
    const AwsOutcome write = put();
    EXPECT_EQ(write.attempts, 8);
    EXPECT_EQ(write.reply.error().code, ErrorCode::kInDoubt);
    EXPECT_TRUE(write.effect_unknown);
    world.environment["AWS_MAX_ATTEMPTS"] = "2";
    EXPECT_EQ(get().attempts, 2);
    set({fault(400, "ThrottlingException")});
    EXPECT_EQ(get().attempts, 2);
}

struct RetryCase {
    std::string name;
    FakeReply reply;
    bool again, unknown;
};
class Retries : public Client, public testing::WithParamInterface<RetryCase> {};

TEST_P(Retries, DependOnTheFailure) {
    set({GetParam().reply, json()});
    const AwsOutcome outcome = put();
    EXPECT_EQ(outcome.attempts, GetParam().again ? 2 : 1);
    EXPECT_EQ(outcome.reply.has_value(), GetParam().again);
    EXPECT_EQ(outcome.effect_unknown, GetParam().unknown);
}

FakeReply with_checksum(std::string body, uint32_t add, int status = 200) {
    FakeReply reply = json(std::move(body), status);
    const auto sum = static_cast<uint32_t>(
        crc32_z(0, reinterpret_cast<const Bytef*>(reply.body.data()), reply.body.size()));
    reply.headers = {{"x-amz-crc32", std::to_string(sum + add)}};
    return reply;
}
FakeReply cancelled_transaction(const std::string& reason) {
    return json(
        R"({"__type":"TransactionCanceledException","Message":"x","CancellationReasons":[{"Code":"None"},{"Code":")" +
            reason + R"("}]})",
        400);
}

INSTANTIATE_TEST_SUITE_P(
    Failures, Retries,
    testing::Values(RetryCase{"Throttled", fault(400, "RequestLimitExceeded"), true, false},
                    RetryCase{"TooMany", json("", 429), true, false},
                    RetryCase{"SlowDown", fault(503, "SlowDown"), true, false},
                    RetryCase{"Internal", fault(500, "InternalServerError"), true, true},
                    RetryCase{"BadGateway", json("<html>", 502), true, true},
                    RetryCase{"Unavailable", json("", 503), true, true},
                    RetryCase{"Busy", fault(400, "LimitExceededException"), true, false},
                    RetryCase{"Lost", lost(), true, true},
                    RetryCase{"NotJson", json("<html>hello</html>"), true, true},
                    RetryCase{"CutJson", json("{\"a\":"), true, true},
                    RetryCase{"WrongChecksum", with_checksum("{\"a\":1}", 1), true, true},
                    RetryCase{"RefusalWithWrongChecksum",
                              with_checksum(R"({"__type":"ResourceInUsdException"})", 1, 400), true, true},
                    RetryCase{"ThrottledTransaction", cancelled_transaction("ThrottlingError"), true, false},
                    RetryCase{"FailedCondition", cancelled_transaction("ConditionalCheckFailed"), false,
                              false},
                    RetryCase{"Invalid", fault(400, "ValidationException"), false, false},
                    RetryCase{"NotImplemented", json("", 501), false, false},
                    RetryCase{"Denied", fault(400, "AccessDeniedException"), false, false}),
    [](const auto& each) { return each.param.name; });

TEST_F(Client, TakesAReplyWhoseChecksumIsRight) {
    set({with_checksum("{\"a\":1}", 0)});
    EXPECT_EQ(get().attempts, 1);
}

TEST_F(Client, LeavesUnrepeatableWritesInDoubt) {
    AwsRequest request = json_request("dynamodb", "PutItem", "{}");
    request.repeatable = false;
    for (const FakeReply& reply : {fault(500, "InternalServerError"), lost(), json("garbage")}) {
        set({reply, json()});
        const AwsOutcome outcome = send(request);
        ASSERT_FALSE(outcome.reply);
        EXPECT_EQ(outcome.attempts, 1);
        EXPECT_EQ(outcome.reply.error().code, ErrorCode::kInDoubt);
        EXPECT_TRUE(outcome.effect_unknown);
    }
    // What surely had no effect is tried again all the same.
    set({fault(400, "ThrottlingException"), json()});
    EXPECT_TRUE(send(request).reply);
}

TEST_F(Client, TellsThatAFailedConditionMayBeItsOwnDoing) {
    set({fault(500, "InternalServerError"), fault(400, "ConditionalCheckFailedException")});
    const AwsOutcome outcome = put();
    ASSERT_FALSE(outcome.reply);
    EXPECT_TRUE(outcome.failed_with("ConditionalCheckFailedException"));
    EXPECT_EQ(outcome.reply.error().code, ErrorCode::kRejected);
    EXPECT_EQ(outcome.reply.error().native_code, "ConditionalCheckFailedException");
    EXPECT_TRUE(outcome.effect_unknown);
}

TEST_F(Client, ForgivesAStaleConnectionAtOnce) {
    set({json(), lost(), json()});
    AwsClient client(*world.session());
    ASSERT_TRUE(client.call("dynamodb", "PutItem", "{}"));
    const AwsOutcome outcome = client.send(json_request("dynamodb", "PutItem", "{}"));
    EXPECT_TRUE(outcome.reply);
    EXPECT_EQ(outcome.attempts, 2);
    EXPECT_TRUE(outcome.effect_unknown);
    EXPECT_TRUE(world.time.waits().empty());
}

TEST_F(Client, CorrectsItsClockFromTheReply) {
    FakeReply skewed =
        fault(400, "InvalidSignatureException", "Signature expired: 20261121T140357Z is now earlier than");
    skewed.headers = {{"Date", "Sat, 21 Nov 2026 16:03:57 GMT"}};
    set({skewed, json()});
    auto session = *world.session();
    AwsClient client(session);
    ASSERT_TRUE(client.call("dynamodb", "PutItem", "{}"));
    EXPECT_EQ(server.requests().at(1).headers.at("x-amz-date"), "20261121T160357Z");
    EXPECT_EQ(session->wall_ms() - world.time.wall_ms(), 7'200'000);
    EXPECT_TRUE(world.time.waits().empty());
    // And no third time: then it is the secret.
    set({skewed});
    const AwsOutcome outcome = client.send(json_request("dynamodb", "PutItem", "{}"));
    EXPECT_EQ(outcome.attempts, 1);
    EXPECT_NE(outcome.reply.error().message.find("secret key does not belong"), std::string::npos);
}

TEST_F(Client, RenewsExpiredCredentialsOnce) {
    int fetched = 0;
    const auto fetch = [&](const AwsConfig&, const Cancellation*) -> Result<AwsCredentials> {
        AwsCredentials credentials;
        credentials.keys = {"ID" + std::to_string(++fetched), Secret("s"),
                            Secret("t" + std::to_string(fetched))};
        credentials.source = "a test";
        return credentials;
    };
    set({fault(400, "ExpiredTokenException"), json()});
    AwsClient client(std::make_shared<AwsSession>(*world.config(), fetch));
    ASSERT_TRUE(client.call("dynamodb", "PutItem", "{}"));
    EXPECT_EQ(fetched, 2);
    EXPECT_EQ(server.requests().at(1).headers.at("x-amz-security-token"), "t2");
    set({fault(400, "ExpiredTokenException")});
    const AwsOutcome outcome = client.send(json_request("dynamodb", "PutItem", "{}"));
    EXPECT_EQ(outcome.attempts, 2);
    EXPECT_EQ(outcome.reply.error().message, "the credentials for DynamoDB have expired");
    EXPECT_EQ(outcome.reply.error().remedy,
              "They came from a test: sign in again and run the command again.");
    // Keys that cannot change are not tried twice.
    EXPECT_EQ(put().attempts, 1);
}

TEST_F(Client, StopsBetweenTries) {
    Cancellation cancellation;
    on([&](const FakeRequest&) { cancellation.request(SIGTERM); });
    set({fault(400, "ThrottlingException", "slower")});
    const AwsOutcome outcome = send(json_request("dynamodb", "PutItem", "{}"), &cancellation);
    ASSERT_FALSE(outcome.reply);
    EXPECT_EQ(outcome.attempts, 1);
    EXPECT_EQ(outcome.reply.error().code, ErrorCode::kCancelled);
    EXPECT_EQ(outcome.reply.error().details.at(0), "before that: DynamoDB PutItem: slower");
}

TEST_F(Client, SaysThatAStoppedWriteIsInDoubt) {
    Cancellation cancellation;
    on([&](const FakeRequest&) { cancellation.request(SIGTERM); });
    FakeReply held;
    held.hold = true;
    set({held});
    AwsRequest request = json_request("dynamodb", "PutItem", "{}");
    request.limits.grace_ms = 0;
    const AwsOutcome outcome = send(request, &cancellation);
    ASSERT_FALSE(outcome.reply);
    EXPECT_EQ(outcome.reply.error().code, ErrorCode::kInDoubt);
    Cancellation other;
    on([&](const FakeRequest&) { other.request(SIGTERM); });
    EXPECT_EQ(send(json_request("dynamodb", "GetItem", "{}"), &other).reply.error().code,
              ErrorCode::kCancelled);
}

TEST_F(Client, DoesNotWaitPastTheDeadline) {
    Cancellation cancellation;
    cancellation.set_deadline(Cancellation::Clock::now() + std::chrono::seconds(3600));
    world.random.value = 0.999;
    options.retry.first_wait_ms = 7'200'000;
    options.retry.longest_wait_ms = options.retry.throttle_patience_ms = 7'200'000;
    set({fault(400, "ThrottlingException", "slower")});
    const AwsOutcome outcome = send(json_request("dynamodb", "PutItem", "{}"), &cancellation);
    ASSERT_FALSE(outcome.reply);
    EXPECT_EQ(outcome.reply.error().code, ErrorCode::kTimedOut);
    EXPECT_EQ(outcome.attempts, 1);
}

TEST_F(Client, SpendsOnlyItsBudgetOnFailures) {
    set({fault(500, "InternalServerError")});
    options.retry.max_attempts = 1000;
    const AwsOutcome outcome = get();
    EXPECT_EQ(outcome.attempts, 101);
    EXPECT_EQ(outcome.reply.error().details.back(), "so many requests failed that no more are tried again");
}

struct WordsCase {
    std::string name;
    FakeReply reply;
    ErrorCode code;
    std::string message, remedy;
};
class Words : public Client, public testing::WithParamInterface<WordsCase> {};

TEST_P(Words, SayWhatToDo) {
    options.retry.max_attempts = 1;
    set({GetParam().reply});
    const AwsOutcome outcome = send(json_request("dynamodb", "ListTables", "{}"));
    ASSERT_FALSE(outcome.reply);
    const Error& error = outcome.reply.error();
    EXPECT_EQ(error.code, GetParam().code);
    EXPECT_NE(error.message.find(GetParam().message), std::string::npos) << error.message;
    EXPECT_NE(error.remedy.find(GetParam().remedy), std::string::npos) << error.remedy;
    std::string all = error.message + error.remedy + error.native_code;
    for (const std::string& detail : error.details) all += detail;
    EXPECT_EQ(all.find("barnacle"), std::string::npos) << all;
}

FakeReply with_id(FakeReply reply) {
    reply.headers.emplace_back("x-amzn-RequestId", "R1");
    return reply;
}

INSTANTIATE_TEST_SUITE_P(
    Faults, Words,
    testing::Values(
        WordsCase{"Denied",
                  fault(400, "AccessDeniedException",
                        "User: arn:aws:iam::1:user/x is not authorized to perform: dynamodb:ListTables on "
                        "resource: y"),
                  ErrorCode::kRejected, "is not authorized to perform",
                  "Allow the action dynamodb:ListTables to whom these credentials belong; they came from the "
                  "environment."},
        WordsCase{"DeniedShortly",
                  json("{\"Message\":\"Access denied\",\"__type\":\"AccessDeniedException\"}", 400),
                  ErrorCode::kRejected, "DynamoDB ListTables: Access denied", "dynamodb:ListTables"},
        WordsCase{
            "DeniedInXml",
            json("<?xml version='1.0'?><Response><Errors><Error><Code>AccessDenied</Code><Message>User: u is "
                 "not authorized to perform: "
                 "dynamodb:ListTables</Message></Error></Errors><RequestID>R2</RequestID></Response>",
                 403),
            ErrorCode::kRejected, "not authorized", "dynamodb:ListTables"},
        WordsCase{"UnknownKey", fault(400, "UnrecognizedClientException"), ErrorCode::kUnavailable,
                  "does not know the access key", "the environment"},
        // As S3 answers: with all that was signed, the session token included.
        WordsCase{"WrongSecret",
                  json("<Error><Code>SignatureDoesNotMatch</Code><Message>m</"
                       "Message><CanonicalRequest>x-amz-security-token:barnacle</CanonicalRequest></Error>",
                       403),
                  ErrorCode::kUnavailable, "secret key does not belong", "the environment"},
        WordsCase{"WrongSecretInJson",
                  fault(400, "InvalidSignatureException", "The Canonical String should have been barnacle"),
                  ErrorCode::kUnavailable, "refused the signature", ""},
        WordsCase{"WrongRegion",
                  fault(400, "InvalidSignatureException", "Credential should be scoped to a valid region."),
                  ErrorCode::kUnavailable, "signed for the region eu-west-1", "Check the region"},
        WordsCase{"OtherRegion",
                  json("<Error><Code>AuthorizationHeaderMalformed</Code><Message>m</"
                       "Message><Region>us-west-2</Region></Error>",
                       400),
                  ErrorCode::kUnavailable, "signed for the region", "Set the region to us-west-2."},
        WordsCase{"MissingTable",
                  with_id(fault(400, "ResourceNotFoundException",
                                "Requested resource not found: Table: t not found")),
                  ErrorCode::kRejected, "Table: t not found", "eu-west-1"},
        WordsCase{"Nameless", json("", 400), ErrorCode::kRejected, "DynamoDB ListTables: HTTP 400", ""},
        WordsCase{"Control", fault(400, "ValidationException", "\\u001b[31mred"), ErrorCode::kRejected,
                  "\\x1b[31mred", ""}),
    [](const auto& each) { return each.param.name; });

// A duplicate that arrives when the next request is on its way is none to that.
TEST_F(Client, TakesNoReplyTwice) {
    set({with_id(json("{\"a\":1}")), with_id(json("{\"a\":1}")), json("{\"b\":2}")});
    AwsClient client(*world.session(), options);
    ASSERT_TRUE(client.send(json_request("dynamodb", "GetItem", "{}")).reply);
    const AwsOutcome outcome = client.send(json_request("dynamodb", "GetItem", "{}"));
    ASSERT_TRUE(outcome.reply);
    EXPECT_EQ(outcome.reply->body, "{\"b\":2}");
    EXPECT_EQ(outcome.attempts, 2);
    EXPECT_EQ(client.connections_made(), 2) << "what else comes over the first is not to be trusted";
}

TEST_F(Client, GivesTheRequestsId) {
    set({with_id(fault(400, "ValidationException"))});
    EXPECT_EQ(put().reply.error().details.at(0), "request id R1");
}

TEST_F(Client, HasNoCredentialsToGoWith) {
    world.environment.erase("AWS_ACCESS_KEY_ID");
    world.environment.erase("AWS_SECRET_ACCESS_KEY");
    EXPECT_EQ(put().reply.error().message, "no AWS credentials were found");
    EXPECT_TRUE(server.requests().empty());
}

TEST_F(Client, RefusesAnUnsignedBodyInTheOpen) {
    AwsRequest request = s3_request("PutObject", "PUT", "bucket", "key", {}, "body");
    request.payload_unsigned = true;
    EXPECT_EQ(send(request).reply.error().code, ErrorCode::kInvalidInput);
    EXPECT_TRUE(server.requests().empty());
}

TEST_F(Client, SpeaksToS3) {
    set({json("anything at all")});
    const AwsOutcome outcome = send(s3_request("PutObject", "PUT", "bucket", "a b/../c", {}, "body"));
    ASSERT_TRUE(outcome.reply);
    const FakeRequest request = server.requests().at(0);
    EXPECT_EQ(request.target, "/bucket/a%20b/../c");
    EXPECT_EQ(request.headers.at("x-amz-content-sha256"),
              "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5");
    AwsClient client(*world.session());
    const auto url = client.presign(s3_request("GetObject", "GET", "bucket", "key"), 60);
    ASSERT_TRUE(url);
    EXPECT_EQ(url->find(server.url() + "/bucket/key?X-Amz-Algorithm="), 0U);
    EXPECT_FALSE(client.presign(s3_request("GetObject", "GET", "bucket", "key"), 604'801));
}

TEST_F(Client, RunsTimersInOrderAndAtOnceWhenStopped) {
    AwsClient client(*world.session());
    std::string order;
    client.after(200, nullptr, [&] { order += "b"; });
    client.after(100, nullptr, [&] { order += "a"; });
    EXPECT_EQ(client.unfinished(), 2U);
    client.finish_all();
    EXPECT_EQ(order, "ab");
    EXPECT_EQ(world.time.steady_ms(), 200);
    Cancellation cancellation;
    cancellation.request(SIGINT);
    client.after(1'000'000, &cancellation, [&] { order += "c"; });
    client.finish_all();
    EXPECT_EQ(order, "abc");
    EXPECT_EQ(world.time.steady_ms(), 200);
}

// Several threads, each with its client, on one session.
TEST_F(Client, SharesASessionBetweenThreads) {
    const auto session = *world.session();
    std::atomic<int> done{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++) {
        threads.emplace_back([&] {
            AwsClient client(session);
            for (int k = 0; k < 25; k++) done += client.call("dynamodb", "PutItem", "{}") ? 1 : 0;
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(done, 100);
}

TEST(Retry, SpreadsItsWaitsFromNothingToTheMost) {
    RetryPolicy policy;
    FakeRandom random;
    random.value = 0;
    for (int tries = 1; tries < 100; tries++) EXPECT_EQ(backoff_ms(policy, tries, random), 0);
    random.value = 0.9999999;
    const std::vector<int64_t> most{50, 100, 200, 400, 800, 1600, 3200, 6400, 12'800, 20'000, 20'000};
    for (size_t i = 0; i < most.size(); i++)
        EXPECT_EQ(backoff_ms(policy, static_cast<int>(i) + 1, random), most[i]);
    EXPECT_EQ(backoff_ms(policy, 1'000'000, random), 20'000);
}

TEST(Retry, GivesBackWhatSucceeds) {
    RetryBudget budget;
    int taken = 0;
    while (budget.take()) taken++;
    EXPECT_EQ(taken, 100);
    for (int i = 0; i < 4; i++) budget.succeeded(false);
    EXPECT_FALSE(budget.take());
    budget.succeeded(false);
    EXPECT_TRUE(budget.take());
    budget.succeeded(true);
    EXPECT_TRUE(budget.take());
}

}  // namespace
}  // namespace godwit::net
