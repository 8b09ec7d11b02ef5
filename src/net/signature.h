// Amazon's Signature Version 4 for HTTP requests, in headers or in the query.
//
// Source: "AWS Signature Version 4 for API requests" in the IAM User Guide, and
// "Authenticating Requests" in the S3 API Reference.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "net/http.h"

namespace godwit::net {

struct AwsKeys {
    std::string access_key_id;
    Secret secret_access_key;
    Secret session_token;  // Empty with keys that do not expire.
};

struct SigningScope {
    std::string region;
    std::string service;  // The signing name: "dynamodb", "s3", "monitoring" …
    int64_t wall_ms = 0;
};

// S3 takes the path as it is sent and wants the payload's hash as a header; all
// others take it with dots and double slashes resolved and encoded once more.
enum class SigningStyle { kDefault, kS3 };

// Nobody has read the payload before it is sent: it is not protected by the
// signature, so only over https.
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

// Signs many requests with one set of keys. Not thread-safe: it remembers the
// key that it derived for the day, region and service.
class Signer {
public:
    explicit Signer(AwsKeys keys) : keys_(std::move(keys)) {}

    // Adds X-Amz-Date, X-Amz-Security-Token, Authorization and, for S3,
    // X-Amz-Content-Sha256; those that are there already are replaced. Every other
    // header is signed but for those that proxies change (User-Agent, Expect,
    // Transfer-Encoding, X-Amzn-Trace-Id). `payload_hash` is SHA-256 in
    // hexadecimal or kUnsignedPayload; empty: that of the body.
    void sign(HttpRequest& request, const SigningScope& scope, SigningStyle style,
              std::string_view payload_hash = {});

    // The request's URL with the signature in its query, for whoever has no keys:
    // valid for `expires_s` seconds, at most 604,800. The headers given must be
    // sent as they are. It holds the session token: treat it as a secret.
    std::string presign(const HttpRequest& request, const SigningScope& scope, SigningStyle style,
                        int64_t expires_s, std::string_view payload_hash = kUnsignedPayload);

private:
    std::string signature(const std::string& canonical_request, const SigningScope& scope,
                          const std::string& time);

    AwsKeys keys_;
    std::string key_scope_;
    Secret key_;
};

// The text that is signed, for tests against published examples.
std::string canonical_request(const HttpRequest& request, SigningStyle style, std::string_view payload_hash);

}  // namespace godwit::net
