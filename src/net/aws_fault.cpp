#include "net/aws_fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "net/json_text.h"
#include "net/xml_text.h"

namespace godwit::net {
namespace {

template <size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// Source for these lists: "Retry behavior" in the AWS SDKs and Tools Reference
// Guide, the error pages of each service, and botocore's retry lists.
constexpr std::array<std::string_view, 16> kThrottling{"Throttling",
                                                       "ThrottlingException",
                                                       "ThrottledException",
                                                       "RequestThrottled",
                                                       "RequestThrottledException",
                                                       "TooManyRequestsException",
                                                       "ProvisionedThroughputExceededException",
                                                       "TransactionInProgressException",
                                                       "TransactionConflictException",
                                                       "RequestLimitExceeded",
                                                       "BandwidthLimitExceeded",
                                                       "SlowDown",
                                                       "PriorRequestNotComplete",
                                                       "EC2ThrottledException",
                                                       "ReplicatedWriteConflictException",
                                                       "HTTP 429"};
constexpr std::array<std::string_view, 9> kFailures{
    "InternalServerError",         "InternalFailure",      "InternalError",  "ServiceUnavailable",
    "ServiceUnavailableException", "InternalServiceError", "RequestTimeout", "RequestTimeoutException",
    "IDPCommunicationError"};
constexpr std::array<std::string_view, 5> kSkewNames{"RequestTimeTooSkewed", "RequestExpired",
                                                     "RequestInTheFuture", "InvalidSignatureException",
                                                     "SignatureDoesNotMatch"};
constexpr std::array<std::string_view, 4> kExpiredNames{"ExpiredToken", "ExpiredTokenException",
                                                        "TokenRefreshRequired", "ExpiredTokenFault"};
constexpr std::array<std::string_view, 5> kUnknownKeys{"UnrecognizedClientException", "InvalidClientTokenId",
                                                       "InvalidAccessKeyId", "InvalidClientTokenIdException",
                                                       "InvalidToken"};
constexpr std::array<std::string_view, 4> kNoSignature{"MissingAuthenticationToken",
                                                       "MissingAuthenticationTokenException",
                                                       "IncompleteSignature", "IncompleteSignatureException"};
constexpr std::array<std::string_view, 5> kDenials{"AccessDenied", "AccessDeniedException",
                                                   "UnauthorizedOperation", "AuthorizationError",
                                                   "AuthorizationErrorException"};
constexpr std::array<std::string_view, 3> kElsewhere{"AuthorizationHeaderMalformed", "PermanentRedirect",
                                                     "IllegalLocationConstraintException"};

std::string without_namespace(std::string name) {
    if (const size_t hash = name.rfind('#'); hash != std::string::npos) name.erase(0, hash + 1);
    name.resize(std::min(name.find(':'), name.size()));
    return std::string(trim(name));
}

void read_json(AwsFault& fault) {
    const auto members = json_members(fault.body);
    if (!members) return;
    if (fault.name.empty()) {
        fault.name = without_namespace(json_text(*members, {"__type", "code", "Code"}).value_or(""));
    }
    fault.message = json_text(*members, {"message", "Message", "errorMessage"}).value_or("");
}

void read_xml(AwsFault& fault) {
    if (fault.body.find('<') == std::string::npos) return;
    if (fault.name.empty()) fault.name = xml_text(fault.body, "Code").value_or("");
    fault.message = xml_text(fault.body, "Message").value_or("");
    if (fault.request_id.empty()) {
        fault.request_id =
            xml_text(fault.body, "RequestId").value_or(xml_text(fault.body, "RequestID").value_or(""));
    }
}

// A cancelled transaction is worth another try when each reason is one of these.
bool is_throttled_transaction(const AwsFault& fault) {
    constexpr std::array<std::string_view, 5> kPassing{"None", "ThrottlingError",
                                                       "ProvisionedThroughputExceeded",
                                                       "RequestLimitExceeded", "TransactionConflict"};
    const auto members = json_members(fault.body);
    if (!members) return false;
    const auto reasons = json_elements(json_raw(*members, "CancellationReasons"));
    if (!reasons || reasons->empty()) return false;
    return std::all_of(reasons->begin(), reasons->end(), [&](std::string_view reason) {
        const auto parts = json_members(reason);
        return parts && is_one_of(json_text(*parts, {"Code"}).value_or("?"), kPassing);
    });
}

bool is_region_mismatch(const AwsFault& fault) {
    return is_one_of(fault.name, kElsewhere) ||
           fault.message.find("scoped to a valid region") != std::string::npos;
}

// "… is not authorized to perform: dynamodb:ListTables on resource: …"
std::string missing_action(const AwsFault& fault, const FaultContext& context) {
    constexpr std::string_view kBefore = "perform: ";
    const size_t at = fault.message.find(kBefore);
    if (at != std::string::npos) {
        const std::string_view rest = std::string_view(fault.message).substr(at + kBefore.size());
        const std::string_view name = rest.substr(0, rest.find_first_of(" \t\n"));
        if (name.find(':') != std::string_view::npos) return printable(name);
    }
    return fmt::format("{}:{}", context.service->name, context.action);
}

std::string keys_remedy(const FaultContext& context) {
    return fmt::format("The credentials came from {}: check the access key's id and its secret there.",
                       context.credentials_source);
}

Error identity_error(const AwsFault& fault, const FaultContext& context) {
    const auto refuse = [](std::string message) {
        return make_error(ErrorCode::kUnavailable, std::move(message));
    };
    const std::string_view who = context.service->shown;
    if (is_region_mismatch(fault)) {
        const auto where = xml_text(fault.body, "Region");
        return refuse(fmt::format("{} refused the request, which was signed for the region {}", who,
                                  context.region))
            .with_remedy(where ? fmt::format("Set the region to {}.", printable(*where))
                               : "Check the region: it must be the one that the endpoint is in.");
    }
    if (is_one_of(fault.name, kExpiredNames)) {
        return refuse(fmt::format("the credentials for {} have expired", who))
            .with_remedy(fmt::format("They came from {}: sign in again and run the command again.",
                                     context.credentials_source));
    }
    if (is_one_of(fault.name, kUnknownKeys)) {
        return refuse(fmt::format("{} does not know the access key", who)).with_remedy(keys_remedy(context));
    }
    if (is_one_of(fault.name, kNoSignature)) {
        return refuse(fmt::format("{} says that the request is not signed", who))
            .with_remedy(keys_remedy(context));
    }
    // What the service says here repeats the signed text, session token and all.
    return refuse(fmt::format(
                      "{} refused the signature: the secret key does not belong to the access key, or the "
                      "clocks differ",
                      who))
        .with_remedy(keys_remedy(context));
}

Error plain_error(const AwsFault& fault, const FaultContext& context, ErrorCode code) {
    const std::string words = fault.message.empty() ? fault.name : fault.message;
    return make_error(code,
                      fmt::format("{} {}: {}", context.service->shown, context.action, printable(words)));
}

}  // namespace

AwsFault read_fault(const HttpReply& reply) {
    AwsFault fault;
    fault.status = reply.status;
    fault.body = reply.body;
    fault.name = without_namespace(std::string(reply.header("x-amzn-errortype").value_or("")));
    for (const std::string_view name : {"x-amzn-requestid", "x-amz-request-id"}) {
        if (fault.request_id.empty()) fault.request_id = reply.header(name).value_or("");
    }
    const std::string_view start = trim(fault.body);
    if (start.starts_with('{')) read_json(fault);
    if (start.starts_with('<')) read_xml(fault);
    if (fault.name.empty()) fault.name = fmt::format("HTTP {}", fault.status);
    return fault;
}

FaultClass classify(const AwsFault& fault) {
    if (is_one_of(fault.name, kThrottling) || fault.status == 429) return FaultClass::kThrottled;
    if (fault.name == "TransactionCanceledException" && is_throttled_transaction(fault))
        return FaultClass::kThrottled;
    if (fault.name == "LimitExceededException") return FaultClass::kBusy;
    if (is_one_of(fault.name, kExpiredNames)) return FaultClass::kExpiredCredentials;
    if (is_one_of(fault.name, kSkewNames) && !is_region_mismatch(fault)) return FaultClass::kClockSkew;
    const bool transient_status =
        fault.status == 408 || (fault.status >= 500 && fault.status != 501 && fault.status != 505);
    if (transient_status || is_one_of(fault.name, kFailures)) return FaultClass::kTransient;
    return FaultClass::kFinal;
}

bool is_refusal_of_identity(const AwsFault& fault) {
    return is_one_of(fault.name, kSkewNames) || is_one_of(fault.name, kExpiredNames) ||
           is_one_of(fault.name, kUnknownKeys) || is_one_of(fault.name, kNoSignature) ||
           is_region_mismatch(fault);
}

Error explain_fault(const AwsFault& fault, const FaultContext& context) {
    Error error;
    if (is_refusal_of_identity(fault)) {
        error = identity_error(fault, context);
    } else if (is_one_of(fault.name, kDenials)) {
        error = plain_error(fault, context, ErrorCode::kRejected)
                    .with_remedy(fmt::format(
                        "Allow the action {} to whom these credentials belong; they came from {}.",
                        missing_action(fault, context), context.credentials_source));
    } else if (fault.name == "ResourceNotFoundException") {
        error = plain_error(fault, context, ErrorCode::kRejected)
                    .with_remedy(
                        fmt::format("Check the name, and whether {} is the right region.", context.region));
    } else {
        const FaultClass kind = classify(fault);
        const bool passing = kind == FaultClass::kThrottled || kind == FaultClass::kTransient;
        error = plain_error(fault, context, passing ? ErrorCode::kUnavailable : ErrorCode::kRejected);
    }
    error.native_code = printable(fault.name);
    if (!fault.request_id.empty()) error.details.push_back("request id " + printable(fault.request_id));
    return error;
}

}  // namespace godwit::net
