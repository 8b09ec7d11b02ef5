#include "net/credentials.h"

#include <fmt/format.h>

#include "base/text.h"
#include "net/json_text.h"

namespace godwit::net {
namespace {

std::optional<AwsCredentials> static_keys(const std::optional<std::pair<Secret, SourceSpan>>& id,
                                          const std::optional<std::pair<Secret, SourceSpan>>& secret,
                                          const std::optional<std::pair<Secret, SourceSpan>>& token,
                                          std::string source) {
    if (!id || !secret) return std::nullopt;
    AwsCredentials credentials;
    credentials.keys.access_key_id = id->first.expose();
    credentials.keys.secret_access_key = secret->first;
    if (token) credentials.keys.session_token = token->first;
    credentials.source = std::move(source);
    return credentials;
}

// Keys in one file; half a pair is a mistake that must not fall through to others.
template <typename Get>
MaybeCredentials file_keys(const Get& get, const std::string& profile, const std::string& path) {
    const auto id = get("aws_access_key_id"), secret = get("aws_secret_access_key");
    if (id.has_value() != secret.has_value()) {
        return fail(make_error(ErrorCode::kInvalidInput,
                               fmt::format("the AWS profile {} has {} but no {}", printable(profile),
                                           id ? "aws_access_key_id" : "aws_secret_access_key",
                                           id ? "aws_secret_access_key" : "aws_access_key_id"))
                        .at(id ? id->second : secret->second)
                        .with_remedy("Write both, or neither."));
    }
    return static_keys(id, secret, get("aws_session_token"),
                       fmt::format("profile {} in {}", printable(profile), printable(path)));
}

Error no_credentials(const AwsConfig& config) {
    Error error = make_error(ErrorCode::kUnavailable, "no AWS credentials were found");
    if (!config.profile_was_given()) error.details.push_back("environment: AWS_ACCESS_KEY_ID is not set");
    error.details.push_back(fmt::format("profile {}: no keys, role or credential_process in {} or {}",
                                        printable(config.profile()), printable(config.credentials_path()),
                                        printable(config.config_path())));
    error.details.push_back(
        "container: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is "
        "set");
    const bool disabled =
        equal_ignoring_case(config.surroundings().variable("AWS_EC2_METADATA_DISABLED").value_or(""), "true");
    error.details.push_back(
        disabled ? "instance metadata: switched off by AWS_EC2_METADATA_DISABLED"
                 : "instance metadata: nobody answers, so this is no EC2 instance with a role");
    return std::move(error).with_remedy("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.");
}

}  // namespace

Result<AwsCredentials> parse_credentials(std::string_view json, const std::string& source) {
    const auto members = json_members(json);
    if (!members) return fail(ErrorCode::kUnavailable, fmt::format("{} did not answer with JSON", source));
    const auto id = json_text(*members, {"AccessKeyId", "accessKeyId"});
    const auto secret = json_text(*members, {"SecretAccessKey", "secretAccessKey"});
    const auto token = json_text(*members, {"SessionToken", "Token", "sessionToken"});
    const auto expires = json_text(*members, {"Expiration", "expiration"});
    if (!id || !secret || id->empty() || secret->empty()) {
        const auto code = json_text(*members, {"Code", "code"});
        return fail(ErrorCode::kUnavailable, fmt::format("{} did not give credentials{}", source,
                                                         code ? ": " + printable(*code) : ""));
    }
    AwsCredentials credentials;
    credentials.keys = {*id, Secret(*secret), Secret(token.value_or(""))};
    credentials.source = source;
    if (expires) {
        credentials.expires_ms = parse_iso_time_ms(*expires);
        if (!credentials.expires_ms) {
            return fail(ErrorCode::kUnavailable,
                        fmt::format("{} gave credentials with an Expiration that is no time: {}", source,
                                    printable(*expires)));
        }
    }
    return credentials;
}

MaybeCredentials environment_credentials(const AwsConfig& config) {
    const auto& variable = config.surroundings().variable;
    const auto id = variable("AWS_ACCESS_KEY_ID"), secret = variable("AWS_SECRET_ACCESS_KEY");
    if (!id && !secret) return std::nullopt;
    if (!id || !secret) {
        return fail(make_error(ErrorCode::kInvalidInput,
                               fmt::format("{} is set but {} is not",
                                           id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                                           id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID"))
                        .with_remedy("Set both, or neither."));
    }
    AwsCredentials credentials;
    credentials.keys = {*id, Secret(*secret), Secret(variable("AWS_SESSION_TOKEN").value_or(""))};
    credentials.source = "the environment";
    return credentials;
}

MaybeCredentials profile_credentials(const AwsConfig& config, const std::string& profile,
                                     const Cancellation* cancellation) {
    auto found =
        TRY(file_keys([&](std::string_view name) { return config.credentials_setting(profile, name); },
                      profile, config.credentials_path()));
    if (found) return found;
    auto process = config.credentials_setting(profile, "credential_process");
    if (!process) process = config.config_setting(profile, "credential_process");
    if (process) {
        return TRY(process_credentials(process->first.expose(),
                                       fmt::format("credential_process of profile {}", printable(profile)),
                                       process->second, config.surroundings(), cancellation));
    }
    found = TRY(file_keys([&](std::string_view name) { return config.config_setting(profile, name); },
                          profile, config.config_path()));
    if (found) return found;
    for (const std::string_view name : {"sso_session", "sso_start_url"}) {
        const auto setting = config.config_setting(profile, name);
        if (!setting) continue;
        return fail(make_error(ErrorCode::kNotSupported,
                               fmt::format("the AWS profile {} signs in with IAM Identity Center (SSO), "
                                           "which needs AWS's command line",
                                           printable(profile)))
                        .at(setting->second)
                        .with_remedy(fmt::format(
                            "Run `aws sso login --profile {0}`, and add to the profile that you use: "
                            "credential_process = aws configure export-credentials --profile {0}",
                            printable(profile))));
    }
    return std::nullopt;
}

Result<AwsCredentials> find_credentials(const AwsConfig& config, const Cancellation* cancellation) {
    std::optional<AwsCredentials> found;
    if (!config.profile_was_given()) found = TRY(environment_credentials(config));
    if (!found) found = TRY(role_credentials(config, cancellation));
    if (!found) found = TRY(web_identity_credentials(config, cancellation));
    if (!found) found = TRY(profile_credentials(config, config.profile(), cancellation));
    if (!found) found = TRY(container_credentials(config, cancellation));
    if (!found) found = TRY(instance_credentials(config, cancellation));
    if (!found) return fail(no_credentials(config));
    return std::move(*found);
}

}  // namespace godwit::net
