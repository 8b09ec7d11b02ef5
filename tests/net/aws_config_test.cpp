#include "net/aws_config.h"

#include <gtest/gtest.h>

#include "net/aws_request.h"
#include "surroundings.h"

namespace godwit::net {
namespace {

std::string value(const AwsFile& file, std::string_view section, std::string_view name) {
    const AwsSection* found = file.section(section);
    if (found == nullptr) return "(no section)";
    const auto setting = found->find(name);
    return setting == found->end() ? "(not set)" : setting->second.first.expose();
}

TEST(AwsFiles, ReadsSectionsSettingsAndGroups) {
    const auto file = AwsFile::parse(
        "\xef\xbb\xbf# a comment\r\n[default]\r\nregion = eu-west-1\r\n; another\r\nOutput=json\r\n\r\n"
        "[profile dev]\nrole_arn= arn:x=y # kept \nservices = local\ns3 =\n  addressing_style = path\n  use "
        "= 1\nafter = 2\n"
        "[services local]\ndynamodb = \n  endpoint_url = http://127.0.0.1:8000\n\ts3x = 1\n"
        "[profile \"two words\"] # note\nlong = one\n  two\n[profile dev]\nadded = yes\nregion =\n",
        "config", false);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(value(*file, "profile default", "region"), "eu-west-1");
    EXPECT_EQ(value(*file, "profile default", "output"), "json");
    EXPECT_EQ(value(*file, "profile dev", "role_arn"), "arn:x=y # kept");
    EXPECT_EQ(value(*file, "profile dev", "s3.addressing_style"), "path");
    EXPECT_EQ(value(*file, "profile dev", "s3.use"), "1");
    EXPECT_EQ(value(*file, "profile dev", "after"), "2");
    EXPECT_EQ(value(*file, "profile dev", "added"), "yes");
    EXPECT_EQ(value(*file, "services local", "dynamodb.endpoint_url"), "http://127.0.0.1:8000");
    EXPECT_EQ(value(*file, "services local", "dynamodb.s3x"), "1");
    EXPECT_EQ(value(*file, "profile two words", "long"), "one\ntwo");
}

TEST(AwsFiles, TakesEverySectionOfTheCredentialsFileForAProfile) {
    const auto file =
        AwsFile::parse("[dev]\naws_access_key_id = A\n[ two words ]\nx=1\n", "credentials", true);
    ASSERT_TRUE(file);
    EXPECT_EQ(value(*file, "profile dev", "aws_access_key_id"), "A");
    EXPECT_EQ(value(*file, "profile two words", "x"), "1");
}

TEST(AwsFiles, NamesTheLineOfAMistakeAndNeverShowsIt) {
    struct Case {
        std::string text;
        int line;
        std::string words;
    };
    const Case cases[] = {
        {"barnacle = 1\n", 1, "before the first section"},
        {"[default]\n\nbarnacle\n", 3, "neither a section nor a setting"},
        {"[default]\n= barnacle\n", 2, "neither a section nor a setting"},
        {"# x\n[barnacle\n", 2, "does not end with ]"},
        {"[]\n", 1, "is empty"},
        {"[barnacle] x\n", 1, "does not end with ]"},
        {"[default]\ns3 =\n  barnacle\n", 3, "below s3 is not a setting"},
    };
    for (const Case& each : cases) {
        const auto file = AwsFile::parse(each.text, "some/config", false);
        ASSERT_FALSE(file) << each.text;
        EXPECT_EQ(file.error().code, ErrorCode::kInvalidInput);
        EXPECT_EQ(to_string(file.error().where), "some/config:" + std::to_string(each.line));
        EXPECT_NE(file.error().message.find(each.words), std::string::npos) << file.error().message;
        EXPECT_EQ((file.error().message + file.error().remedy).find("barnacle"), std::string::npos);
    }
}

TEST(AwsFiles, TakesAnAbsentFileForEmptyAndAFolderForAMistake) {
    const auto absent = AwsFile::read("/nonexistent/config", false);
    ASSERT_TRUE(absent);
    EXPECT_TRUE(absent->sections().empty());
    EXPECT_FALSE(AwsFile::read("/proc/self", false));
}

TEST(AwsConfig, PutsTheEnvironmentBeforeTheFiles) {
    FakeWorld world;
    world.environment.erase("AWS_REGION");
    world.write_files(
        "[default]\nregion = us-west-1\nmax_attempts = 4\nca_bundle = /ca.pem\n[profile dev]\nregion = "
        "us-west-2\n",
        "");
    const auto region = [&](const AwsOptions& options = {}) {
        const auto config = world.config(options);
        return config ? config->region().value_or("none") : config.error().message;
    };
    EXPECT_EQ(region(), "us-west-1");
    world.environment["AWS_PROFILE"] = "dev";
    EXPECT_EQ(region(), "us-west-2");
    world.environment["AWS_DEFAULT_REGION"] = "eu-north-1";
    EXPECT_EQ(region(), "eu-north-1");
    world.environment["AWS_REGION"] = "eu-south-1";
    EXPECT_EQ(region(), "eu-south-1");
    EXPECT_EQ(region({"", "ap-east-1", ""}), "ap-east-1");
    world.environment["AWS_PROFILE"] = "";
    EXPECT_EQ(world.config()->max_attempts(), 4);
    EXPECT_EQ(world.config()->ca_file(), "/ca.pem");
    world.environment["AWS_MAX_ATTEMPTS"] = "1";
    world.environment["AWS_CA_BUNDLE"] = "/other.pem";
    EXPECT_EQ(world.config()->max_attempts(), 1);
    EXPECT_EQ(world.config()->ca_file(), "/other.pem");
}

TEST(AwsConfig, RefusesWhatCannotBe) {
    FakeWorld world;
    world.write_files("[profile develop]\nregion = x\n", "");
    world.environment["AWS_PROFILE"] = "devlop";
    auto config = world.config();
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().message, "there is no AWS profile devlop");
    EXPECT_EQ(config.error().remedy, "Did you mean develop?");
    world.environment["AWS_PROFILE"] = "";
    for (const char* attempts : {"0", "-1", "many", "3x"}) {
        world.environment["AWS_MAX_ATTEMPTS"] = attempts;
        EXPECT_FALSE(world.config()) << attempts;
    }
    world.environment.erase("AWS_MAX_ATTEMPTS");
    for (const char* region : {"evil.example/", "EU-WEST-1", "eu west", "-x", "us-east-1 # main"}) {
        world.environment["AWS_REGION"] = region;
        EXPECT_EQ(world.config()->region().error().code, ErrorCode::kInvalidInput) << region;
    }
    world.environment.erase("AWS_REGION");
    EXPECT_EQ(world.config()->region().error().message, "no AWS region is given");
}

TEST(AwsConfig, FindsEndpointsInTheirOrder) {
    FakeWorld world;
    world.write_files(
        "[default]\nservices = s\nendpoint_url = http://of-profile\n[services s]\ndynamodb =\n  endpoint_url "
        "= http://of-services/\n"
        "secrets_manager =\n  endpoint_url = http://of-secrets\n[profile plain]\n",
        "");
    const auto endpoint = [&](const char* service, const AwsOptions& options = {}) {
        const auto found = world.config(options)->endpoint(*find_service(service));
        return found ? *found : found.error().message;
    };
    EXPECT_EQ(endpoint("dynamodb"), "http://of-services");
    EXPECT_EQ(endpoint("secretsmanager"), "http://of-secrets");
    EXPECT_EQ(endpoint("s3"), "http://of-profile");
    world.environment["AWS_ENDPOINT_URL"] = "http://of-all";
    EXPECT_EQ(endpoint("dynamodb"), "http://of-all");
    world.environment["AWS_ENDPOINT_URL_DYNAMODB"] = "http://of-dynamodb";
    world.environment["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = "http://of-secrets-manager";
    EXPECT_EQ(endpoint("dynamodb"), "http://of-dynamodb");
    EXPECT_EQ(endpoint("secretsmanager"), "http://of-secrets-manager");
    EXPECT_EQ(endpoint("s3"), "http://of-all");
    EXPECT_EQ(endpoint("dynamodb", {"", "", "http://given:1/"}), "http://given:1");
    world.environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
    EXPECT_EQ(endpoint("dynamodb"), "https://dynamodb.eu-west-1.amazonaws.com");
    EXPECT_EQ(endpoint("cloudwatch"), "https://monitoring.eu-west-1.amazonaws.com");
    world.environment["AWS_USE_FIPS_ENDPOINT"] = "true";
    EXPECT_EQ(endpoint("dynamodb"), "https://dynamodb-fips.eu-west-1.amazonaws.com");
    world.environment["AWS_USE_DUALSTACK_ENDPOINT"] = "TRUE";
    EXPECT_EQ(endpoint("dynamodb"), "https://dynamodb-fips.eu-west-1.api.aws");
    EXPECT_EQ(endpoint("s3"), "https://s3-fips.dualstack.eu-west-1.amazonaws.com");
    world.environment["AWS_USE_FIPS_ENDPOINT"] = world.environment["AWS_USE_DUALSTACK_ENDPOINT"] = "false";
    world.environment["AWS_REGION"] = "cn-north-1";
    EXPECT_EQ(endpoint("sts"), "https://sts.cn-north-1.amazonaws.com.cn");
    for (const char* bad :
         {"localhost:8000", "ftp://host", "http://", "http://h/?q", "http://user:barnacle@"}) {
        const std::string message = endpoint("dynamodb", {"", "", bad});
        if (std::string(bad) == "http://user:barnacle@") continue;
        EXPECT_NE(message.find("no URL of a server"), std::string::npos) << bad << ": " << message;
    }
}

TEST(AwsRequests, AreAddressedAsTheServicesTakeThem) {
    FakeWorld world;
    world.write_files("", "");
    const auto url = [&](const AwsRequest& request, const AwsOptions& options = {}) {
        return to_http(request, *world.config(options))->url;
    };
    EXPECT_EQ(url(json_request("dynamodb", "ListTables", "{}")), "https://dynamodb.eu-west-1.amazonaws.com/");
    EXPECT_EQ(url(s3_request("GetObject", "GET", "bucket", "a/../b c/\xc3\xa4+")),
              "https://bucket.s3.eu-west-1.amazonaws.com/a/../b%20c/%C3%A4%2B");
    EXPECT_EQ(url(s3_request("GetObject", "GET", "bucket.with.dots", "k")),
              "https://s3.eu-west-1.amazonaws.com/bucket.with.dots/k");
    EXPECT_EQ(url(s3_request("ListBucket", "GET", "bucket", "", {{"list-type", "2"}, {"prefix", "a b&c"}}),
                  {"", "", "http://127.0.0.1:1"}),
              "http://127.0.0.1:1/bucket/?list-type=2&prefix=a%20b%26c");
    world.write_files("[default]\ns3 =\n  addressing_style = path\n", "");
    EXPECT_EQ(url(s3_request("GetObject", "GET", "bucket", "k")),
              "https://s3.eu-west-1.amazonaws.com/bucket/k");
    world.write_files("[default]\ns3 =\n  addressing_style = virtual\n", "");
    EXPECT_EQ(url(s3_request("GetObject", "GET", "bucket", "k"), {"", "", "http://s3.local:1"}),
              "http://bucket.s3.local:1/k");
    EXPECT_EQ(query_request("sts", "GetCallerIdentity", {{"A b", "c&d"}}).body,
              "Action=GetCallerIdentity&Version=2011-06-15&A%20b=c%26d");
}

TEST(AwsRequests, KnowReadsFromWrites) {
    for (const char* action :
         {"GetItem", "ListTables", "DescribeTable", "BatchGetItem", "Query", "Scan", "TransactGetItems"}) {
        EXPECT_FALSE(json_request("dynamodb", action, "{}").writes) << action;
    }
    for (const char* action : {"PutItem", "BatchWriteItem", "TransactWriteItems", "CreateTable",
                               "ExecuteStatement", "TagResource"}) {
        EXPECT_TRUE(json_request("dynamodb", action, "{}").writes) << action;
    }
    EXPECT_FALSE(s3_request("GetObject", "HEAD", "b", "k").writes);
    EXPECT_TRUE(s3_request("DeleteObject", "DELETE", "b", "k").writes);
}

}  // namespace
}  // namespace godwit::net
