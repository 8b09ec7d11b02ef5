// Signs what standard input asks for: one request in JSON a line, one answer in
// JSON a line. For aws_signatures.py.
#include <iostream>

#include "base/text.h"
#include "net/json_text.h"
#include "net/signature.h"

using namespace godwit;
using namespace godwit::net;

namespace {

// Text comes in Base64: it may be any bytes.
std::string bytes(const std::vector<JsonPart>& members, std::string_view name) {
    return from_base64(json_text(members, {name}).value_or(""));
}

HttpRequest request_of(const std::vector<JsonPart>& members) {
    HttpRequest request;
    request.method = bytes(members, "method");
    request.url = bytes(members, "url");
    request.body = bytes(members, "body");
    const auto headers = json_elements(json_raw(members, "headers")).value_or(std::vector<std::string_view>());
    for (const std::string_view header : headers) {
        const auto parts = json_members(header).value_or(std::vector<JsonPart>());
        request.headers.emplace_back(bytes(parts, "name"), bytes(parts, "value"));
    }
    return request;
}

std::string answer(const std::string& line) {
    const auto members = json_members(line).value_or(std::vector<JsonPart>());
    HttpRequest request = request_of(members);
    const SigningStyle style = bytes(members, "style") == "s3" ? SigningStyle::kS3 : SigningStyle::kDefault;
    const SigningScope scope{bytes(members, "region"), bytes(members, "service"), std::stoll(bytes(members, "wall_ms"))};
    Signer signer({bytes(members, "key_id"), Secret(bytes(members, "secret")), Secret(bytes(members, "token"))});
    const std::string hash = bytes(members, "payload_hash"), expires = bytes(members, "expires_s");
    if (!expires.empty()) return signer.presign(request, scope, style, std::stoll(expires), hash);
    signer.sign(request, scope, style, hash);
    return std::string(find_header(request.headers, "authorization").value_or(""));
}

}  // namespace

int main() {
    for (std::string line; std::getline(std::cin, line);) std::cout << to_base64(answer(line)) << '\n';
}
