#include "target/postgres/connection.h"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace godwit::postgres {
namespace {

using std::chrono::milliseconds;

// How often a wait looks up: for a stop request, for sessions in the way.
constexpr milliseconds kSlice{100};
// How long a server may take to give up a statement when asked to.
constexpr milliseconds kInterruptLimit{10'000};

// Whether something happened before `time` passed.
bool poll_for(int socket, short events, milliseconds time) {
    pollfd descriptor{socket, events, 0};
    return poll(&descriptor, 1, static_cast<int>(time.count())) > 0;
}

// libpq does not repeat passwords; this makes sure of it.
std::string without(std::string text, const Secret& secret) {
    const std::string& hidden = secret.expose();
    if (hidden.size() < 6) return text;
    for (size_t at = text.find(hidden); at != std::string::npos; at = text.find(hidden, at)) {
        text.replace(at, hidden.size(), "***");
    }
    return text;
}

struct Advice {
    std::string_view part;  // Of libpq's or the server's reason.
    std::string_view remedy;
};

// The first that fits counts.
constexpr Advice kAdvice[] = {
    {"Connection refused", "Check host and port, and that the server is running."},
    {"No such file or directory", "Check host and port, and that the server is running."},
    {"could not translate host name", "Check the host's name, and that this machine can look it up."},
    {"no answer within",
     "Check host and port, and that no firewall is between; connect_timeout allows it more time."},
    {"timeout expired",
     "Check host and port, and that no firewall is between; connect_timeout allows it more time."},
    {"pg_hba.conf",
     "Let the server's pg_hba.conf admit this user from here, or connect as its rules ask (sslmode, user, "
     "database)."},
    {"password", "Check user and password (in the URL, in DB_PASSWORD, in PGPASSWORD or in ~/.pgpass)."},
    {"certificate", "Check sslrootcert, sslcert and sslkey, and that the certificate names this host."},
    {"does not support SSL",
     "Turn TLS on at the server, or say sslmode=prefer or sslmode=disable in the URL."},
    {"configuration parameter", "Correct or remove it: it stands in the URL's options."},
    {"SSL", "Check sslmode and the certificates, here and at the server."},
    {"role", "Create the user first, or correct its name."},
    {"database", "Create the database first, or correct its name."},
    {"read-only", "Connect to the primary."},
    {"hot standby", "Connect to the primary."},
};

std::string remedy_for(const std::string& reason) {
    if (reason.find("starting up") != std::string::npos ||
        reason.find("shutting down") != std::string::npos) {
        return "Wait until the server is up, then run again.";
    }
    for (const auto& [part, remedy] : kAdvice) {
        if (reason.find(part) != std::string::npos) return std::string(remedy);
    }
    return "Check the address, and that the server takes connections from here.";
}

// libpq's word for a setting that it does not understand, such as one of PGSSLMODE.
bool is_wrong_setting(const std::string& reason) {
    return reason.starts_with("invalid ") && reason.find("value") != std::string::npos;
}

}  // namespace

Connection::Connection(ConnectionHandle raw, const Cancellation* cancellation)
    : raw_(std::move(raw)), usual_(cancellation), cancellation_(cancellation) {
    PQsetNoticeReceiver(raw_.get(), &Connection::receive_notice, this);
}

Connection::~Connection() = default;

Result<ConnectionHandle> Connection::connect(const Keywords& keywords, milliseconds limit,
                                             const Cancellation* cancellation) {
    std::vector<const char*> names;
    std::vector<const char*> values;
    for (const auto& [name, value] : keywords) {
        names.push_back(name.c_str());
        values.push_back(value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    ConnectionHandle raw(PQconnectStartParams(names.data(), values.data(), 0));
    if (raw == nullptr) return fail(ErrorCode::kUnavailable, "out of memory");
    const auto deadline = Clock::now() + limit;
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (PQstatus(raw.get()) != CONNECTION_BAD) {
        if (cancellation != nullptr) CHECK(cancellation->check());
        if (limit.count() > 0 && Clock::now() >= deadline) {
            return fail(ErrorCode::kUnavailable, "no answer within " + human_duration(limit.count()));
        }
        if (!poll_for(PQsocket(raw.get()), state == PGRES_POLLING_READING ? POLLIN : POLLOUT, kSlice)) continue;
        state = PQconnectPoll(raw.get());
        if (state == PGRES_POLLING_OK) return raw;
        if (state == PGRES_POLLING_FAILED) break;
    }
    return fail(ErrorCode::kUnavailable, PQerrorMessage(raw.get()));
}

Result<std::unique_ptr<Connection>> Connection::open(const ConnectionSettings& settings,
                                                     const Cancellation* cancellation) {
    Error failure;
    for (size_t attempt = 0; attempt < settings.attempts(); ++attempt) {
        bool lacks_search_path = false;
        auto raw = connect(settings.keywords(attempt, StartupOptions::kSend), settings.connect_timeout(), cancellation);
        const bool refused = !raw && raw.error().message.find("unsupported startup parameter") != std::string::npos;
        if (refused && !settings.search_path().empty()) {
            lacks_search_path = true;
            raw = connect(settings.keywords(attempt, StartupOptions::kLeaveOut), settings.connect_timeout(), cancellation);
        }
        if (raw) {
            std::unique_ptr<Connection> connection(new Connection(std::move(raw).value(), cancellation));
            PQsetnonblocking(connection->raw_.get(), 1);
            connection->lacks_search_path_ = lacks_search_path;
            connection->place_ = settings.describe();
            return connection;
        }
        if (raw.error().code != ErrorCode::kUnavailable) return fail(std::move(raw).error());
        const std::string reason = without(first_line(raw.error().message), settings.password());
        const bool misconfigured = is_wrong_setting(reason);
        Error next = make_error(misconfigured ? ErrorCode::kInvalidInput : ErrorCode::kUnavailable,
                                "cannot connect to " + settings.describe_attempt(attempt) + ": " + reason)
                         .with_remedy(misconfigured ? "Correct it in the URL, or in libpq's environment "
                                                      "variables (PGSSLMODE and its like)."
                                                    : remedy_for(reason));
        if (attempt == 0) {
            failure = std::move(next);
        } else {
            failure.details.push_back(next.message);
        }
    }
    return fail(std::move(failure));
}

std::string Connection::parameter(const char* name) const {
    const char* value = PQparameterStatus(raw_.get(), name);
    return value == nullptr ? "" : value;
}

bool Connection::closed_by_server() {
    if (!alive()) return true;
    while (alive() && poll_for(PQsocket(raw_.get()), POLLIN, milliseconds(0))) {
        (void)consume();
        (void)PQisBusy(raw_.get());  // Takes in what came, last words included.
    }
    return !alive();
}

void Connection::receive_notice(void* self, const PGresult* result) {
    auto* connection = static_cast<Connection*>(self);
    const ServerError notice = read_server_error(result);
    // A server that ends an idle session says so in this way.
    if (notice.ends_session()) {
        connection->dead_ = true;
        connection->last_words_ = printable(notice.message);
    } else if (connection->notice_handler_) {
        connection->notice_handler_(notice);
    }
}

Error Connection::lost() {
    const std::string reason = last_words_.empty() ? first_line(PQerrorMessage(raw_.get())) : last_words_;
    dead_ = true;
    return make_error(ErrorCode::kUnavailable,
                      "the connection to " + place_ + " was lost" + (reason.empty() ? "" : ": " + reason));
}

Result<void> Connection::consume() {
    if (PQconsumeInput(raw_.get()) == 1) return {};
    return fail(lost());
}

void Connection::interrupt() {
    interrupted_ = true;
    give_up_at_ = Clock::now() + kInterruptLimit;
    const CancelHandle cancel(PQgetCancel(raw_.get()));
    char message[256];
    if (cancel != nullptr) PQcancel(cancel.get(), message, sizeof message);
}

Result<void> Connection::check_stop() const {
    if (cancellation_ != nullptr) CHECK(cancellation_->check());
    return {};
}

Error Connection::why_failed(Error error) const {
    if (!interrupted_ || error.native_code != sqlstate::kQueryCancelled) return error;
    Result<void> stop = check_stop();
    if (stop) return error;
    if (stop.error().code == ErrorCode::kTimedOut) stop.error().where = std::move(error.where);
    return std::move(stop).error();
}

void Connection::interrupt_on_stop(Stopping stopping) {
    const bool stop = cancellation_ != nullptr && cancellation_->stop_requested();
    if (stop && stopping == Stopping::kInterrupts && !interrupted_) interrupt();
}

Result<void> Connection::flush() {
    while (true) {
        const int left = PQflush(raw_.get());
        if (left == 0) return {};
        if (left < 0) {
            // The reason may still wait to be read.
            (void)PQconsumeInput(raw_.get());
            return fail(lost());
        }
        pollfd descriptor{PQsocket(raw_.get()), POLLIN | POLLOUT, 0};
        if (poll(&descriptor, 1, static_cast<int>(kSlice.count())) > 0 && (descriptor.revents & POLLIN) != 0) {
            CHECK(consume());
        }
        // Nothing has a statement to give up yet; the wait for its result will see the stop.
    }
}

Result<void> Connection::wait_for_input(Stopping stopping) {
    interrupt_on_stop(stopping);
    if (interrupted_ && Clock::now() >= give_up_at_) {
        last_words_ = "the server did not give up the statement when asked to";
        return fail(lost());
    }
    if (wait_hook_) wait_hook_(Clock::now() - sent_at_);
    if (poll_for(PQsocket(raw_.get()), POLLIN, kSlice)) CHECK(consume());
    return {};
}

Result<void> Connection::wait_until_ready(Stopping stopping) {
    while (PQisBusy(raw_.get()) == 1) CHECK(wait_for_input(stopping));
    return {};
}

Result<void> Connection::send(const std::string& text, Rows rows) {
    if (!alive()) return fail(lost());
    interrupted_ = false;
    sent_at_ = Clock::now();
    if (PQsendQuery(raw_.get(), text.c_str()) != 1) return fail(lost());
    if (rows == Rows::kDrop) PQsetSingleRowMode(raw_.get());
    return flush();
}

Result<Answer> Connection::receive(Stopping stopping) {
    if (dead_) return fail(lost());
    CHECK(wait_until_ready(stopping));
    Answer answer;
    answer.result.reset(PQgetResult(raw_.get()));
    if (answer.result == nullptr) return answer;
    const ExecStatusType status = PQresultStatus(answer.result.get());
    if (status != PGRES_FATAL_ERROR && status != PGRES_BAD_RESPONSE) return answer;
    answer.failed = true;
    answer.error = read_server_error(answer.result.get());
    if (answer.error.ends_session() || !alive()) {
        last_words_ = printable(answer.error.message);
        return fail(lost());
    }
    return answer;
}

Result<std::vector<ResultHandle>> Connection::query(const std::string& text, Stopping stopping) {
    CHECK(send(text, Rows::kKeep));
    std::vector<ResultHandle> results;
    Error failure;
    bool failed = false;
    while (true) {
        Answer answer = TRY(receive(stopping));
        if (answer.result == nullptr) break;
        if (answer.failed && !std::exchange(failed, true)) failure = to_error(answer.error);
        const ExecStatusType status = PQresultStatus(answer.result.get());
        if (status == PGRES_TUPLES_OK) results.push_back(std::move(answer.result));
    }
    if (failed && interrupted_ && failure.native_code == sqlstate::kQueryCancelled) CHECK(check_stop());
    if (failed) return fail(std::move(failure));
    return results;
}

Result<bool> Connection::put_copy_data(std::string_view data) {
    // libpq wants an int, and a bounded buffer keeps memory flat.
    constexpr size_t kPiece = 64 * 1024;
    while (!data.empty()) {
        const std::string_view piece = data.substr(0, kPiece);
        const int done = PQputCopyData(raw_.get(), piece.data(), static_cast<int>(piece.size()));
        if (done < 0) return false;
        if (done == 1) data.remove_prefix(piece.size());
        CHECK(flush());
    }
    return true;
}

Result<void> Connection::drop_copy_data(Stopping stopping) {
    while (true) {
        char* row = nullptr;
        const int size = PQgetCopyData(raw_.get(), &row, 1);
        if (size > 0) {
            PQfreemem(row);
        } else if (size < 0) {
            return {};  // At its end, or failed: the next result tells.
        } else {
            CHECK(wait_for_input(stopping));
        }
    }
}

Result<void> Connection::end_copy(const char* refusal) {
    while (PQputCopyEnd(raw_.get(), refusal) == 0) CHECK(flush());
    return flush();
}

}  // namespace godwit::postgres
