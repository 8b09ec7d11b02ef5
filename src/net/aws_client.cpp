#include "net/aws_client.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"

namespace godwit::net {
namespace {

constexpr int64_t kLongestWaitMs = 100;

// One request through all its tries.
struct Call {
    AwsRequest request;
    const Cancellation* cancellation = nullptr;
    AwsClient::Done done;
    RetryTrack track;
    int attempts = 0;
    bool effect_unknown = false;
    bool clock_corrected = false;
    bool credentials_renewed = false;
    bool stale_excused = false;
    AwsSession::Held credentials;  // That the last try was signed with.
    // What the last try failed with, and why there is no other.
    Error last_error;
    AwsFault fault;
};
using CallPtr = std::shared_ptr<Call>;

struct Timer {
    int64_t due_ms;
    const Cancellation* cancellation;
    std::function<void()> action;
};

bool should_stop(const Cancellation* cancellation) {
    return cancellation != nullptr && cancellation->stop_requested();
}

// DynamoDB sends the checksum of each reply.
bool checksum_differs(const HttpReply& reply) {
    const auto text = reply.header("x-amz-crc32");
    if (!text || reply.header("content-encoding")) return false;
    uint32_t expected = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), expected);
    if (error != std::errc() || end != text->data() + text->size()) return false;
    return crc32_z(0, reinterpret_cast<const Bytef*>(reply.body.data()), reply.body.size()) != expected;
}

// A reply that says "done" but is not what the service writes: a proxy's page, or cut off.
bool is_garbage(const HttpReply& reply, AwsService::Protocol protocol) {
    const std::string_view body = trim(reply.body);
    if (protocol == AwsService::Protocol::kJson)
        return !body.empty() && (body.front() != '{' || body.back() != '}');
    if (protocol == AwsService::Protocol::kQuery)
        return body.empty() || body.front() != '<' || body.back() != '>';
    return false;
}

std::string why_no_more(RetryVerdict verdict, const Call& call) {
    switch (verdict) {
        case RetryVerdict::kAttemptsUsedUp:
            return fmt::format("gave up after {}", call.attempts == 1 ? "1 try" : fmt::format("{} tries", call.attempts));
        case RetryVerdict::kPatienceUsedUp:
            return fmt::format("throttled all along: gave up after {} tries", call.attempts);
        case RetryVerdict::kBudgetUsedUp:
            return "so many requests failed that no more are tried again";
        default:
            return "";
    }
}

}  // namespace

class AwsClient::State {
public:
    State(std::shared_ptr<AwsSession> session, AwsClientOptions options)
        : session_(std::move(session)),
          policy_(options.retry),
          time_(*session_->config().surroundings().time),
          http_({options.max_in_flight, session_->config().ca_file()}) {
        if (const auto attempts = session_->config().max_attempts()) {
            policy_.max_attempts = *attempts;
            policy_.attempts_bound_throttling = true;
        }
    }

    void start(AwsRequest request, const Cancellation* cancellation, Done done) {
        auto call = std::make_shared<Call>();
        call->request = std::move(request);
        call->cancellation = cancellation;
        call->done = std::move(done);
        unfinished_++;
        launch(call);
    }

    void step(int64_t wait_ms) {
        run_timers();
        deliver();
        wait_ms = std::min(wait_ms, kLongestWaitMs);
        int64_t until_timer_ms = wait_ms;
        for (const Timer& timer : timers_)
            until_timer_ms = std::min(until_timer_ms, timer.due_ms - time_.steady_ms());
        until_timer_ms = std::max<int64_t>(until_timer_ms, 0);
        if (http_.unfinished() > 0) {
            http_.step(until_timer_ms);
        } else if (!timers_.empty() && ready_.empty()) {
            time_.idle(until_timer_ms);
        }
        run_timers();
        deliver();
    }

    void after(int64_t wait_ms, const Cancellation* cancellation, std::function<void()> action) {
        unfinished_++;
        timers_.push_back({time_.steady_ms() + wait_ms, cancellation, [this, action = std::move(action)] {
                               unfinished_--;
                               action();
                           }});
    }

