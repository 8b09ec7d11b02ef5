#include "target/dynamodb/account.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace godwit::dynamodb {
namespace {

using std::chrono::milliseconds;

constexpr std::array<std::string_view, 3> kParameters{"region", "profile", "lease"};
constexpr milliseconds kShortestLease{1'000};
constexpr milliseconds kLongestLease{600'000};

Error bad_url(std::string message, std::string remedy) {
    return make_error(ErrorCode::kInvalidInput, std::move(message)).with_remedy(std::move(remedy));
}

Result<void> check_parameters(const DatabaseUrl& url) {
    for (const auto& [name, value] : url.parameters) {
        if (std::find(kParameters.begin(), kParameters.end(), name) != kParameters.end()) continue;
        const auto close = nearest(name, {kParameters.begin(), kParameters.end()});
        return fail(bad_url(fmt::format("unknown parameter {} in the database URL", printable(name)),
                            close ? fmt::format("Did you mean {}?", *close)
                                  : "Known are region, profile and lease."));
    }
    return {};
}

Result<void> check_parts(const DatabaseUrl& url) {
    if (!url.user.empty() || !url.password.empty()) {
        return fail(bad_url("the database URL holds credentials, and those of AWS do not belong there",
                            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile (?profile=NAME)."));
    }
    if (!url.name.empty()) {
        return fail(bad_url("the database URL has a path, and DynamoDB knows none",
                            "Write dynamodb://REGION or dynamodb+http://HOST:PORT?region=REGION."));
    }
    const bool by_region = url.scheme == "dynamodb";
    if (by_region && !url.port.empty()) {
        return fail(bad_url("dynamodb:// is followed by a region, and a region has no port",
                            "For an endpoint of your own write dynamodb+http://HOST:PORT?region=REGION."));
    }
    if (!by_region && url.host.empty()) {
        return fail(bad_url(fmt::format("the database URL names no host after {}://", url.scheme),
                            "Write dynamodb+http://HOST:PORT?region=REGION, or dynamodb://REGION."));
    }
    if (by_region && !url.host.empty() && url.parameters.contains("region")) {
        return fail(bad_url("the database URL names the region twice", "Leave one of them out."));
    }
    return {};
}

std::string host_and_port(const DatabaseUrl& url) {
    const std::string host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
    return url.port.empty() ? host : host + ":" + url.port;
}

std::string parameter(const DatabaseUrl& url, const std::string& name) {
    const auto found = url.parameters.find(name);
    return found == url.parameters.end() ? "" : found->second;
}

Result<milliseconds> lease_of(const DatabaseUrl& url, milliseconds usual) {
    const std::string text = parameter(url, "lease");
    if (text.empty()) return usual;
    const auto lasts_ms = parse_duration_ms(text, 1'000);
    if (lasts_ms && milliseconds(*lasts_ms) >= kShortestLease && milliseconds(*lasts_ms) <= kLongestLease) {
        return milliseconds(*lasts_ms);
    }
    return fail(bad_url(fmt::format("the parameter lease of the database URL is {}", printable(text)),
                        "It takes a time from 1s to 10m, such as 20s."));
}

// Without the scheme: what people know a server by.
std::string shown_endpoint(const std::string& endpoint) {
    const size_t scheme = endpoint.find("://");
    return printable(scheme == std::string::npos ? endpoint : endpoint.substr(scheme + 3));
}

}  // namespace

Result<Account> open_account(const TargetConfig& config) {
    const DatabaseUrl& url = config.url;
    CHECK(check_parameters(url));
    CHECK(check_parts(url));
    net::AwsOptions options;
    options.profile = parameter(url, "profile");
    options.region = parameter(url, "region");
    if (url.scheme == "dynamodb") {
        if (options.region.empty()) options.region = url.host;
    } else {
        options.endpoints["dynamodb"] = url.scheme.substr(url.scheme.find('+') + 1) + "://" + host_and_port(url);
    }
    Account account;
    account.lease_lasts = TRY(lease_of(url, account.lease_lasts));
    account.session = TRY(net::AwsSession::open(options));
    const net::AwsConfig& aws = account.session->config();
    const net::AwsService& service = *net::find_service("dynamodb");
    account.where = TRY(aws.region());
    const std::string endpoint = TRY(aws.endpoint(service));
    if (aws.endpoint_was_given(service)) account.where += " at " + shown_endpoint(endpoint);
    return account;
}

}  // namespace godwit::dynamodb
