#include "net/aws_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/process.h"
#include "base/text.h"
#include "net/http_failure.h"

namespace godwit::net {
namespace {

using Protocol = AwsService::Protocol;
constexpr AwsService kServices[] = {
    {"dynamodb", "DynamoDB", "dynamodb", "dynamodb", Protocol::kJson, "DynamoDB_20120810.", "1.0",
     "dynamodb"},
    {"s3", "S3", "s3", "s3", Protocol::kS3, "", "", "s3"},
    {"cloudwatch", "CloudWatch", "monitoring", "monitoring", Protocol::kQuery, "", "2010-08-01",
     "cloudwatch"},
    {"secretsmanager", "Secrets Manager", "secretsmanager", "secretsmanager", Protocol::kJson,
     "secretsmanager.", "1.1", "secrets_manager"},
    {"ssm", "Systems Manager", "ssm", "ssm", Protocol::kJson, "AmazonSSM.", "1.1", "ssm"},
    {"sts", "STS", "sts", "sts", Protocol::kQuery, "", "2011-06-15", "sts"},
};

// Where a partition's hosts end. Source: botocore's partitions.json.
struct Partition {
    std::string_view region_prefix, suffix, dual_stack_suffix;
};
constexpr Partition kPartitions[] = {
    {"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    {"us-gov-", "amazonaws.com", "api.aws"},
    {"us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
    {"us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
    {"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
    {"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
    {"eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
    {"", "amazonaws.com", "api.aws"},
};

const Partition& partition_of(std::string_view region) {
    return *std::find_if(std::begin(kPartitions), std::end(kPartitions),
                         [&](const Partition& each) { return region.starts_with(each.region_prefix); });
}

// It becomes part of a host's name: nothing else may get in there.
bool is_region(std::string_view text) {
    return !text.empty() && text.size() < 64 && text.front() != '-' && text.back() != '-' &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::string without_end_slash(std::string text) {
    while (text.ends_with('/')) text.pop_back();
    return text;
}

std::optional<std::pair<Secret, SourceSpan>> find_in(const AwsFile& file, std::string_view section,
                                                     std::string_view name) {
    const AwsSection* found = file.section(section);
    if (found == nullptr) return std::nullopt;
    const auto setting = found->find(name);
    if (setting == found->end() || setting->second.first.empty()) return std::nullopt;
    return setting->second;
}

std::string section_of(std::string_view profile) { return "profile " + std::string(profile); }

std::string path_of(const Surroundings& surroundings, const std::string& variable, std::string_view name) {
    std::string path = surroundings.variable(variable).value_or("~/.aws/" + std::string(name));
    if (path == "~" || path.starts_with("~/"))
        path = surroundings.variable("HOME").value_or("") + path.substr(1);
    return path;
}

}  // namespace

Surroundings Surroundings::of_process() {
    Surroundings surroundings;
    surroundings.variable = [](const std::string& name) { return environment_variable(name.c_str()); };
    return surroundings;
}

const AwsService* find_service(std::string_view name) {
    const auto found = std::find_if(std::begin(kServices), std::end(kServices),
                                    [&](const AwsService& each) { return each.name == name; });
    return found == std::end(kServices) ? nullptr : found;
}

Result<AwsConfig> AwsConfig::load(const AwsOptions& options, Surroundings surroundings) {
    AwsConfig config;
    config.surroundings_ = std::move(surroundings);
    config.options_ = options;
    const auto variable = [&](const char* name) { return config.surroundings_.variable(name); };
    config.profile_given_ = !options.profile.empty();
    config.profile_ =
        config.profile_given_
            ? options.profile
            : variable("AWS_PROFILE").value_or(variable("AWS_DEFAULT_PROFILE").value_or("default"));
    config.config_ = TRY(AwsFile::read(path_of(config.surroundings_, "AWS_CONFIG_FILE", "config"), false));
    config.credentials_ =
        TRY(AwsFile::read(path_of(config.surroundings_, "AWS_SHARED_CREDENTIALS_FILE", "credentials"), true));
    CHECK(config.check_profile());
    CHECK(config.read_limits());
    return config;
}

Result<void> AwsConfig::check_profile() const {
    if (profile_ == "default" || has_profile(profile_)) return {};
    std::vector<std::string> known;
    for (const AwsFile* file : {&config_, &credentials_}) {
        for (const auto& [name, section] : file->sections()) {
            if (name.starts_with("profile ")) known.push_back(name.substr(8));
        }
    }
    const auto close = nearest(profile_, known);
    return fail(
        make_error(ErrorCode::kInvalidInput, fmt::format("there is no AWS profile {}", printable(profile_)))
            .with_detail(
                fmt::format("looked in {} and {}", printable(config_.path()), printable(credentials_.path())))
            .with_remedy(close ? fmt::format("Did you mean {}?", printable(*close))
                               : "Check AWS_PROFILE, AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE."));
}

Result<void> AwsConfig::read_limits() {
    const auto text = either("AWS_MAX_ATTEMPTS", "max_attempts");
    if (!text) return {};
    int value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size() || value < 1) {
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("AWS_MAX_ATTEMPTS (max_attempts) is {}; it must be a number from 1",
                                printable(*text)));
    }
    max_attempts_ = value;
    return {};
}

std::optional<std::pair<Secret, SourceSpan>> AwsConfig::credentials_setting(std::string_view profile,
                                                                            std::string_view name) const {
    return find_in(credentials_, section_of(profile), name);
}

std::optional<std::pair<Secret, SourceSpan>> AwsConfig::config_setting(std::string_view profile,
                                                                       std::string_view name) const {
    return find_in(config_, section_of(profile), name);
}

std::optional<std::string> AwsConfig::setting(std::string_view profile, std::string_view name) const {
    auto found = credentials_setting(profile, name);
    if (!found) found = config_setting(profile, name);
    return found ? std::optional(found->first.expose()) : std::nullopt;
}

bool AwsConfig::has_profile(std::string_view profile) const {
    const std::string name = section_of(profile);
    return config_.section(name) != nullptr || credentials_.section(name) != nullptr;
}

std::optional<std::string> AwsConfig::either(const std::string& variable, std::string_view name) const {
    if (auto value = surroundings_.variable(variable)) return value;
    return setting(profile_, name);
}

bool AwsConfig::is_on(const std::string& variable, std::string_view name) const {
    return equal_ignoring_case(either(variable, name).value_or("false"), "true");
}

Result<std::string> AwsConfig::region() const {
    std::string region = options_.region;
    if (region.empty()) region = surroundings_.variable("AWS_REGION").value_or("");
    if (region.empty()) region = either("AWS_DEFAULT_REGION", "region").value_or("");
    if (region.empty()) {
        return fail(
            make_error(ErrorCode::kInvalidInput, "no AWS region is given")
                .with_detail(fmt::format("looked at AWS_REGION, AWS_DEFAULT_REGION and the profile {} in {}",
                                         printable(profile_), printable(config_.path())))
                .with_remedy("Name it in the URL (dynamodb://eu-west-1) or set AWS_REGION."));
    }
    if (!is_region(region)) {
        return fail(make_error(ErrorCode::kInvalidInput,
                               fmt::format("{} is not the name of an AWS region", printable(region)))
                        .with_remedy("Names look like eu-west-1."));
    }
    return region;
}

std::optional<std::string> AwsConfig::given_endpoint(const AwsService& service) const {
    const auto own = options_.endpoints.find(std::string(service.name));
    if (own != options_.endpoints.end()) return own->second;
    if (!options_.endpoint.empty()) return options_.endpoint;
    if (is_on("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")) return std::nullopt;
    const std::string name = to_upper(service.setting);
    if (auto url = surroundings_.variable("AWS_ENDPOINT_URL_" + name)) return url;
    if (auto url = surroundings_.variable("AWS_ENDPOINT_URL")) return url;
    if (const auto group = setting(profile_, "services")) {
        if (auto url =
                find_in(config_, "services " + *group, std::string(service.setting) + ".endpoint_url")) {
            return url->first.expose();
        }
    }
    return setting(profile_, "endpoint_url");
}

Result<std::string> AwsConfig::endpoint(const AwsService& service) const {
    if (const auto given = given_endpoint(service)) {
        const bool has_scheme = given->starts_with("http://") || given->starts_with("https://");
        const size_t host = given->find("://");
        if (has_scheme && given->size() > host + 3 &&
            given->find_first_of("?# \t", host) == std::string::npos) {
            return without_end_slash(*given);
        }
        return fail(make_error(ErrorCode::kInvalidInput,
                               fmt::format("the endpoint for {} is {}, which is no URL of a server",
                                           service.shown, origin_of(*given)))
                        .with_remedy("Write http://HOST:PORT or https://HOST."));
    }
    const std::string region = TRY(this->region());
    const bool fips = is_on("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
    const bool dual_stack = is_on("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
    const Partition& partition = partition_of(region);
    const std::string host = std::string(service.host) + (fips ? "-fips" : "");
    if (service.protocol == Protocol::kS3 && dual_stack) {
        return fmt::format("https://{}.dualstack.{}.{}", host, region, partition.suffix);
    }
    return fmt::format("https://{}.{}.{}", host, region,
                       dual_stack ? partition.dual_stack_suffix : partition.suffix);
}

std::string AwsConfig::ca_file() const {
    if (auto file = either("AWS_CA_BUNDLE", "ca_bundle")) return *file;
    return surroundings_.variable("SSL_CERT_FILE").value_or("");
}

}  // namespace godwit::net
