#include "net/http.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>

#include "base/text.h"
#include "net/http_failure.h"

namespace godwit::net {
namespace {

constexpr int64_t kLongestWaitMs = 100;
// How often requests under way are asked whether they should stop.
constexpr int64_t kStopCheckMs = 20;
// A connection idle for longer is not used again: servers and balancers close
// theirs after a minute, and a request sent into that is in doubt.
constexpr long kIdleConnectionSeconds = 20;

int64_t now_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

void initialise_curl() {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

// A write to a connection that the server closed raises SIGPIPE inside OpenSSL.
// It is held back from this thread only; the process's handlers are not ours.
class PipeSignalBlocked {
public:
    PipeSignalBlocked() {
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        sigset_t pending;
        sigpending(&pending);
        was_pending_ = sigismember(&pending, SIGPIPE) == 1;
        pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    ~PipeSignalBlocked() {
        constexpr timespec kAtOnce{};
        if (!was_pending_) sigtimedwait(&pipe_, nullptr, &kAtOnce);
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    PipeSignalBlocked(const PipeSignalBlocked&) = delete;
    PipeSignalBlocked& operator=(const PipeSignalBlocked&) = delete;

private:
    sigset_t pipe_{}, before_{};
    bool was_pending_ = false;
};

// The id of the last reply on each connection, which its local port tells apart.
using LastReplyIds = std::map<long, std::string>;

struct Transfer {
    HttpRequest request;
    LastReplyIds* last_ids = nullptr;
    bool reply_has_id = false;
    bool reply_is_of_another = false;
    const Cancellation* cancellation = nullptr;
    HttpClient::Done done;
    HttpReply reply;
    CURL* easy = nullptr;
    curl_slist* headers = nullptr;
    size_t body_taken = 0;
    int64_t stop_seen_ms = -1;
    char curl_text[CURL_ERROR_SIZE] = {};
};

size_t take_body(char* buffer, size_t size, size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const size_t length = std::min(size * count, transfer.request.body.size() - transfer.body_taken);
    std::memcpy(buffer, transfer.request.body.data() + transfer.body_taken, length);
    transfer.body_taken += length;
    return length;
}

size_t give_body(char* data, size_t size, size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const size_t length = size * count;
    if (transfer.reply.body.size() + length > static_cast<size_t>(transfer.request.limits.max_reply_bytes))
        return 0;
    transfer.reply.body.append(data, length);
    return length;
}

// A reply that came twice would be taken for that to the next request, and every
// later one on that connection for that to the one after it.
bool came_before(Transfer& transfer, std::string_view name, std::string_view id) {
    if (transfer.reply_has_id || (name != "x-amzn-requestid" && name != "x-amz-request-id")) return false;
    transfer.reply_has_id = true;
    long port = 0, connects = 0;
    curl_easy_getinfo(transfer.easy, CURLINFO_LOCAL_PORT, &port);
    curl_easy_getinfo(transfer.easy, CURLINFO_NUM_CONNECTS, &connects);
    std::string& last = (*transfer.last_ids)[port];
    const bool repeated = connects == 0 && last == id;
    last = id;
    return repeated;
}

size_t give_header(char* data, size_t size, size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const std::string_view line(data, size * count);
    // A new reply begins: what came before it was an interim one.
    if (line.starts_with("HTTP/")) transfer.reply.headers.clear();
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos && !line.starts_with("HTTP/")) {
        const std::string_view value = trim(line.substr(colon + 1));
        transfer.reply.headers.emplace_back(to_lower(line.substr(0, colon)), value);
        if (came_before(transfer, transfer.reply.headers.back().first, value)) {
            transfer.reply_is_of_another = true;
            return 0;  // libcurl ends the transfer, and the connection with it.
        }
    }
    return line.size();
}

bool has_line_break(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

std::optional<std::string> flaw_of(const HttpRequest& request) {
    if (has_line_break(request.url) || has_line_break(request.method)) return "its URL holds a line break";
    for (const auto& [name, value] : request.headers) {
        if (name.empty() || has_line_break(name) || has_line_break(value)) {
            return fmt::format("its header {} holds a line break", printable(name));
        }
    }
    return std::nullopt;
}

curl_slist* header_list(const HttpRequest& request) {
    curl_slist* list = nullptr;
    for (const auto& [name, value] : request.headers) {
        // libcurl sends an empty header only when it is written with a semicolon.
        const std::string line = value.empty() ? name + ";" : name + ": " + value;
        list = curl_slist_append(list, line.c_str());
    }
    // What libcurl would add by itself.
    list = curl_slist_append(list, "Expect:");
    list = curl_slist_append(list, "Accept:");
    if (!find_header(request.headers, "content-type")) list = curl_slist_append(list, "Content-Type:");
    return list;
}

void set_method(CURL* easy, Transfer& transfer) {
    const HttpRequest& request = transfer.request;
    if (request.method == "HEAD") {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        // Read through a function that cannot rewind, so that libcurl never
        // sends a body twice by itself.
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, take_body);
        curl_easy_setopt(easy, CURLOPT_READDATA, &transfer);
    }
    if (request.method != "HEAD") curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

// What is left until the run's own time limit also bounds the request.
long total_limit_ms(const Transfer& transfer) {
    int64_t limit_ms = transfer.request.limits.total_ms;
    if (transfer.cancellation != nullptr && transfer.cancellation->deadline()) {
        const auto left = *transfer.cancellation->deadline() - Cancellation::Clock::now();
        const int64_t left_ms = std::chrono::duration_cast<std::chrono::milliseconds>(left).count() +
                                transfer.request.limits.grace_ms + kLongestWaitMs;
        limit_ms = limit_ms == 0 ? left_ms : std::min(limit_ms, left_ms);
        limit_ms = std::max<int64_t>(limit_ms, 1);
    }
    return static_cast<long>(limit_ms);
}

void set_limits(CURL* easy, const Transfer& transfer) {
    const HttpLimits& limits = transfer.request.limits;
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect_ms));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, total_limit_ms(transfer));
    if (limits.stalled_ms > 0) {
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>((limits.stalled_ms + 999) / 1000));
    }
}

void set_connection(CURL* easy, Transfer& transfer, const HttpOptions& options) {
    curl_easy_setopt(easy, CURLOPT_URL, transfer.request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, kIdleConnectionSeconds);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (!transfer.request.use_proxy) curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (!options.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
}

void set_up(Transfer& transfer, const HttpOptions& options) {
    CURL* easy = transfer.easy;
    curl_easy_reset(easy);
    set_connection(easy, transfer, options);
    set_method(easy, transfer);
    set_limits(easy, transfer);
    transfer.headers = header_list(transfer.request);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.curl_text);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, give_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, give_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
}

// A server acts only on a request that it has in full.
bool whole_request_sent(const Transfer& transfer, CURLcode code = CURLE_OK) {
    // libcurl was about to send it anew over another connection, and has set its
    // counters back.
    if (code == CURLE_SEND_FAIL_REWIND) return transfer.body_taken == transfer.request.body.size();
    long header_bytes = 0;
    curl_off_t body_bytes = 0;
    curl_easy_getinfo(transfer.easy, CURLINFO_REQUEST_SIZE, &header_bytes);
    curl_easy_getinfo(transfer.easy, CURLINFO_SIZE_UPLOAD_T, &body_bytes);
    return header_bytes > 0 && body_bytes >= static_cast<curl_off_t>(transfer.request.body.size());
}

HttpFailure stopped(const Cancellation& cancellation, bool sent) {
    HttpFailure failure;
    failure.kind = HttpFailureKind::kCancelled;
    failure.sent = sent;
    const auto reason = cancellation.check();
    failure.error = reason ? make_error(ErrorCode::kCancelled, "stopped on request") : reason.error();
    return failure;
}

}  // namespace

