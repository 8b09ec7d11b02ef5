#include "net/signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/sha256.h"
#include "base/text.h"
#include "net/percent.h"
#include "net/time_source.h"

namespace godwit::net {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

struct UrlParts {
    std::string_view host;  // With the port, unless it is the scheme's own.
    std::string_view path;
    std::string_view query;
};

UrlParts take_apart(std::string_view url) {
    url = url.substr(0, url.find('#'));
    const bool https = url.starts_with("https://");
    const size_t scheme = url.find("://");
    if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    UrlParts parts;
    parts.host = url.substr(0, url.find_first_of("/?"));
    url.remove_prefix(parts.host.size());
    if (const size_t mark = url.find('?'); mark != std::string_view::npos) {
        parts.query = url.substr(mark + 1);
        url = url.substr(0, mark);
    }
    parts.path = url;
    if (const size_t at = parts.host.rfind('@'); at != std::string_view::npos)
        parts.host.remove_prefix(at + 1);
    const std::string_view own_port = https ? ":443" : ":80";
    if (parts.host.ends_with(own_port)) parts.host.remove_suffix(own_port.size());
    return parts;
}

// RFC 3986, section 5.2.4, with runs of slashes made one, and no slash in place of
// a dot at the end: so AWS's own signers do it.
std::string resolve_dots(std::string_view path) {
    std::vector<std::string_view> kept;
    for (const std::string_view part : split(path, '/')) {
        if (part == "..") {
            if (!kept.empty()) kept.pop_back();
        } else if (!part.empty() && part != ".") {
            kept.push_back(part);
        }
    }
    std::string out;
    for (const std::string_view part : kept) out.append("/").append(part);
    if (out.empty()) return "/";
    if (path.ends_with('/')) out += '/';
    return out;
}

std::string canonical_path(std::string_view path, SigningStyle style) {
    if (style == SigningStyle::kS3) return path.empty() ? "/" : std::string(path);
    return percent_encode(resolve_dots(path), true);
}

std::string canonical_query(std::string_view query) {
    if (query.empty()) return "";
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const std::string_view piece : split(query, '&')) {
        const size_t equals = std::min(piece.find('='), piece.size());
        const std::string_view value = equals < piece.size() ? piece.substr(equals + 1) : std::string_view();
        pairs.emplace_back(percent_encode(percent_decode(piece.substr(0, equals))),
                           percent_encode(percent_decode(value)));
    }
    std::sort(pairs.begin(), pairs.end());
    std::string out;
    for (const auto& [name, value] : pairs) {
        if (!out.empty()) out += '&';
        out.append(name).append("=").append(value);
    }
    return out;
}

bool is_signed(std::string_view lower_name) {
    constexpr std::array<std::string_view, 5> kChangedOnTheWay{"expect", "transfer-encoding", "user-agent",
                                                               "x-amzn-trace-id", "authorization"};
    return std::find(kChangedOnTheWay.begin(), kChangedOnTheWay.end(), lower_name) == kChangedOnTheWay.end();
}

std::map<std::string, std::string> canonical_headers(const HttpRequest& request, std::string_view host) {
    std::map<std::string, std::string> headers;
    for (const auto& [name, value] : request.headers) {
        std::string lower = to_lower(trim(name));
        if (!is_signed(lower)) continue;
        std::string text;
        for (const std::string_view word : split_any(value, " \t\r\n\f\v")) {
            if (!text.empty()) text += ' ';
            text += word;
        }
        const auto [place, added] = headers.try_emplace(std::move(lower), text);
        if (!added) place->second.append(",").append(text);
    }
    headers.try_emplace("host", host);
    return headers;
}

std::string names_of(const std::map<std::string, std::string>& headers) {
    std::string names;
    for (const auto& [name, value] : headers) names.append(names.empty() ? "" : ";").append(name);
    return names;
}

