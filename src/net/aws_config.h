// Where Amazon's services are and who asks: region, profile, endpoints, limits,
// from the environment and from AWS's shared files. docs/aws.md is the account
// for users.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/aws_files.h"
#include "net/time_source.h"

namespace godwit::net {

// The world as this code sees it; tests put their own in place.
struct Surroundings {
    // An environment variable that is set and not empty. Default: the process's.
    std::function<std::optional<std::string>(const std::string& name)> variable;
    TimeSource* time = &system_time();
    RandomSource* random = &system_random();

    static Surroundings of_process();
};

// What the caller says itself; empty values leave it to the surroundings.
struct AwsOptions {
    std::string profile;  // As --profile: then keys in the environment are not looked at.
    std::string region;
    std::string endpoint;  // For every service, as --endpoint-url.
    std::map<std::string, std::string> endpoints = {};  // For one of them, by its name: before all else.
};

// One of the services that are spoken to, and how.
struct AwsService {
    enum class Protocol { kJson, kQuery, kS3 };
    std::string_view name;   // "dynamodb": how callers and IAM actions name it.
    std::string_view shown;  // "DynamoDB"
    std::string_view host;   // First label of its host name.
    std::string_view signing_name;
    Protocol protocol;
    std::string_view target_prefix;  // JSON: before the action in X-Amz-Target.
    std::string_view version;        // JSON: of the protocol; query: of the interface.
    std::string_view setting;        // "secrets_manager": in AWS_ENDPOINT_URL_… and in `services`.
};

// dynamodb, s3, cloudwatch, secretsmanager, ssm, sts; nullptr for another name.
const AwsService* find_service(std::string_view name);

// Read once, then only looked at: safe to share between threads.
class AwsConfig {
public:
    // kInvalidInput: a file cannot be read or parsed, the profile that was asked for
    // does not exist, a region or number is none.
    static Result<AwsConfig> load(const AwsOptions& options, Surroundings surroundings);

    const Surroundings& surroundings() const { return surroundings_; }
    const std::string& profile() const { return profile_; }
    // By AwsOptions, not merely by AWS_PROFILE.
    bool profile_was_given() const { return profile_given_; }

    // A setting of a profile: the credentials file's before the config file's.
    std::optional<std::string> setting(std::string_view profile, std::string_view name) const;
    // The same, of one file alone, and where it stands.
    std::optional<std::pair<Secret, SourceSpan>> credentials_setting(std::string_view profile,
                                                                     std::string_view name) const;
    std::optional<std::pair<Secret, SourceSpan>> config_setting(std::string_view profile,
                                                                std::string_view name) const;
    bool has_profile(std::string_view profile) const;
    const std::string& config_path() const { return config_.path(); }
    const std::string& credentials_path() const { return credentials_.path(); }

    // kInvalidInput when none is given anywhere.
    Result<std::string> region() const;
    // "https://dynamodb.eu-west-1.amazonaws.com" or one that was configured; no slash at the end.
    Result<std::string> endpoint(const AwsService& service) const;
    bool endpoint_was_given(const AwsService& service) const { return given_endpoint(service).has_value(); }

    // AWS_MAX_ATTEMPTS, max_attempts: nothing when not set.
    std::optional<int> max_attempts() const { return max_attempts_; }
    // AWS_CA_BUNDLE, ca_bundle, SSL_CERT_FILE; else empty.
    std::string ca_file() const;

private:
    std::optional<std::string> given_endpoint(const AwsService& service) const;
    // A variable of the environment, else a setting of the profile.
    std::optional<std::string> either(const std::string& variable, std::string_view setting) const;
    bool is_on(const std::string& variable, std::string_view setting) const;
    Result<void> check_profile() const;
    Result<void> read_limits();

    Surroundings surroundings_;
    AwsOptions options_;
    std::string profile_;
    bool profile_given_ = false;
    AwsFile config_, credentials_;
    std::optional<int> max_attempts_;
};

}  // namespace godwit::net
