// Credentials that a machine's own surroundings hand out over HTTP: a container's
// agent, and EC2's instance metadata service, version 2 only.
#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "net/credentials.h"
#include "net/http.h"
#include "net/http_failure.h"

namespace godwit::net {
namespace {

constexpr std::string_view kContainerHost = "http://169.254.170.2";
constexpr int kContainerTries = 3;
constexpr int64_t kContainerWaitMs = 2'000;
constexpr int64_t kPauseMs = 200;

struct Asking {
    HttpRequest request;
    int tries = 1;
    TimeSource* time = nullptr;
    const Cancellation* cancellation = nullptr;
};

HttpRequest local_request(std::string url, int64_t wait_ms) {
    HttpRequest request;
    request.url = std::move(url);
    request.use_proxy = false;  // What is meant for this machine must not leave it.
    request.limits.connect_ms = request.limits.total_ms = wait_ms;
    request.limits.max_reply_bytes = 1 << 20;
    return request;
}

HttpOutcome ask(HttpClient& client, const Asking& asking) {
    for (int tried = 1;; tried++) {
        HttpOutcome outcome = client.send(asking.request, asking.cancellation);
        const bool worth_again = outcome ? outcome->status >= 500 || outcome->status == 429
                                         : outcome.error().kind != HttpFailureKind::kCancelled;
        if (!worth_again || tried >= asking.tries) return outcome;
        asking.time->idle(kPauseMs);
    }
}

bool is_local_host(std::string_view url) {
    const std::string origin = origin_of(url);
    std::string_view host = std::string_view(origin).substr(origin.find("://") + 3);
    if (host.starts_with('[')) {
        host = host.substr(1, host.find(']') - 1);
    } else {
        host = host.substr(0, host.find(':'));
    }
    if (host == "localhost" || host == "::1" || host == "fd00:ec2::23" || host == "169.254.170.2" ||
        host == "169.254.170.23") {
        return true;
    }
    return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

// The agent's URL. Source: "Container credential provider" in the AWS SDKs and
// Tools Reference Guide: plain http only to this machine and the agents' addresses.
Result<std::optional<std::string>> container_url(const Surroundings& surroundings) {
    if (const auto path = surroundings.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")) {
        return std::string(kContainerHost) + (path->starts_with('/') ? "" : "/") + *path;
    }
    const auto url = surroundings.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!url) return std::nullopt;
    if (url->starts_with("https://") || (url->starts_with("http://") && is_local_host(*url))) return url;
    return fail(
        make_error(
            ErrorCode::kInvalidInput,
            fmt::format("AWS_CONTAINER_CREDENTIALS_FULL_URI names {}, which may not be asked for credentials",
                        origin_of(*url)))
            .with_remedy("It must be https, or http to this machine, 169.254.170.2, 169.254.170.23 or "
                         "[fd00:ec2::23]."));
}

Result<std::optional<std::string>> container_token(const Surroundings& surroundings) {
    if (const auto path = surroundings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
        std::ifstream stream(*path, std::ios::binary);
        std::ostringstream text;
        if (stream) text << stream.rdbuf();
        if (!stream) {
            return fail(
                ErrorCode::kInvalidInput,
                fmt::format("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: {} cannot be read", printable(*path)));
        }
        return std::string(trim(text.str()));
    }
    return surroundings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
}

// A number from the environment, else `otherwise`.
int64_t number_of(const Surroundings& surroundings, const char* name, int64_t otherwise) {
    const auto text = surroundings.variable(name);
    int64_t value = 0;
    if (!text) return otherwise;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    return error == std::errc() && end == text->data() + text->size() && value > 0 ? value : otherwise;
}

Error metadata_error(const std::string& what, const HttpOutcome& outcome) {
    Error error = outcome ? make_error(ErrorCode::kUnavailable,
                                       fmt::format("{} answered with status {}", what, outcome->status))
                          : outcome.error().error;
    if (!outcome && outcome.error().kind != HttpFailureKind::kCancelled) {
        error.message = fmt::format("{} failed: {}", what, error.message);
    }
    return error;
}

class InstanceMetadata {
public:
    InstanceMetadata(const AwsConfig& config, const Cancellation* cancellation)
        : cancellation_(cancellation) {
        const Surroundings& surroundings = config.surroundings();
        const bool six = equal_ignoring_case(
            surroundings.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")
                .value_or(
                    config.setting(config.profile(), "ec2_metadata_service_endpoint_mode").value_or("")),
            "IPv6");
        base_ = surroundings.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT")
                    .value_or(config.setting(config.profile(), "ec2_metadata_service_endpoint")
                                  .value_or(six ? "http://[fd00:ec2::254]" : "http://169.254.169.254"));
        while (base_.ends_with('/')) base_.pop_back();
        // One second and one try, as in AWS's tools: elsewhere than on EC2 nobody answers.
        wait_ms_ = number_of(surroundings, "AWS_METADATA_SERVICE_TIMEOUT", 1) * 1000;
        tries_ = static_cast<int>(number_of(surroundings, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", 1));
        time_ = surroundings.time;
    }

    MaybeCredentials credentials() {
        HttpRequest request = local_request(base_ + "/latest/api/token", wait_ms_);
        request.method = "PUT";
        request.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}};
        const HttpOutcome token = send(std::move(request));
        if (!token && token.error().kind == HttpFailureKind::kCancelled) return fail(token.error().error);
        // Nobody there, or somebody else: this is no EC2 instance.
        if (!token || token->status == 403 || token->status == 404 || token->status == 405)
            return std::nullopt;
        if (token->status != 200) return fail(metadata_error("the instance metadata service", token));
        token_ = token->body;
        const std::string folder = "/latest/meta-data/iam/security-credentials/";
        const HttpOutcome role = get(folder);
        if (role && role->status == 404) return std::nullopt;  // An instance without a role.
        if (!role || role->status != 200) return fail(metadata_error("the instance metadata service", role));
        const std::string name(trim(std::string_view(role->body).substr(0, role->body.find('\n'))));
        const HttpOutcome keys = get(folder + name);
        if (!keys || keys->status != 200) return fail(metadata_error("the instance metadata service", keys));
        return TRY(parse_credentials(keys->body, fmt::format("the instance's role {}", printable(name))));
    }

private:
    HttpOutcome send(HttpRequest request) {
        return ask(client_, {std::move(request), tries_, time_, cancellation_});
    }
    HttpOutcome get(const std::string& path) {
        HttpRequest request = local_request(base_ + path, wait_ms_);
        request.headers = {{"X-aws-ec2-metadata-token", token_}};
        return send(std::move(request));
    }

