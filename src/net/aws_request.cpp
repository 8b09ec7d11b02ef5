#include "net/aws_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "net/percent.h"

namespace godwit::net {
namespace {

// A write on its way when a stop is requested gets this long to be answered.
constexpr int64_t kWriteGraceMs = 5'000;
constexpr int64_t kApiCallMs = 60'000;

bool only_reads(std::string_view action) {
    constexpr std::array<std::string_view, 8> kReading{"Get",   "List", "Describe",    "BatchGet",
                                                       "Query", "Scan", "TransactGet", "AssumeRole"};
    return std::any_of(kReading.begin(), kReading.end(),
                       [&](std::string_view each) { return action.starts_with(each); });
}

AwsRequest start_request(std::string_view service, std::string action) {
    AwsRequest request;
    request.service = find_service(service);
    request.writes = !only_reads(action);
    request.action = std::move(action);
    request.limits.total_ms = kApiCallMs;
    request.limits.grace_ms = request.writes ? kWriteGraceMs : 0;
    return request;
}

std::string encode_parameters(const Parameters& parameters) {
    std::string out;
    for (const auto& [name, value] : parameters) {
        if (!out.empty()) out += '&';
        out.append(percent_encode(name)).append("=").append(percent_encode(value));
    }
    return out;
}

// Source: "Bucket naming rules" in the S3 User Guide. Dots break certificates.
bool fits_into_host(std::string_view bucket) {
    return bucket.size() >= 3 && bucket.size() <= 63 && bucket.front() != '-' && bucket.back() != '-' &&
           bucket.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

bool bucket_in_host(const AwsRequest& request, const AwsConfig& config) {
    if (request.bucket.empty()) return false;
    const std::string style = config.setting(config.profile(), "s3.addressing_style").value_or("auto");
    if (style == "path") return false;
    return fits_into_host(request.bucket) &&
           (style == "virtual" || !config.endpoint_was_given(*request.service));
}

}  // namespace

AwsRequest json_request(std::string_view service, std::string action, std::string body) {
    AwsRequest request = start_request(service, std::move(action));
    request.headers = {{"Content-Type", fmt::format("application/x-amz-json-{}", request.service->version)},
                       {"X-Amz-Target", std::string(request.service->target_prefix) + request.action}};
    request.body = std::move(body);
    return request;
}

AwsRequest query_request(std::string_view service, std::string action, const Parameters& parameters) {
    AwsRequest request = start_request(service, std::move(action));
    Parameters all{{"Action", request.action}, {"Version", std::string(request.service->version)}};
    all.insert(all.end(), parameters.begin(), parameters.end());
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
    request.body = encode_parameters(all);
    return request;
}

AwsRequest s3_request(std::string action, std::string method, std::string bucket, std::string key,
                      Parameters query, std::string body) {
    AwsRequest request = start_request("s3", std::move(action));
    request.writes = method != "GET" && method != "HEAD";
    request.limits.grace_ms = request.writes ? kWriteGraceMs : 0;
    request.limits.total_ms = 0;  // Parts are large: only a stall ends them.
    request.method = std::move(method);
    request.bucket = std::move(bucket);
    request.path = std::move(key);
    request.query = std::move(query);
    request.body = std::move(body);
    return request;
}

Result<HttpRequest> to_http(const AwsRequest& request, const AwsConfig& config) {
    HttpRequest http;
    http.method = request.method;
    http.headers = request.headers;
    http.body = request.body;
    http.limits = request.limits;
    http.url = TRY(config.endpoint(*request.service));
    if (bucket_in_host(request, config)) {
        http.url.insert(http.url.find("://") + 3, request.bucket + ".");
    } else if (!request.bucket.empty()) {
        http.url += "/" + percent_encode(request.bucket);
    }
    http.url += "/" + percent_encode(request.path, true);
    if (!request.query.empty()) http.url += "?" + encode_parameters(request.query);
    return http;
}

}  // namespace godwit::net