    Result<std::string> presign(const AwsRequest& request, int64_t expires_s,
                                const Cancellation* cancellation) {
        if (expires_s < 1 || expires_s > 604'800) {
            return fail(ErrorCode::kInvalidInput, "a signed URL is valid for 1 to 604800 seconds");
        }
        const HttpRequest http = TRY(to_http(request, session_->config()));
        const SigningScope scope = TRY(scope_of(request));
        const auto credentials = TRY(session_->credentials(cancellation));
        return Signer(credentials->keys).presign(http, scope, style_of(request), expires_s);
    }

    Guard guard_writes(Guard guard) { return std::exchange(guard_, std::move(guard)); }
    size_t unfinished() const { return unfinished_; }
    AwsSession& session() { return *session_; }
    const RetryPolicy& policy() const { return policy_; }
    int64_t connections_made() const { return http_.connections_made(); }

private:
    static SigningStyle style_of(const AwsRequest& request) {
        return request.service->protocol == AwsService::Protocol::kS3 ? SigningStyle::kS3
                                                                      : SigningStyle::kDefault;
    }

    Result<SigningScope> scope_of(const AwsRequest& request) {
        SigningScope scope;
        scope.region = TRY(session_->config().region());
        scope.service = request.service->signing_name;
        scope.wall_ms = session_->wall_ms();
        return scope;
    }

    Result<HttpRequest> prepare(Call& call) {
        HttpRequest http = TRY(to_http(call.request, session_->config()));
        if (!call.request.sign) return http;
        const SigningScope scope = TRY(scope_of(call.request));
        call.credentials = TRY(session_->credentials(call.cancellation));
        if (signer_ == nullptr || signer_for_ != call.credentials) {
            signer_ = std::make_unique<Signer>(call.credentials->keys);
            signer_for_ = call.credentials;
        }
        if (call.request.payload_unsigned && !http.url.starts_with("https://")) {
            return fail(ErrorCode::kInvalidInput, "a body whose hash is not signed is sent over https only");
        }
        signer_->sign(http, scope, style_of(call.request),
                      call.request.payload_unsigned ? kUnsignedPayload : std::string_view());
        return http;
    }

    void launch(const CallPtr& call) {
        if (should_stop(call->cancellation)) return finish(call, stop_error(*call));
        auto http = prepare(*call);
        if (!http) {
            call->last_error = std::move(http).error();
            return finish(call, final_error(*call));
        }
        if (auto allowed = may_write(*call); !allowed) {
            call->last_error = std::move(allowed).error();
            return finish(call, final_error(*call));
        }
        call->attempts++;
        http_.start(std::move(*http), call->cancellation, [this, call](HttpOutcome outcome) {
            if (!outcome) return on_failure(call, std::move(outcome).error());
            on_reply(call, std::move(*outcome));
        });
    }

    Result<void> may_write(const Call& call) const {
        return guard_ && call.request.writes ? guard_() : Result<void>();
    }

    void on_reply(const CallPtr& call, HttpReply reply) {
        // A refusal too: its name decides what is done about it.
        if (checksum_differs(reply)) return on_garbage(call, reply);
        if (reply.status >= 200 && reply.status < 300) {
            if (is_garbage(reply, call->request.service->protocol)) return on_garbage(call, reply);
            budget_.succeeded(call->track.took_budget());
            return finish(call, std::move(reply));
        }
        call->fault = read_fault(reply);
        call->last_error = explain_fault(call->fault, context_of(*call));
        const FaultClass kind = classify(call->fault);
        if (kind == FaultClass::kClockSkew && correct_clock(*call, reply)) return launch(call);
        if (kind == FaultClass::kExpiredCredentials && renew_credentials(*call)) return launch(call);
        if (kind == FaultClass::kTransient) call->effect_unknown = true;
        try_again(call, kind, kind == FaultClass::kTransient);
    }

    void on_garbage(const CallPtr& call, const HttpReply& reply) {
        call->effect_unknown = true;
        call->fault = AwsFault();
        call->fault.status = reply.status;
        call->last_error =
            make_error(ErrorCode::kUnavailable,
                       fmt::format("{} {}: the reply is damaged, or not from the service ({} bytes)",
                                   call->request.service->shown, call->request.action, reply.body.size()))
                .with_remedy("Check the endpoint, and whether a proxy changes replies on the way.");
        try_again(call, FaultClass::kTransient, true);
    }

