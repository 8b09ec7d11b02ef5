// What the service's refusals become: which code, which words, and what helps.
#include <cstdlib>

#include "conformance/conformance.h"
#include "support/fake_server.h"
#include "target/dynamodb/dynamodb_target.h"

namespace godwit::test {
namespace {

struct Refusal {
    const char* what;
    int status;
    const char* body;
    ErrorCode code;
    const char* message;  // A part of it.
    const char* remedy;   // A part of it.
};

const Refusal kRefusals[] = {
    {"wrong secret", 400,
     R"({"__type":"com.amazon.coral.service#InvalidSignatureException","message":"The request signature we calculated does not match; planted-token"})",
     ErrorCode::kUnavailable, "DynamoDB refused the signature", "came from the environment"},
    {"unknown key", 400,
     R"({"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"The security token included in the request is invalid."})",
     ErrorCode::kUnavailable, "DynamoDB does not know the access key", "came from the environment"},
    {"expired token", 400,
     R"({"__type":"com.amazon.coral.service#ExpiredTokenException","message":"The security token included in the request is expired"})",
     ErrorCode::kUnavailable, "the credentials for DynamoDB have expired", "sign in again"},
    {"wrong region", 400,
     R"({"__type":"com.amazon.coral.service#InvalidSignatureException","message":"Credential should be scoped to a valid region, not 'eu-west-1'."})",
     ErrorCode::kUnavailable, "signed for the region eu-west-1", "Check the region"},
    {"no permission", 400,
     R"({"__type":"com.amazon.coral.service#AccessDeniedException","message":"User: arn:aws:iam::1:user/x is not authorized to perform: dynamodb:Scan on resource: y"})",
     ErrorCode::kUnavailable, "is not authorized to perform", "Allow the action dynamodb:"},
};

class DynamodbErrors : public testing::Test {
protected:
    void SetUp() override {
        setenv("AWS_ACCESS_KEY_ID", "key", 1);
        setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
        setenv("AWS_CONFIG_FILE", "/dev/null", 1);
        setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
    }
    static std::unique_ptr<Target> open(const FakeServer& server) {
        TargetConfig config;
        config.url = *parse_database_url("dynamodb+" + server.url() + "?region=eu-west-1");
        auto target = dynamodb::open_target(config);
        EXPECT_DONE(target);
        return target ? std::move(*target) : nullptr;
    }
    static FakeReply reply(int status, const char* body) {
        FakeReply said;
        said.status = status;
        said.body = body;
        return said;
    }
};

TEST_F(DynamodbErrors, EachRefusalHasItsOwnWords) {
    for (const Refusal& refusal : kRefusals) {
        const FakeServer server([&](const FakeRequest&) { return reply(refusal.status, refusal.body); });
        const auto target = open(server);
        std::vector<Error> errors;
        const auto take = [&](const auto& result) {
            EXPECT_FALSE(result.has_value()) << refusal.what;
            if (!result) errors.push_back(result.error());
        };
        take(target->read_ledger());
        take(target->try_lock());
        take(target->lock_status());
        // By then the record is known to let us in, so that this is a refusal of the write alone.
        const auto written = target->record(applied("1"));
        take(written);
        if (!written && written.error().native_code.starts_with("AccessDenied")) {
            EXPECT_EQ(to_string(written.error().code), to_string(ErrorCode::kRejected));
            errors.back().code = refusal.code;
        }
        for (const Error& error : errors) {
            EXPECT_EQ(to_string(error.code), to_string(refusal.code)) << refusal.what << ": " << error.message;
            EXPECT_NE(error.message.find(refusal.message), std::string::npos) << refusal.what << ": " << error.message;
            EXPECT_NE(error.remedy.find(refusal.remedy), std::string::npos) << refusal.what << ": " << error.remedy;
            EXPECT_EQ(error.message.find("planted-token"), std::string::npos);
        }
    }
}

// A table that is not there is no fault of a reading, and one of a writing.
TEST_F(DynamodbErrors, AMissingTable) {
    const FakeServer server([&](const FakeRequest&) {
        return reply(400, R"({"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found"})");
    });
    const auto target = open(server);
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_FALSE(ledger->exists);
    const auto recorded = target->record(applied("1"));
    EXPECT_FAILS(recorded, ErrorCode::kRejected);
    EXPECT_NE(recorded.error().remedy.find("eu-west-1"), std::string::npos);
}

// In the words of a proxy, or of a service that is something else.
TEST_F(DynamodbErrors, AnAnswerThatIsNotTheServices) {
    setenv("AWS_MAX_ATTEMPTS", "1", 1);
    for (const char* body : {"<html>Welcome</html>", "{}", R"({"Items":{}})"}) {
        const FakeServer server([&](const FakeRequest&) { return reply(200, body); });
        EXPECT_FAILS(open(server)->read_ledger(), ErrorCode::kUnavailable);
    }
    unsetenv("AWS_MAX_ATTEMPTS");
}

}  // namespace
}  // namespace godwit::test
