// A request to one of Amazon's services, before it is signed: the three forms
// that these services take.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/aws_config.h"
#include "net/http.h"

namespace godwit::net {

using Parameters = std::vector<std::pair<std::string, std::string>>;  // Not encoded yet.

struct AwsRequest {
    const AwsService* service = nullptr;
    std::string action;  // "CreateTable": for messages, and the action's name in IAM.
    std::string method = "POST";
    std::string path;    // Not encoded; S3: the key. Without the slash in front.
    std::string bucket;  // S3 only.
    Parameters query;
    HttpHeaders headers;
    std::string body;
    // Whether the service changes anything. What reads may be sent again and
    // dropped at any time.
    bool writes = true;
    // Whether it may be sent again when nobody knows if it took effect. Off for a
    // conditional write whose second try would be refused by the first's effect;
    // such a failure is then kInDoubt at once.
    bool repeatable = true;
    bool sign = true;               // Web identity asks without credentials.
    bool payload_unsigned = false;  // S3 over https: the body's hash is left out.
    HttpLimits limits;
};

// DynamoDB, Secrets Manager and SSM. `body` is the JSON that AWS's command line
// takes and its manual shows. Reads are told by the action's name.
AwsRequest json_request(std::string_view service, std::string action, std::string body);
// STS and CloudWatch: "Action=…&Version=…" is put before the parameters.
AwsRequest query_request(std::string_view service, std::string action, const Parameters& parameters);
// S3: `action` is the IAM action's name (GetObject). GET and HEAD are reads.
AwsRequest s3_request(std::string action, std::string method, std::string bucket, std::string key,
                      Parameters query = {}, std::string body = "");

// Where it goes. S3 buckets are named in the host where the endpoint is AWS's own
// and the name allows it (or s3.addressing_style says so), else in the path.
Result<HttpRequest> to_http(const AwsRequest& request, const AwsConfig& config);

}  // namespace godwit::net