    void on_failure(const CallPtr& call, HttpFailure failure) {
        call->fault = AwsFault();
        if (failure.sent) call->effect_unknown = true;
        call->last_error = std::move(failure.error);
        if (failure.kind == HttpFailureKind::kCancelled) return finish(call, stop_error(*call));
        if (failure.kind == HttpFailureKind::kMisconfigured) return finish(call, final_error(*call));
        // The first time, a kept connection that was closed meanwhile is nobody's failure.
        if (failure.stale && !call->stale_excused && may_repeat(*call)) {
            call->stale_excused = true;
            return launch(call);
        }
        try_again(call, FaultClass::kTransient, failure.sent);
    }

    // Whether the request may be sent once more though an earlier one may have taken effect.
    static bool may_repeat(const Call& call) {
        return call.request.repeatable || !call.request.writes || !call.effect_unknown;
    }

    void try_again(const CallPtr& call, FaultClass kind, bool may_have_acted) {
        if (may_have_acted && !may_repeat(*call)) return finish(call, final_error(*call));
        const auto decision = call->track.after_failure(kind, time_.steady_ms(), policy_, budget_,
                                                        *session_->config().surroundings().random);
        if (decision.verdict != RetryVerdict::kAgain) {
            if (std::string why = why_no_more(decision.verdict, *call); !why.empty()) {
                call->last_error.details.push_back(std::move(why));
            }
            return finish(call, final_error(*call));
        }
        if (passes_deadline(*call, decision.wait_ms)) return finish(call, out_of_time(*call));
        timers_.push_back(
            {time_.steady_ms() + decision.wait_ms, call->cancellation, [this, call] { launch(call); }});
    }

    bool correct_clock(Call& call, const HttpReply& reply) {
        const auto date = reply.header("date");
        const auto service_ms = date ? parse_http_date_ms(*date) : std::nullopt;
        if (call.clock_corrected || !service_ms) return false;
        call.clock_corrected = true;
        return session_->correct_clock(*service_ms);
    }

    // Whether others than those that were refused are to be had.
    bool renew_credentials(Call& call) {
        if (call.credentials_renewed || call.credentials == nullptr) return false;
        call.credentials_renewed = true;
        const auto refused = call.credentials;
        session_->discard(refused);
        const auto fresh = session_->credentials(call.cancellation);
        if (!fresh) {
            call.last_error.details.push_back("they could not be renewed: " + fresh.error().message);
            return false;
        }
        return (*fresh)->keys.session_token.expose() != refused->keys.session_token.expose() ||
               (*fresh)->keys.access_key_id != refused->keys.access_key_id;
    }

    FaultContext context_of(const Call& call) {
        FaultContext context;
        context.service = call.request.service;
        context.action = call.request.action;
        context.region = session_->config().region().value_or("");
        context.credentials_source = call.credentials != nullptr ? call.credentials->source : "nowhere";
        return context;
    }

    // A write that may have taken effect is in doubt, whatever ended it. But a
    // refusal by the service is its last word: effect_unknown tells of the tries before.
    static Error final_error(Call& call) {
        Error error = std::move(call.last_error);
        const bool answered = error.code == ErrorCode::kRejected || error.code == ErrorCode::kInvalidInput;
        if (call.effect_unknown && call.request.writes && !answered) {
            error.code = ErrorCode::kInDoubt;
            error.details.push_back("it may have taken effect all the same");
        }
        return error;
    }

    static bool passes_deadline(const Call& call, int64_t wait_ms) {
        if (call.cancellation == nullptr || !call.cancellation->deadline()) return false;
        return Cancellation::Clock::now() + std::chrono::milliseconds(wait_ms) >=
               *call.cancellation->deadline();
    }

    static Error out_of_time(Call& call) {
        Error error = final_error(call);
        if (error.code == ErrorCode::kUnavailable) error.code = ErrorCode::kTimedOut;
        error.details.push_back("the time limit of this run leaves no room for another try");
        return error;
    }

