// An HTTP/1.1 client over libcurl's multi interface: many requests at once in
// one thread, over connections that are kept and used again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"

namespace godwit::net {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// The value of the first header of that name, in any case; or nothing.
std::optional<std::string_view> find_header(const HttpHeaders& headers, std::string_view name);

struct HttpLimits {
    int64_t connect_ms = 10'000;  // Name, connection and TLS together.
    int64_t stalled_ms = 60'000;  // Without one byte, in whole seconds (rounded up); 0: for ever.
    int64_t total_ms = 0;         // Of one try, from the first byte out to the last in; 0: for ever.
    // How long a request that is on its way may go on after a stop was requested.
    int64_t grace_ms = 0;
    int64_t max_reply_bytes = int64_t{64} << 20;
};

struct HttpRequest {
    std::string method = "GET";
    std::string url;      // http or https, percent-encoded; sent as it is, dots and slashes too.
    HttpHeaders headers;  // Host and Content-Length are added. No line breaks.
    std::string body;
    HttpLimits limits;
    bool use_proxy = true;  // HTTPS_PROXY, http_proxy, NO_PROXY … as libcurl reads them.
};

struct HttpReply {
    int status = 0;
    HttpHeaders headers;
    std::string body;

    std::optional<std::string_view> header(std::string_view name) const { return find_header(headers, name); }
};

enum class HttpFailureKind {
    kNotSent,        // The server cannot have acted: no connection, or not all of the request went out.
    kNoReply,        // All of the request went out, but no whole reply came: the server may have acted.
    kCancelled,      // A stop was requested, or the run's time limit passed.
    kMisconfigured,  // Trying again cannot help: bad URL or header, a certificate nobody trusts.
};

struct HttpFailure {
    HttpFailureKind kind = HttpFailureKind::kNotSent;
    bool sent = false;   // Whether the server may have acted.
    bool stale = false;  // A kept connection turned out to be closed: an immediate try may well work.
    Error error;         // In plain words, with a remedy. The URL's query is never repeated.
};

using HttpOutcome = tl::expected<HttpReply, HttpFailure>;

struct HttpOptions {
    size_t max_in_flight = 64;  // More wait for their turn. Also the most connections.
    std::string ca_file;        // Who may sign servers' certificates; empty: as the system says.
};

// One thread at a time; another thread takes a client of its own. Nothing
// happens but inside start(), step() and send().
//
// A request is sent once: what libcurl would silently send again over another
// connection comes back as kNoReply, because the server may have acted on it. So does
// a reply with the id (x-amzn-RequestId, x-amz-request-id) of the one before it on the
// same connection: it is a duplicate, and says nothing about this request.
class HttpClient {
public:
    using Done = std::function<void(HttpOutcome)>;

    explicit HttpClient(HttpOptions options = {});
    ~HttpClient();  // What is under way is dropped, and its `done` never called.
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    // `done` is called once, from a later step(); it may start more. The
    // cancellation outlives the request.
    void start(HttpRequest request, const Cancellation* cancellation, Done done);
    // Sends and receives what it can; waits at most `wait_ms` (and at most
    // 100 ms) for something to happen.
    void step(int64_t wait_ms);
    // Started, and `done` not called yet.
    size_t unfinished() const;

    // One request, start to end; others that were started go on meanwhile.
    HttpOutcome send(HttpRequest request, const Cancellation* cancellation = nullptr);

    // New TCP connections that were made: a kept one does not count.
    int64_t connections_made() const;

private:
    class State;
    std::unique_ptr<State> state_;
};

// "Sat, 21 Nov 2026 14:03:57 GMT" (RFC 9110) in milliseconds since 1970 UTC.
std::optional<int64_t> parse_http_date_ms(std::string_view text);

}  // namespace godwit::net