class HttpClient::State {
public:
    explicit State(HttpOptions options) : options_(std::move(options)) {
        initialise_curl();
        options_.max_in_flight = std::max<size_t>(options_.max_in_flight, 1);
        multi_ = curl_multi_init();
        curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(options_.max_in_flight));
        curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
    }

    ~State() {
        const PipeSignalBlocked no_signal;
        for (const auto& transfer : active_) {
            curl_multi_remove_handle(multi_, transfer->easy);
            release(*transfer);
        }
        for (CURL* easy : idle_) curl_easy_cleanup(easy);
        curl_multi_cleanup(multi_);
    }

    State(const State&) = delete;
    State& operator=(const State&) = delete;

    void start(HttpRequest request, const Cancellation* cancellation, Done done) {
        auto transfer = std::make_unique<Transfer>();
        transfer->request = std::move(request);
        transfer->cancellation = cancellation;
        transfer->done = std::move(done);
        transfer->last_ids = &last_ids_;
        waiting_.push_back(std::move(transfer));
        launch_waiting();
    }

    void step(int64_t wait_ms) {
        launch_waiting();
        perform();
        if (finished_.empty() && !active_.empty() && wait_ms > 0) {
            curl_multi_poll(multi_, nullptr, 0, static_cast<int>(std::min(wait_ms, kLongestWaitMs)), nullptr);
            perform();
        }
        check_stops();
        deliver();
    }

    size_t unfinished() const { return waiting_.size() + active_.size() + finished_.size(); }
    int64_t connections_made() const { return connections_made_; }

