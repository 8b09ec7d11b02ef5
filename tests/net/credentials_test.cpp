#include "net/credentials.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "base/text.h"
#include "support/fake_server.h"
#include "surroundings.h"

namespace godwit::net {
namespace {

using test::FakeReply;
using test::FakeRequest;
using test::FakeServer;

// "ID/SECRET/TOKEN from SOURCE", or the error's message.
std::string found(FakeWorld& world, const AwsOptions& options = {}) {
    const auto config = world.config(options);
    if (!config) return config.error().message;
    const auto credentials = find_credentials(*config, nullptr);
    if (!credentials) return credentials.error().message;
    return credentials->keys.access_key_id + "/" + credentials->keys.secret_access_key.expose() + "/" +
           credentials->keys.session_token.expose() + " from " + credentials->source;
}

Error error_of(FakeWorld& world, const AwsOptions& options = {}) {
    const auto credentials = find_credentials(*world.config(options), nullptr);
    return credentials ? make_error(ErrorCode::kInternal, "no error") : credentials.error();
}

// An error must not show any of the test's secrets.
void expect_no_secret(const Error& error) {
    std::string text = error.message + error.remedy + error.native_code;
    for (const std::string& detail : error.details) text += detail;
    EXPECT_EQ(text.find("barnacle"), std::string::npos) << text;
}

TEST(Credentials, ComeFromTheEnvironmentFirst) {
    FakeWorld world;
    world.write_files("",
                      "[default]\naws_access_key_id = F\naws_secret_access_key = "
                      "f\n[dev]\naws_access_key_id=D\naws_secret_access_key=d\n");
    const std::string path = world.folder.file("credentials");
    EXPECT_EQ(found(world), "F/f/ from profile default in " + path);
    world.environment["AWS_ACCESS_KEY_ID"] = "E";
    EXPECT_EQ(found(world), "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not");
    world.environment["AWS_SECRET_ACCESS_KEY"] = "e";
    EXPECT_EQ(found(world), "E/e/ from the environment");
    world.environment["AWS_SESSION_TOKEN"] = "t";
    world.environment["AWS_PROFILE"] = "dev";
    EXPECT_EQ(found(world), "E/e/t from the environment");
    // A profile that is asked for by name goes before keys that happen to be set.
    EXPECT_EQ(found(world, {"dev", "", ""}), "D/d/ from profile dev in " + path);
}

TEST(Credentials, PreferTheCredentialsFile) {
    FakeWorld world;
    world.write_files("[default]\naws_access_key_id = C\naws_secret_access_key = c\naws_session_token = t\n",
                      "");
    EXPECT_EQ(found(world), "C/c/t from profile default in " + world.folder.file("config"));
    world.write_files("[default]\naws_access_key_id = C\naws_secret_access_key = c\n",
                      "[default]\naws_access_key_id = F\naws_secret_access_key = f\n");
    EXPECT_EQ(found(world), "F/f/ from profile default in " + world.folder.file("credentials"));
    world.write_files("", "[default]\n\naws_secret_access_key = barnacle\n");
    const Error error = error_of(world);
    EXPECT_EQ(error.message, "the AWS profile default has aws_secret_access_key but no aws_access_key_id");
    EXPECT_EQ(to_string(error.where), world.folder.file("credentials") + ":3");
    expect_no_secret(error);
}

TEST(Credentials, SayWhereWasLookedWhenThereAreNone) {
    FakeWorld world;
    const Error error = error_of(world);
    EXPECT_EQ(error.code, ErrorCode::kUnavailable);
    EXPECT_EQ(error.message, "no AWS credentials were found");
    EXPECT_EQ(error.details.size(), 4U);
    EXPECT_EQ(error.details.back(), "instance metadata: switched off by AWS_EC2_METADATA_DISABLED");
}

TEST(Credentials, SendSsoToAwsOwnTool) {
    FakeWorld world;
    world.write_files("[default]\nsso_session = mine\n[sso-session mine]\nsso_region = x\n", "");
    const Error error = error_of(world);
    EXPECT_EQ(error.code, ErrorCode::kNotSupported);
    EXPECT_EQ(to_string(error.where), world.folder.file("config") + ":2");
    EXPECT_NE(error.remedy.find("aws configure export-credentials --profile default"), std::string::npos);
}

TEST(CredentialProcess, RunsACommandAndReadsItsJson) {
    FakeWorld world;
    const std::string script =
        world.folder.write("keys.sh",
                           "printf '{\"Version\": 1, \"AccessKeyId\": \"P\", \"SecretAccessKey\": \"%s\", "
                           "\"SessionToken\": \"t\", \"Expiration\": \"2030-01-01T00:00:00Z\"}' \"$1\"\n");
    world.write_files("[default]\ncredential_process = sh \"" + script + "\" 'two  words'\\ \"it's\"x\n", "");
    EXPECT_EQ(found(world), "P/two  words it'sx/t from credential_process of profile default");
}

TEST(CredentialProcess, ExplainsWhatGoesWrong) {
    const std::pair<std::string, std::string> cases[] = {
        {"/nonexistent/command barnacle", "cannot be started"},
        {"sh -c 'echo barnacle; exit 3'", "failed with status 3"},
        {"echo barnacle", "printed something that is not JSON"},
        {"echo '{\"Version\": 2}'", "printed another Version than 1"},
        {"echo '{\"Version\": 1, \"SecretAccessKey\": \"barnacle\"}'", "did not give credentials"},
        {"echo "
         "'{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"barnacle\",\"Expiration\":\"soon\"}'",
         "Expiration that is no time"},
        {"sh -c 'barnacle", "a quote is not closed"},
        {"sh -c 'kill -9 $$'", "failed with status 137"},
        {"head -c 2000000 /dev/zero", "prints too much"},
    };
    for (const auto& [command, words] : cases) {
        FakeWorld world;
        world.write_files("", "# x\n[default]\ncredential_process = " + command + "\n");
        const Error error = error_of(world);
        EXPECT_NE(error.message.find(words), std::string::npos) << command << ": " << error.message;
        EXPECT_EQ(to_string(error.where), world.folder.file("credentials") + ":3");
        expect_no_secret(error);
    }
}

TEST(CredentialProcess, DoesNotWaitForWhatItLeavesBehind) {
    FakeWorld world;
    world.write_files(
        "[default]\ncredential_process = sh -c 'sleep 30 & echo "
        "\"{\\\"Version\\\":1,\\\"AccessKeyId\\\":\\\"a\\\",\\\"SecretAccessKey\\\":\\\"b\\\"}\"'\n",
        "");
    EXPECT_EQ(found(world), "a/b/ from credential_process of profile default");
}

TEST(CredentialProcess, StopsOnRequest) {
    FakeWorld world;
    world.write_files("[default]\ncredential_process = sleep 600\n", "");
    const auto config = world.config();
    Cancellation cancellation;
    std::thread stopper([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        cancellation.request(SIGINT);
    });
    const auto credentials = find_credentials(*config, &cancellation);
    stopper.join();
    ASSERT_FALSE(credentials);
    EXPECT_EQ(credentials.error().code, ErrorCode::kCancelled);
}

FakeReply json(std::string body, int status = 200) {
    FakeReply reply;
    reply.status = status;
    reply.body = std::move(body);
    return reply;
}

const char* const kKeys =
    R"({"Code":"Success","AccessKeyId":"M","SecretAccessKey":"m","Token":"t","Expiration":"2026-11-21T20:00:00Z"})";

TEST(ContainerCredentials, ComeFromTheAgent) {
    FakeServer agent([](const FakeRequest& request) {
        if (request.headers.count("authorization") == 0) return json("{}", 401);
        return json(kKeys);
    });
    FakeWorld world;
    world.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = agent.url() + "/v1/credentials";
    world.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = world.folder.write("token", "barnacle\n");
    EXPECT_EQ(found(world), "M/m/t from the container's credentials service");
    EXPECT_EQ(agent.requests().at(0).target, "/v1/credentials");
    EXPECT_EQ(agent.requests().at(0).headers.at("authorization"), "barnacle");
    world.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "";
    EXPECT_EQ(found(world), "the container's credentials service answered with status 401");
    world.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "a\r\nX-Evil: barnacle";
    expect_no_secret(error_of(world));
    EXPECT_EQ(agent.requests().size(), 2U);
}

TEST(ContainerCredentials, AreTriedAgain) {
    int count = 0;
    FakeServer agent([&](const FakeRequest&) { return ++count < 3 ? json("", 500) : json(kKeys); });
    FakeWorld world;
    world.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = agent.url();
    EXPECT_EQ(found(world), "M/m/t from the container's credentials service");
    EXPECT_EQ(agent.requests().size(), 3U);
}

TEST(ContainerCredentials, AreAskedForOnlyWhereTheyMayBe) {
    FakeWorld world;
    for (const char* bad : {"http://example.com/x", "http://169.254.170.2.example.com/", "ftp://127.0.0.1/",
                            "http://127.0.0.1.example/", "http://127.0.0.1@example.com/", "http://[::2]/"}) {
        world.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = bad;
        EXPECT_EQ(error_of(world).code, ErrorCode::kInvalidInput) << bad;
    }
}

// The instance metadata service, version 2: no token, no answer.
class MetadataService {
public:
    FakeReply answer(const FakeRequest& request) {
        if (request.target == "/latest/api/token") {
            return request.method == "PUT" &&
                           request.headers.count("x-aws-ec2-metadata-token-ttl-seconds") != 0
                       ? json("TOKEN")
                       : json("", 400);
        }
        const auto token = request.headers.find("x-aws-ec2-metadata-token");
        if (token == request.headers.end() || token->second != "TOKEN") return json("", 401);
        const std::string folder = "/latest/meta-data/iam/security-credentials/";
        if (request.target == folder) return role.empty() ? json("", 404) : json(role + "\n");
        return request.target == folder + role ? json(keys) : json("", 404);
    }
    std::string role = "app-role", keys = kKeys;
};

TEST(InstanceCredentials, NeedATokenFirst) {
    MetadataService service;
    FakeServer server([&](const FakeRequest& request) { return service.answer(request); });
    FakeWorld world;
    world.environment["AWS_EC2_METADATA_DISABLED"] = "false";
    world.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = server.url() + "/";
    EXPECT_EQ(found(world), "M/m/t from the instance's role app-role");
    EXPECT_EQ(server.requests().size(), 3U);
    server.locked([&] { service.role = ""; });
    EXPECT_EQ(found(world), "no AWS credentials were found");
    server.locked([&] {
        service.role = "other";
        service.keys = R"({"Code":"AssumeRoleUnauthorizedAccess"})";
    });
    EXPECT_EQ(found(world),
              "the instance's role other did not give credentials: AssumeRoleUnauthorizedAccess");
    server.locked([&] { service.keys = "<html>barnacle"; });
    expect_no_secret(error_of(world));
    world.environment["AWS_EC2_METADATA_DISABLED"] = "true";
    const size_t before = server.requests().size();
    EXPECT_EQ(found(world), "no AWS credentials were found");
    EXPECT_EQ(server.requests().size(), before);
}

TEST(InstanceCredentials, AreNotThereWhenNobodyAnswers) {
    FakeWorld world;
    world.environment["AWS_EC2_METADATA_DISABLED"] = "";
    {
        FakeServer closed([](const FakeRequest&) { return FakeReply(); });
        world.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = closed.url();
    }
    EXPECT_EQ(found(world), "no AWS credentials were found");
}

// STS, by its replies; each role's secret is its own name's last word.
FakeReply sts(const FakeRequest& request) {
    FakeReply reply;
    const size_t at = request.body.find("RoleArn=");
    const std::string role = request.body.substr(at + 8, request.body.find('&', at) - at - 8);
    if (role == "denied") {
        reply.status = 403;
        reply.body =
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: x is not authorized to perform: "
            "sts:AssumeRole on resource: denied</Message></Error><RequestId>r1</RequestId></ErrorResponse>";
        return reply;
    }
    reply.body = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>S-" + role +
                 "</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
                 "<SessionToken>t</SessionToken><Expiration>2026-11-21T15:00:00Z</Expiration></Credentials></"
                 "AssumeRoleResult></AssumeRoleResponse>";
    return reply;
}

TEST(RoleCredentials, ComeFromSts) {
    FakeServer server(sts);
    FakeWorld world;
    world.environment["AWS_ENDPOINT_URL_STS"] = server.url();
    world.write_files(
        "[profile app]\nrole_arn = one\nsource_profile = base\nexternal_id = x&y\nduration_seconds = "
        "900\nrole_session_name = me\n"
        "[profile chained]\nrole_arn = two\nsource_profile = app\n[profile self]\nrole_arn = "
        "three\nsource_profile = self\n"
        "aws_access_key_id = K\naws_secret_access_key = k\n",
        "[base]\naws_access_key_id = B\naws_secret_access_key = b\n");
    EXPECT_EQ(found(world, {"app", "", ""}), "S-one/s/t from role one of profile app");
    const FakeRequest first = server.requests().at(0);
    EXPECT_EQ(first.body,
              "Action=AssumeRole&Version=2011-06-15&RoleArn=one&RoleSessionName=me&ExternalId=x%26y&"
              "DurationSeconds=900");
    EXPECT_NE(first.headers.at("authorization").find("Credential=B/20261121/eu-west-1/sts/"),
              std::string::npos);
    EXPECT_EQ(found(world, {"chained", "", ""}), "S-two/s/t from role two of profile chained");
    const FakeRequest last = server.requests().back();
    EXPECT_NE(last.headers.at("authorization").find("Credential=S-one/"), std::string::npos);
    EXPECT_EQ(last.headers.at("x-amz-security-token"), "t");
    EXPECT_EQ(found(world, {"self", "", ""}), "S-three/s/t from role three of profile self");
}

TEST(RoleCredentials, ExplainWhatGoesWrong) {
    FakeServer server(sts);
    struct Case {
        std::string config, words;
        ErrorCode code;
    };
    const Case cases[] = {
        {"source_profile = a\n[profile a]\nrole_arn = y\nsource_profile = p\n",
         "takes its credentials from itself", ErrorCode::kInvalidInput},
        {"source_profile = nobody\n", "nobody, named by source_profile, does not exist",
         ErrorCode::kInvalidInput},
        {"source_profile = empty\n[profile empty]\n", "empty, named by source_profile, has no credentials",
         ErrorCode::kInvalidInput},
        {"source_profile = p\ncredential_source = Environment\n", "has source_profile and credential_source",
         ErrorCode::kInvalidInput},
        {"credential_source = Moon\n", "Moon is no credential_source", ErrorCode::kInvalidInput},
        {"credential_source = Environment\n", "has no credentials here", ErrorCode::kInvalidInput},
        {"source_profile = p\nmfa_serial = m\n", "mfa_serial", ErrorCode::kInvalidInput},
        {"source_profile = k\n[profile k]\naws_access_key_id=K\naws_secret_access_key=barnacle\n",
         "is not authorized to perform: sts:AssumeRole", ErrorCode::kRejected},
    };
    for (const Case& each : cases) {
        FakeWorld world;
        world.environment["AWS_ENDPOINT_URL_STS"] = server.url();
        world.write_files("[profile p]\nrole_arn = denied\n" + each.config, "");
        const Error error = error_of(world, {"p", "", ""});
        EXPECT_EQ(error.code, each.code) << error.message;
        EXPECT_NE(error.message.find(each.words), std::string::npos) << error.message;
        expect_no_secret(error);
    }
}

TEST(WebIdentity, IsAskedForWithoutASignature) {
    FakeServer server(sts);
    FakeWorld world;
    world.environment["AWS_ENDPOINT_URL_STS"] = server.url();
    world.environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = world.folder.write("token", "eyJ.barnacle\n");
    EXPECT_EQ(error_of(world).message, "a web identity token is given, but no role to take with it");
    world.environment["AWS_ROLE_ARN"] = "web";
    EXPECT_EQ(found(world), "S-web/s/t from role web by web identity");
    const FakeRequest request = server.requests().at(0);
    EXPECT_EQ(request.headers.count("authorization"), 0U);
    EXPECT_NE(request.body.find("&WebIdentityToken=eyJ.barnacle"), std::string::npos);
    EXPECT_NE(request.body.find("RoleSessionName=godwit-1795269837"), std::string::npos);
    world.environment["AWS_ROLE_ARN"] = "denied";
    expect_no_secret(error_of(world));
    world.environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/nonexistent";
    EXPECT_EQ(error_of(world).code, ErrorCode::kInvalidInput);
}

// Renewal, with a source that counts.
class Renewal : public testing::Test {
protected:
    AwsSession make(int64_t life_ms) {
        return AwsSession(*world.config(),
                          [this, life_ms](const AwsConfig&, const Cancellation*) -> Result<AwsCredentials> {
                              fetched++;
                              if (failing) return fail(ErrorCode::kUnavailable, "cannot");
                              AwsCredentials credentials;
                              credentials.keys.access_key_id = std::to_string(fetched);
                              if (life_ms > 0) credentials.expires_ms = world.time.wall_ms() + life_ms;
                              return credentials;
                          });
    }
    static std::string id(AwsSession& session) {
        const auto held = session.credentials(nullptr);
        return held ? (*held)->keys.access_key_id : "failed";
    }
    FakeWorld world;
    std::atomic<int> fetched{0};
    bool failing = false;
};

TEST_F(Renewal, ComesFiveMinutesBeforeTheEnd) {
    AwsSession session = make(3'600'000);
    EXPECT_EQ(id(session), "1");
    world.time.pass(3'299'000);
    EXPECT_EQ(id(session), "1");
    world.time.pass(1'000);
    EXPECT_EQ(id(session), "2");
}

TEST_F(Renewal, KeepsOldOnesWhileTheyHold) {
    AwsSession session = make(3'600'000);
    EXPECT_EQ(id(session), "1");
    world.time.pass(3'400'000);
    failing = true;
    EXPECT_EQ(id(session), "1");
    EXPECT_EQ(id(session), "1");
    EXPECT_EQ(fetched, 2);  // Not asked for again at once.
    world.time.pass(30'000);
    EXPECT_EQ(id(session), "1");
    EXPECT_EQ(fetched, 3);
    world.time.pass(170'000);
    EXPECT_EQ(id(session), "failed");
    failing = false;
    EXPECT_EQ(id(session), "5");
}

TEST_F(Renewal, DoesNotAskAllTheTimeForCredentialsOfShortLife) {
    AwsSession session = make(60'000);
    for (int i = 0; i < 10; i++) EXPECT_EQ(id(session), "1");
    world.time.pass(30'000);
    EXPECT_EQ(id(session), "2");
}

TEST_F(Renewal, IsByOneThreadAtATime) {
    AwsSession session = make(0);
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; i++) {
        threads.emplace_back([&] {
            for (int round = 0; round < 200; round++) {
                const auto held = session.credentials(nullptr);
                ASSERT_TRUE(held);
                if (round == 100) session.discard(*held);
                session.correct_clock(world.time.wall_ms() + round);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_GE(fetched, 2);
    EXPECT_LE(fetched, 9);
}

}  // namespace
}  // namespace godwit::net