    static Error stop_error(Call& call) {
        const auto reason = call.cancellation->check();
        Error error = reason ? make_error(ErrorCode::kCancelled, "stopped on request") : reason.error();
        if (!call.last_error.message.empty() && call.last_error.message != error.message) {
            error.details.push_back("before that: " + call.last_error.message);
        }
        if (call.effect_unknown && call.request.writes) {
            error.code = ErrorCode::kInDoubt;
            error.message = fmt::format("{} {} was stopped before its answer came: {}",
                                        call.request.service->shown, call.request.action, error.message);
        }
        return error;
    }

    void finish(const CallPtr& call, Result<HttpReply> reply) {
        AwsOutcome outcome{std::move(reply), {}, call->attempts, call->effect_unknown};
        if (!outcome.reply) outcome.fault = std::move(call->fault);
        ready_.emplace_back(call, std::move(outcome));
    }
    void finish(const CallPtr& call, Error error) { finish(call, Result<HttpReply>(fail(std::move(error)))); }

    void run_timers() {
        const int64_t now_ms = time_.steady_ms();
        std::vector<Timer> due;
        for (size_t i = 0; i < timers_.size();) {
            if (timers_[i].due_ms > now_ms && !should_stop(timers_[i].cancellation)) {
                i++;
                continue;
            }
            due.push_back(std::move(timers_[i]));
            timers_[i] = std::move(timers_.back());
            timers_.pop_back();
        }
        std::sort(due.begin(), due.end(), [](const Timer& a, const Timer& b) { return a.due_ms < b.due_ms; });
        for (const Timer& timer : due) timer.action();
    }

    void deliver() {
        auto ready = std::move(ready_);
        ready_.clear();
        for (auto& [call, outcome] : ready) {
            unfinished_--;
            call->done(std::move(outcome));
        }
    }

    std::shared_ptr<AwsSession> session_;
    RetryPolicy policy_;
    TimeSource& time_;
    HttpClient http_;
    RetryBudget budget_;
    Guard guard_;
    std::unique_ptr<Signer> signer_;
    AwsSession::Held signer_for_;
    std::vector<Timer> timers_;
    std::deque<std::pair<CallPtr, AwsOutcome>> ready_;
    size_t unfinished_ = 0;
};

AwsClient::AwsClient(std::shared_ptr<AwsSession> session, AwsClientOptions options)
    : state_(std::make_unique<State>(std::move(session), options)) {}
AwsClient::~AwsClient() = default;

Result<std::string> AwsClient::call(std::string_view service, std::string action, std::string body,
                                    const Cancellation* cancellation) {
    AwsOutcome outcome = send(json_request(service, std::move(action), std::move(body)), cancellation);
    HttpReply reply = TRY(std::move(outcome.reply));
    return std::move(reply.body);
}

AwsOutcome AwsClient::send(AwsRequest request, const Cancellation* cancellation) {
    std::optional<AwsOutcome> outcome;
    start(std::move(request), cancellation,
          [&outcome](AwsOutcome done) { outcome.emplace(std::move(done)); });
    while (!outcome) step(kLongestWaitMs);
    return std::move(*outcome);
}

void AwsClient::start(AwsRequest request, const Cancellation* cancellation, Done done) {
    state_->start(std::move(request), cancellation, std::move(done));
}
void AwsClient::step(int64_t wait_ms) { state_->step(wait_ms); }
void AwsClient::finish_all() {
    while (unfinished() > 0) step(kLongestWaitMs);
}
AwsClient::Guard AwsClient::guard_writes(Guard guard) { return state_->guard_writes(std::move(guard)); }
size_t AwsClient::unfinished() const { return state_->unfinished(); }
void AwsClient::after(int64_t wait_ms, const Cancellation* cancellation, std::function<void()> action) {
    state_->after(wait_ms, cancellation, std::move(action));
}
Result<std::string> AwsClient::presign(const AwsRequest& request, int64_t expires_s,
                                       const Cancellation* cancellation) {
    return state_->presign(request, expires_s, cancellation);
}
AwsSession& AwsClient::session() { return state_->session(); }
const RetryPolicy& AwsClient::retry_policy() const { return state_->policy(); }
int64_t AwsClient::connections_made() const { return state_->connections_made(); }

}  // namespace godwit::net