private:
    using Finished = std::pair<Done, HttpOutcome>;

    void launch_waiting() {
        while (!waiting_.empty() && active_.size() < options_.max_in_flight) {
            auto transfer = std::move(waiting_.front());
            waiting_.pop_front();
            if (transfer->cancellation != nullptr && transfer->cancellation->stop_requested()) {
                finished_.emplace_back(std::move(transfer->done),
                                       tl::unexpected(stopped(*transfer->cancellation, false)));
            } else if (const auto flaw = flaw_of(transfer->request)) {
                HttpFailure failure;
                failure.kind = HttpFailureKind::kMisconfigured;
                failure.error = make_error(ErrorCode::kInvalidInput,
                                           fmt::format("a request to {} cannot be sent: {}",
                                                       origin_of(transfer->request.url), *flaw));
                finished_.emplace_back(std::move(transfer->done), tl::unexpected(std::move(failure)));
            } else {
                launch(std::move(transfer));
            }
        }
    }

    void launch(std::unique_ptr<Transfer> transfer) {
        if (idle_.empty()) {
            transfer->easy = curl_easy_init();
        } else {
            transfer->easy = idle_.back();
            idle_.pop_back();
        }
        set_up(*transfer, options_);
        curl_multi_add_handle(multi_, transfer->easy);
        active_.push_back(std::move(transfer));
    }

    void perform() {
        const PipeSignalBlocked no_signal;
        int running = 0;
        curl_multi_perform(multi_, &running);
        int queued = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi_, &queued)) {
            if (message->msg == CURLMSG_DONE) finish(message->easy_handle, message->data.result);
        }
    }

    void finish(CURL* easy, CURLcode code) {
        char* user = nullptr;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &user);
        auto transfer = take_active(reinterpret_cast<Transfer*>(user));
        long connects = 0, status = 0;
        curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        connections_made_ += connects;
        transfer->reply.status = static_cast<int>(status);
        HttpOutcome outcome = outcome_of(*transfer, code, connects == 0);
        curl_multi_remove_handle(multi_, easy);
        release(*transfer);
        finished_.emplace_back(std::move(transfer->done), std::move(outcome));
    }

    HttpOutcome outcome_of(Transfer& transfer, CURLcode code, bool reused) const {
        if (code == CURLE_OK) return std::move(transfer.reply);
        const bool sent = whole_request_sent(transfer, code);
        if (transfer.cancellation != nullptr && transfer.cancellation->stop_requested()) {
            return tl::unexpected(stopped(*transfer.cancellation, sent));
        }
        TransferEnd end;
        end.code = code;
        end.curl_text = transfer.curl_text[0] != '\0' ? transfer.curl_text : curl_easy_strerror(code);
        if (transfer.reply_is_of_another) {
            end.code = CURLE_RECV_ERROR;
            end.curl_text = "the reply is one to an earlier request";
        }
        end.url = transfer.request.url;
        end.ca_file = options_.ca_file;
        end.connection_reused = reused;
        end.whole_request_sent = sent;
        end.reply_begun = transfer.reply.status != 0 || !transfer.reply.headers.empty();
        end.max_reply_bytes = transfer.request.limits.max_reply_bytes;
        return tl::unexpected(explain_failure(end));
    }

    // Stops what should stop and has had its grace.
    void check_stops() {
        const int64_t now = now_ms();
        if (now < next_stop_check_ms_) return;
        next_stop_check_ms_ = now + kStopCheckMs;
        for (size_t i = 0; i < active_.size();) {
            Transfer& transfer = *active_[i];
            const bool stop = transfer.cancellation != nullptr && transfer.cancellation->stop_requested();
            if (stop && transfer.stop_seen_ms < 0) transfer.stop_seen_ms = now;
            const bool sent = stop && whole_request_sent(transfer);
            if (!stop || (sent && now < transfer.stop_seen_ms + transfer.request.limits.grace_ms)) {
                i++;
                continue;
            }
            const auto taken = take_active(&transfer);
            curl_multi_remove_handle(multi_, taken->easy);
            release(*taken);
            finished_.emplace_back(std::move(taken->done),
                                   tl::unexpected(stopped(*taken->cancellation, sent)));
        }
    }

    void deliver() {
        // Those that these start and that finish at once are for the next step.
        std::deque<Finished> finished = std::move(finished_);
        finished_.clear();
        for (auto& [done, outcome] : finished) done(std::move(outcome));
    }

    std::unique_ptr<Transfer> take_active(const Transfer* wanted) {
        const auto found = std::find_if(active_.begin(), active_.end(),
                                        [&](const auto& each) { return each.get() == wanted; });
        auto transfer = std::move(*found);
        *found = std::move(active_.back());
        active_.pop_back();
        return transfer;
    }

    void release(Transfer& transfer) {
        curl_slist_free_all(transfer.headers);
        transfer.headers = nullptr;
        idle_.push_back(transfer.easy);
        transfer.easy = nullptr;
    }

    HttpOptions options_;
    CURLM* multi_ = nullptr;
    std::deque<std::unique_ptr<Transfer>> waiting_;
    std::vector<std::unique_ptr<Transfer>> active_;
    std::deque<Finished> finished_;
    std::vector<CURL*> idle_;
    LastReplyIds last_ids_;
    int64_t connections_made_ = 0;
    int64_t next_stop_check_ms_ = 0;
};

