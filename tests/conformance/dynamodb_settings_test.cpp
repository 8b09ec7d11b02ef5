// Names of tables, and the URL: what they mean and what is refused.
#include "conformance/conformance.h"
#include "target/dynamodb/account.h"
#include "target/dynamodb/names.h"

namespace godwit::test {
namespace {

struct NameCase {
    const char* name_template;
    const char* environment;
    std::map<std::string, std::string> names;
    const char* logical;
    const char* real;  // Or the message.
};

const NameCase kNameCases[] = {
    {"", "", {}, "EchoesTable", "EchoesTable"},
    {"", "dev", {}, "EchoesTable", "EchoesTable"},
    {"{name}-{environment}", "dev", {}, "EchoesTable", "EchoesTable-dev"},
    {"{environment}.{name}.{name}", "prod", {}, "ab", "prod.ab.ab"},
    {"{name}", "", {}, "{name}", "{name}"},
    {"{name}-{environment}", "dev", {{"EchoesTable", "Echoes"}}, "EchoesTable", "Echoes"},
    {"{name}-{environment}", "dev", {{"EchoesTable", "Echoes"}}, "Other", "Other-dev"},
    {"{name}-{environment}", "dev", {{"EchoesTable", ""}}, "EchoesTable", "EchoesTable-dev"},
    {"{name}-{environment}", "dev", {}, "arn:aws:dynamodb:eu-west-1:1:table/x", "arn:aws:dynamodb:eu-west-1:1:table/x"},
    {"{name}-{environment}", "", {}, "", "the name_template of main, {name}-{environment}, needs an environment, and none is chosen"},
    {"{environment}", "dev", {}, "", "the name_template of main, {environment}, would give all tables one name"},
    {"x", "dev", {}, "", "the name_template of main, x, would give all tables one name"},
    {"{name}-{stage}", "dev", {}, "", "the name_template of main, {name}-{stage}, holds a word in braces that is not known"},
    {"{name", "dev", {}, "", "the name_template of main, {name, holds a word in braces that is not known"},
    {"", "", {{"A", "one"}, {"B", "one"}}, "", "two names of main stand for one table, one"},
    {"", "", {{"A", "a table"}}, "", "DynamoDB takes no table of the name a table"},
};

TEST(DynamodbNames, AreThoseOfTheListOrTheTemplate) {
    for (const NameCase& each : kNameCases) {
        TargetConfig config;
        config.name_template = each.name_template;
        config.environment = each.environment;
        config.names = each.names;
        const auto names = dynamodb::TableNames::make(config);
        if (names) {
            EXPECT_EQ(names->real(each.logical), each.real);
            continue;
        }
        EXPECT_EQ(names.error().message, each.real);
        EXPECT_EQ(names.error().code, ErrorCode::kInvalidInput);
        EXPECT_NE(names.error().remedy, "");
    }
}

TEST(DynamodbNames, AreWhatTheServiceTakes) {
    for (const std::string& name : {std::string("abc"), std::string("A_b-c.9"), std::string(255, 'x')})
        EXPECT_DONE(dynamodb::check_name(name));
    for (const std::string& name : {std::string(), std::string("ab"), std::string("a b"), std::string("caf\xC3\xA9"),
                                    std::string("a/b"), std::string(256, 'x')}) {
        EXPECT_FAILS(dynamodb::check_name(name), ErrorCode::kInvalidInput);
    }
}

struct UrlCase {
    const char* url;
    const char* result;  // describe(), or the message.
};

const UrlCase kUrlCases[] = {
    {"dynamodb://eu-west-1", "eu-west-1"},
    {"dynamodb://", "us-east-2"},
    {"dynamodb://?region=eu-west-1", "eu-west-1"},
    {"dynamodb+http://127.0.0.1:8000?region=eu-west-1", "eu-west-1 at 127.0.0.1:8000"},
    {"dynamodb+http://127.0.0.1:8000", "us-east-2 at 127.0.0.1:8000"},
    {"dynamodb+https://ddb.internal?region=eu-west-1&lease=30s", "eu-west-1 at ddb.internal"},
    {"dynamodb+http://[::1]:8000/?region=eu-west-1", "eu-west-1 at [::1]:8000"},
    {"dynamodb://eu-west-1?table=x", "unknown parameter table in the database URL"},
    {"dynamodb://eu-west-1?regoin=x", "unknown parameter regoin in the database URL"},
    {"dynamodb://eu-west-1?region=eu-west-2", "the database URL names the region twice"},
    {"dynamodb://eu-west-1:8000", "dynamodb:// is followed by a region, and a region has no port"},
    {"dynamodb://eu-west-1/EchoesTable", "the database URL has a path, and DynamoDB knows none"},
    {"dynamodb+http://?region=eu-west-1", "the database URL names no host after dynamodb+http://"},
    {"dynamodb+http://key:planted@127.0.0.1:8000", "the database URL holds credentials, and those of AWS do not belong there"},
    {"dynamodb://EU", "EU is not the name of an AWS region"},
    {"dynamodb://eu-west-1?lease=soon", "the parameter lease of the database URL is soon"},
    {"dynamodb://eu-west-1?lease=10ms", "the parameter lease of the database URL is 10ms"},
    {"dynamodb://eu-west-1?profile=nobody", "there is no AWS profile nobody"},
};

TEST(DynamodbUrl, NamesTheRegionOrTheEndpoint) {
    setenv("AWS_CONFIG_FILE", "/dev/null", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
    setenv("AWS_REGION", "us-east-2", 1);
    for (const UrlCase& each : kUrlCases) {
        TargetConfig config;
        const auto url = parse_database_url(each.url);
        ASSERT_DONE(url);
        config.url = *url;
        const auto account = dynamodb::open_account(config);
        if (account) {
            EXPECT_EQ(account->where, each.result) << each.url;
            continue;
        }
        EXPECT_EQ(account.error().message, each.result) << each.url;
        EXPECT_EQ(account.error().code, ErrorCode::kInvalidInput) << each.url;
        EXPECT_NE(account.error().remedy, "") << each.url;
        EXPECT_EQ(account.error().remedy.find("planted"), std::string::npos);
    }
    unsetenv("AWS_REGION");
}

TEST(DynamodbUrl, GivesWayToTheEnvironmentWhereItNamesNoEndpoint) {
    setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9", 1);
    for (const auto& [text, where] : {std::pair("dynamodb://eu-west-1", "eu-west-1 at 127.0.0.1:9"),
                                      std::pair("dynamodb+http://127.0.0.1:8?region=eu-west-1", "eu-west-1 at 127.0.0.1:8")}) {
        TargetConfig config;
        config.url = *parse_database_url(text);
        const auto account = dynamodb::open_account(config);
        ASSERT_DONE(account);
        EXPECT_EQ(account->where, where);
    }
    unsetenv("AWS_ENDPOINT_URL_DYNAMODB");
}

}  // namespace
}  // namespace godwit::test
