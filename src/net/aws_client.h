// Speaks to Amazon's services: signs, sends, tries again where that helps, and
// says in plain words what went wrong.
//
//     auto session = TRY(AwsSession::open({}));
//     AwsClient client(session);
//     const std::string tables = TRY(client.call("dynamodb", "ListTables", "{}"));
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/cancellation.h"
#include "base/result.h"
#include "net/aws_fault.h"
#include "net/aws_request.h"
#include "net/aws_session.h"
#include "net/retry.h"

namespace godwit::net {

struct AwsOutcome {
    Result<HttpReply> reply;  // A reply of status 2xx, or what went wrong.
    AwsFault fault;           // When the service answered with an error: that, in full.
    int attempts = 0;
    // An earlier try, or a failed last one, may have taken effect though no answer
    // says so. A condition that then fails may have been met by ourselves.
    bool effect_unknown = false;

    bool failed_with(std::string_view name) const { return !reply && fault.name == name; }
};

struct AwsClientOptions {
    size_t max_in_flight = 64;  // Requests and connections; more wait for their turn.
    RetryPolicy retry;          // max_attempts gives way to AWS_MAX_ATTEMPTS.
};

// One thread at a time: another thread takes a client of its own with the same
// session. Nothing happens but inside the calls: start() and step() make one
// thread serve many requests. Fetching credentials (once at first, then once in
// their lifetime) blocks the thread that does it.
//
// Errors: kUnavailable (unreachable, throttled for too long, the service failed,
// credentials were refused), kRejected (the service said no; it had no effect;
// native_code is its name for that), kInDoubt (a write may or may not have
// taken effect), kInvalidInput (configuration), kCancelled, kTimedOut.
class AwsClient {
public:
    using Done = std::function<void(AwsOutcome)>;

    explicit AwsClient(std::shared_ptr<AwsSession> session, AwsClientOptions options = {});
    ~AwsClient();  // What is under way is dropped, and its `done` never called.
    AwsClient(const AwsClient&) = delete;
    AwsClient& operator=(const AwsClient&) = delete;

    // One call of a JSON service, start to end: the reply's JSON.
    Result<std::string> call(std::string_view service, std::string action, std::string body,
                             const Cancellation* cancellation = nullptr);
    AwsOutcome send(AwsRequest request, const Cancellation* cancellation = nullptr);

    // `done` is called once, from a later step(); it may start more. The
    // cancellation outlives the request.
    void start(AwsRequest request, const Cancellation* cancellation, Done done);
    // Does what can be done; waits at most `wait_ms` for more.
    void step(int64_t wait_ms);
    // Steps until nothing is unfinished.
    void finish_all();
    // Started, and `done` not called yet.
    size_t unfinished() const;

    // Asked before every try of every request that writes, the first and each later
    // one: its error ends the request, and nothing is sent. Empty: none is asked.
    // Gives the guard that was asked until now.
    using Guard = std::function<Result<void>()>;
    Guard guard_writes(Guard guard);

    // `action` happens from step() once `wait_ms` have passed, or at once when a
    // stop is requested.
    void after(int64_t wait_ms, const Cancellation* cancellation, std::function<void()> action);

    // A URL with which anybody may do this request for `expires_s` seconds (at most
    // seven days); a secret while it lasts.
    Result<std::string> presign(const AwsRequest& request, int64_t expires_s,
                                const Cancellation* cancellation = nullptr);

    AwsSession& session();
    const RetryPolicy& retry_policy() const;
    int64_t connections_made() const;

private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace godwit::net