HttpClient::HttpClient(HttpOptions options) : state_(std::make_unique<State>(std::move(options))) {}
HttpClient::~HttpClient() = default;

void HttpClient::start(HttpRequest request, const Cancellation* cancellation, Done done) {
    state_->start(std::move(request), cancellation, std::move(done));
}
void HttpClient::step(int64_t wait_ms) { state_->step(wait_ms); }
size_t HttpClient::unfinished() const { return state_->unfinished(); }
int64_t HttpClient::connections_made() const { return state_->connections_made(); }

HttpOutcome HttpClient::send(HttpRequest request, const Cancellation* cancellation) {
    std::optional<HttpOutcome> outcome;
    start(std::move(request), cancellation, [&outcome](HttpOutcome done) { outcome = std::move(done); });
    while (!outcome) step(kLongestWaitMs);
    return std::move(*outcome);
}

std::optional<std::string_view> find_header(const HttpHeaders& headers, std::string_view name) {
    for (const auto& [each, value] : headers) {
        if (equal_ignoring_case(each, name)) return value;
    }
    return std::nullopt;
}

std::optional<int64_t> parse_http_date_ms(std::string_view text) {
    const time_t seconds = curl_getdate(std::string(text).c_str(), nullptr);
    if (seconds < 0) return std::nullopt;
    return int64_t{seconds} * 1000;
}

}  // namespace godwit::net