std::string_view text_of(const std::array<uint8_t, 32>& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string scope_text(const SigningScope& scope, const std::string& time) {
    return fmt::format("{}/{}/{}/aws4_request", std::string_view(time).substr(0, 8), scope.region,
                       scope.service);
}

void set_header(HttpRequest& request, std::string_view name, std::string value) {
    std::erase_if(request.headers, [&](const auto& each) { return equal_ignoring_case(each.first, name); });
    request.headers.emplace_back(name, std::move(value));
}

std::string signed_names(const HttpRequest& request) {
    return names_of(canonical_headers(request, take_apart(request.url).host));
}

}  // namespace

std::string canonical_request(const HttpRequest& request, SigningStyle style, std::string_view payload_hash) {
    const UrlParts url = take_apart(request.url);
    const auto headers = canonical_headers(request, url.host);
    std::string out = fmt::format("{}\n{}\n{}\n", request.method, canonical_path(url.path, style),
                                  canonical_query(url.query));
    for (const auto& [name, value] : headers) out.append(name).append(":").append(value).append("\n");
    return out.append("\n").append(names_of(headers)).append("\n").append(payload_hash);
}

std::string Signer::signature(const std::string& canonical_request, const SigningScope& scope,
                              const std::string& time) {
    const std::string scope_line = scope_text(scope, time);
    if (scope_line != key_scope_) {
        const Secret start("AWS4" + keys_.secret_access_key.expose());
        auto key = hmac_sha256(start.expose(), std::string_view(time).substr(0, 8));
        key = hmac_sha256(text_of(key), scope.region);
        key = hmac_sha256(text_of(key), scope.service);
        key = hmac_sha256(text_of(key), "aws4_request");
        key_ = Secret(std::string(text_of(key)));
        key_scope_ = scope_line;
    }
    const std::string text =
        fmt::format("{}\n{}\n{}\n{}", kAlgorithm, time, scope_line, sha256_hex(canonical_request));
    return to_hex(text_of(hmac_sha256(key_.expose(), text)));
}

void Signer::sign(HttpRequest& request, const SigningScope& scope, SigningStyle style,
                  std::string_view payload_hash) {
    const std::string time = basic_iso_time(scope.wall_ms);
    const std::string hash = payload_hash.empty() ? sha256_hex(request.body) : std::string(payload_hash);
    std::erase_if(request.headers,
                  [](const auto& each) { return equal_ignoring_case(each.first, "authorization"); });
    set_header(request, "X-Amz-Date", time);
    if (!keys_.session_token.empty())
        set_header(request, "X-Amz-Security-Token", keys_.session_token.expose());
    if (style == SigningStyle::kS3) set_header(request, "X-Amz-Content-Sha256", hash);
    const std::string names = signed_names(request);
    const std::string sum = signature(canonical_request(request, style, hash), scope, time);
    request.headers.emplace_back(
        "Authorization", fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                                     keys_.access_key_id, scope_text(scope, time), names, sum));
}

std::string Signer::presign(const HttpRequest& request, const SigningScope& scope, SigningStyle style,
                            int64_t expires_s, std::string_view payload_hash) {
    const std::string time = basic_iso_time(scope.wall_ms);
    HttpRequest signed_request = request;
    std::string& url = signed_request.url;
    url.resize(std::min(url.find('#'), url.size()));
    url += url.find('?') == std::string::npos ? '?' : '&';
    url += fmt::format(
        "X-Amz-Algorithm={}&X-Amz-Credential={}&X-Amz-Date={}&X-Amz-Expires={}&X-Amz-SignedHeaders={}",
        kAlgorithm, percent_encode(keys_.access_key_id + "/" + scope_text(scope, time)), time, expires_s,
        percent_encode(signed_names(request)));
    if (!keys_.session_token.empty()) {
        url += "&X-Amz-Security-Token=" + percent_encode(keys_.session_token.expose());
    }
    const std::string sum = signature(canonical_request(signed_request, style, payload_hash), scope, time);
    return url + "&X-Amz-Signature=" + sum;
}

}  // namespace godwit::net
