#include "net/http_failure.h"

#include <fmt/format.h>

#include "base/text.h"

namespace godwit::net {
namespace {

Error unreachable(std::string message, std::string remedy) {
    return make_error(ErrorCode::kUnavailable, std::move(message)).with_remedy(std::move(remedy));
}

// Nothing was sent for these, whatever the counters say.
std::optional<Error> explain_setup(const TransferEnd& end, const std::string& origin) {
    const std::string words = printable(end.curl_text);
    switch (end.code) {
        case CURLE_COULDNT_RESOLVE_HOST:
            return unreachable(fmt::format("no address was found for {}: {}", origin, words),
                               "Check the region, the endpoint URL and the network's name service.");
        case CURLE_COULDNT_RESOLVE_PROXY:
            return unreachable(
                fmt::format("no address was found for the proxy on the way to {}: {}", origin, words),
                "Check HTTPS_PROXY and http_proxy; NO_PROXY names hosts that need none.");
        case CURLE_PROXY:
        case CURLE_COULDNT_CONNECT:
            return unreachable(
                fmt::format("{} cannot be reached: {}", origin, words),
                "Check that the endpoint is right and that the network (firewall, proxy) lets it through.");
        case CURLE_SSL_CONNECT_ERROR:
            return unreachable(
                fmt::format("{} did not agree on a TLS connection: {}", origin, words),
                "Check that the endpoint speaks https (or write http://) and that no proxy breaks it.");
        default:
            return std::nullopt;
    }
}

std::optional<Error> explain_misconfiguration(const TransferEnd& end, const std::string& origin) {
    const std::string words = printable(end.curl_text);
    switch (end.code) {
        case CURLE_PEER_FAILED_VERIFICATION:
            return unreachable(fmt::format("the certificate of {} is not trusted: {}", origin, words),
                               "If it is signed by an authority of your own, name its certificate's file in "
                               "AWS_CA_BUNDLE; if not, somebody may stand between you and the server.");
        case CURLE_SSL_CACERT_BADFILE:
            return make_error(ErrorCode::kInvalidInput,
                              fmt::format("the file of trusted certificates, {}, cannot be read",
                                          end.ca_file.empty() ? "the system's own" : printable(end.ca_file)))
                .with_remedy("Check AWS_CA_BUNDLE, ca_bundle and SSL_CERT_FILE, or install ca-certificates.");
        case CURLE_URL_MALFORMAT:
        case CURLE_UNSUPPORTED_PROTOCOL:
            if (end.reply_begun || end.whole_request_sent) return std::nullopt;
            return make_error(ErrorCode::kInvalidInput,
                              fmt::format("{} is not a URL that can be asked: {}", origin, words))
                .with_remedy("Write http://HOST:PORT or https://HOST.");
        case CURLE_WRITE_ERROR:
            return make_error(ErrorCode::kUnavailable, fmt::format("the reply of {} is longer than {} bytes",
                                                                   origin, end.max_reply_bytes))
                .with_remedy("Ask for less at a time.");
        default:
            return std::nullopt;
    }
}

std::string explain_loss(const TransferEnd& end, const std::string& origin) {
    const std::string words = printable(end.curl_text);
    switch (end.code) {
        case CURLE_OPERATION_TIMEDOUT:
            return fmt::format("{} did not {} in time: {}", origin,
                               end.whole_request_sent ? "answer" : "take the request", words);
        case CURLE_PARTIAL_FILE:
            return fmt::format("the reply of {} ended too early: {}", origin, words);
        case CURLE_SEND_FAIL_REWIND:
        case CURLE_GOT_NOTHING:
            return fmt::format("{} closed the connection without an answer", origin);
        default:
            return fmt::format("the connection to {} broke: {}", origin, words);
    }
}

}  // namespace

std::string origin_of(std::string_view url) {
    const size_t scheme = url.find("://");
    const size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
    std::string origin(url.substr(0, url.find_first_of("/?#", host)));
    // A name and password before the host are nobody's business.
    if (const size_t at = origin.find('@', host); at != std::string::npos) origin.erase(host, at + 1 - host);
    return printable(origin);
}

HttpFailure explain_failure(const TransferEnd& end) {
    const std::string origin = origin_of(end.url);
    HttpFailure failure;
    if (auto error = explain_setup(end, origin)) {
        failure.error = std::move(*error);
        return failure;
    }
    failure.sent = end.whole_request_sent;
    if (auto error = explain_misconfiguration(end, origin)) {
        failure.kind = HttpFailureKind::kMisconfigured;
        failure.error = std::move(*error);
        return failure;
    }
    failure.kind = failure.sent ? HttpFailureKind::kNoReply : HttpFailureKind::kNotSent;
    failure.stale = end.code == CURLE_SEND_FAIL_REWIND ||
                    (end.connection_reused && !end.reply_begun && end.code != CURLE_OPERATION_TIMEDOUT);
    failure.error = unreachable(explain_loss(end, origin),
                                "Check the network between here and the server, then run the command again.");
    return failure;
}

}  // namespace godwit::net
