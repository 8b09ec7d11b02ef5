// Credentials of a role: STS gives them to whoever may assume it.
#include <fmt/format.h>

#include <fstream>
#include <set>
#include <sstream>

#include "base/text.h"
#include "net/aws_client.h"
#include "net/credentials.h"
#include "net/xml_text.h"

namespace godwit::net {
namespace {

Error wrong_setting(const AwsConfig& config, const std::string& profile, std::string_view name,
                    std::string message) {
    auto setting = config.credentials_setting(profile, name);
    if (!setting) setting = config.config_setting(profile, name);
    Error error = make_error(ErrorCode::kInvalidInput, std::move(message));
    return setting ? std::move(error).at(setting->second) : error;
}

Result<AwsCredentials> ask_sts(const AwsConfig& config, AwsRequest request, AwsSession::Fetch with,
                               std::string source, const Cancellation* cancellation) {
    AwsClient client(std::make_shared<AwsSession>(config, std::move(with)));
    const AwsOutcome outcome = client.send(std::move(request), cancellation);
    if (!outcome.reply) {
        Error error = outcome.reply.error();
        error.details.push_back("it was asked for the credentials of " + source);
        return fail(std::move(error));
    }
    const std::string& xml = outcome.reply->body;
    const auto id = xml_text(xml, "AccessKeyId"), secret = xml_text(xml, "SecretAccessKey");
    const auto token = xml_text(xml, "SessionToken"), expires = xml_text(xml, "Expiration");
    const auto expires_ms = expires ? parse_iso_time_ms(*expires) : std::nullopt;
    if (!id || !secret || !token || !expires_ms) {
        return fail(ErrorCode::kUnavailable, "STS did not give credentials for " + source);
    }
    AwsCredentials credentials;
    credentials.keys = {*id, Secret(*secret), Secret(*token)};
    credentials.expires_ms = expires_ms;
    credentials.source = std::move(source);
    return credentials;
}

std::string session_name(const AwsConfig& config, std::optional<std::string> wanted) {
    return wanted ? *wanted : fmt::format("godwit-{}", config.surroundings().time->wall_ms() / 1000);
}

class RoleChain {
public:
    RoleChain(const AwsConfig& config, const Cancellation* cancellation)
        : config_(config), cancellation_(cancellation) {}

    // The role that the profile names, if it does.
    MaybeCredentials of_profile(const std::string& profile) {
        const auto role = config_.setting(profile, "role_arn");
        const auto source = config_.setting(profile, "source_profile");
        const auto service = config_.setting(profile, "credential_source");
        if (!role || (!source && !service)) return std::nullopt;
        if (!seen_.insert(profile).second) {
            return fail(wrong_setting(
                config_, profile, "source_profile",
                fmt::format("the AWS profile {} takes its credentials from itself, by way of source_profile",
                            printable(profile))));
        }
        if (source && service) {
            return fail(
                wrong_setting(config_, profile, "credential_source",
                              fmt::format("the AWS profile {} has source_profile and credential_source",
                                          printable(profile)))
                    .with_remedy("Keep one of them."));
        }
        if (config_.setting(profile, "mfa_serial")) {
            return fail(
                wrong_setting(
                    config_, profile, "mfa_serial",
                    fmt::format(
                        "the role of the AWS profile {} asks for a code of a person's device (mfa_serial)",
                        printable(profile)))
                    .with_remedy("Give credentials that need no code, by `aws configure export-credentials` "
                                 "for example."));
        }
        const AwsCredentials base = TRY(source ? of_source(profile, *source) : of_service(profile, *service));
        return TRY(assume(profile, *role, base));
    }

private:
    Result<AwsCredentials> of_source(const std::string& profile, const std::string& source) {
        if (!config_.has_profile(source)) {
            return fail(
                wrong_setting(config_, profile, "source_profile",
                              fmt::format("the AWS profile {}, named by source_profile, does not exist",
                                          printable(source))));
        }
        std::optional<AwsCredentials> found;
        // A profile may name itself: its own keys then assume its role.
        if (source != profile) found = TRY(of_profile(source));
        if (!found) found = TRY(profile_credentials(config_, source, cancellation_));
        if (found) return std::move(*found);
        return fail(
            wrong_setting(config_, profile, "source_profile",
                          fmt::format("the AWS profile {}, named by source_profile, has no credentials",
                                      printable(source))));
    }