    HttpClient client_;
    const Cancellation* cancellation_;
    std::string base_, token_;
    int64_t wait_ms_ = 0;
    int tries_ = 1;
    TimeSource* time_ = nullptr;
};

}  // namespace

MaybeCredentials container_credentials(const AwsConfig& config, const Cancellation* cancellation) {
    const Surroundings& surroundings = config.surroundings();
    const auto url = TRY(container_url(surroundings));
    if (!url) return std::nullopt;
    HttpRequest request = local_request(*url, kContainerWaitMs);
    request.headers = {{"Accept", "application/json"}};
    if (auto token = TRY(container_token(surroundings)))
        request.headers.emplace_back("Authorization", std::move(*token));
    HttpClient client({4, config.ca_file()});
    const HttpOutcome outcome =
        ask(client, {std::move(request), kContainerTries, surroundings.time, cancellation});
    if (!outcome || outcome->status != 200)
        return fail(metadata_error("the container's credentials service", outcome));
    return TRY(parse_credentials(outcome->body, "the container's credentials service"));
}

MaybeCredentials instance_credentials(const AwsConfig& config, const Cancellation* cancellation) {
    const auto disabled = config.surroundings().variable("AWS_EC2_METADATA_DISABLED");
    if (equal_ignoring_case(disabled.value_or(""), "true")) return std::nullopt;
    return InstanceMetadata(config, cancellation).credentials();
}

}  // namespace godwit::net