    Result<AwsCredentials> of_service(const std::string& profile, const std::string& service) {
        std::optional<AwsCredentials> found;
        if (equal_ignoring_case(service, "Environment")) {
            found = TRY(environment_credentials(config_));
        } else if (equal_ignoring_case(service, "Ec2InstanceMetadata")) {
            found = TRY(instance_credentials(config_, cancellation_));
        } else if (equal_ignoring_case(service, "EcsContainer")) {
            found = TRY(container_credentials(config_, cancellation_));
        } else {
            return fail(wrong_setting(config_, profile, "credential_source",
                                      fmt::format("{} is no credential_source", printable(service)))
                            .with_remedy("Known are Environment, Ec2InstanceMetadata and EcsContainer."));
        }
        if (found) return std::move(*found);
        return fail(
            wrong_setting(config_, profile, "credential_source",
                          fmt::format("credential_source {} has no credentials here", printable(service))));
    }

    Result<AwsCredentials> assume(const std::string& profile, const std::string& role,
                                  const AwsCredentials& base) {
        Parameters parameters{
            {"RoleArn", role},
            {"RoleSessionName", session_name(config_, config_.setting(profile, "role_session_name"))}};
        if (const auto id = config_.setting(profile, "external_id"))
            parameters.emplace_back("ExternalId", *id);
        if (const auto seconds = config_.setting(profile, "duration_seconds")) {
            parameters.emplace_back("DurationSeconds", *seconds);
        }
        return ask_sts(
            config_, query_request("sts", "AssumeRole", parameters),
            [base](const AwsConfig&, const Cancellation*) -> Result<AwsCredentials> { return base; },
            fmt::format("role {} of profile {}", printable(role), printable(profile)), cancellation_);
    }

    const AwsConfig& config_;
    const Cancellation* cancellation_;
    std::set<std::string> seen_;
};

Result<std::string> read_token(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    if (stream) text << stream.rdbuf();
    const std::string token(trim(text.str()));
    if (stream && !token.empty()) return token;
    return fail(
        make_error(ErrorCode::kInvalidInput,
                   fmt::format("the web identity token {} cannot be read, or is empty", printable(path)))
            .with_remedy("Check AWS_WEB_IDENTITY_TOKEN_FILE (web_identity_token_file)."));
}

}  // namespace

MaybeCredentials role_credentials(const AwsConfig& config, const Cancellation* cancellation) {
    return RoleChain(config, cancellation).of_profile(config.profile());
}

MaybeCredentials web_identity_credentials(const AwsConfig& config, const Cancellation* cancellation) {
    const auto either = [&](const char* variable, std::string_view setting) {
        std::optional<std::string> value;
        if (!config.profile_was_given()) value = config.surroundings().variable(variable);
        return value ? value : config.setting(config.profile(), setting);
    };
    const auto file = either("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
    if (!file) return std::nullopt;
    const auto role = either("AWS_ROLE_ARN", "role_arn");
    if (!role) {
        return fail(
            make_error(ErrorCode::kInvalidInput, "a web identity token is given, but no role to take with it")
                .with_remedy("Set AWS_ROLE_ARN (role_arn)."));
    }
    // Read anew each time: who issues tokens also replaces them.
    const std::string token = TRY(read_token(*file));
    AwsRequest request = query_request(
        "sts", "AssumeRoleWithWebIdentity",
        {{"RoleArn", *role},
         {"RoleSessionName", session_name(config, either("AWS_ROLE_SESSION_NAME", "role_session_name"))},
         {"WebIdentityToken", token}});
    request.sign = false;
    return TRY(ask_sts(
        config, std::move(request),
        [](const AwsConfig&, const Cancellation*) -> Result<AwsCredentials> { return AwsCredentials(); },
        fmt::format("role {} by web identity", printable(*role)), cancellation));
}

}  // namespace godwit::net
