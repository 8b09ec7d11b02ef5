// One session with the server: simple queries over libpq, without ever blocking
// for longer than a stop request may wait.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "target/postgres/errors.h"
#include "target/postgres/libpq.h"
#include "target/postgres/settings.h"

namespace godwit::postgres {

// Whether a request to stop interrupts the wait for a statement. The tool's own
// short statements (recording, unlocking, rolling back) go through regardless,
// because a stop must leave the record in order.
enum class Stopping : uint8_t { kInterrupts, kWaits };

// Whether the rows of a SELECT are wanted, or dropped one by one as they come: a
// migration may select any number of them, and nobody looks.
enum class Rows : uint8_t { kKeep, kDrop };

// What a result brings: an answer of the server, or an error that it sent.
struct Answer {
    ResultHandle result;         // Null: all results of the query have been read.
    bool failed = false;
    ServerError error;           // When failed.
};

using NoticeHandler = std::function<void(const ServerError&)>;

// Used by one thread at a time.
class Connection {
public:
    using Clock = std::chrono::steady_clock;

    // Tries the hosts in turn, each for at most connect_timeout. kUnavailable,
    // naming host, port, user, database and reason. `cancellation` may be null and
    // outlives the connection.
    static Result<std::unique_ptr<Connection>> open(const ConnectionSettings& settings,
                                                    const Cancellation* cancellation);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    bool alive() const { return !dead_ && PQstatus(raw_.get()) == CONNECTION_OK; }
    // PQTRANS_IDLE, PQTRANS_INTRANS, PQTRANS_INERROR, …
    PGTransactionStatusType transaction_status() const { return PQtransactionStatus(raw_.get()); }
    // The process that the client was told; behind a pooler it is no backend's.
    int announced_pid() const { return PQbackendPID(raw_.get()); }
    int server_version_number() const { return PQserverVersion(raw_.get()); }
    std::string parameter(const char* name) const;  // A reported setting, "server_version", …
    // Whether search_path could not travel with the connection request.
    bool lacks_search_path() const { return lacks_search_path_; }
    // An end of the line noticed while nobody was using it. Reads what is there.
    bool closed_by_server();

    // Whose stop requests interrupt statements; null: those named at open().
    void obey(const Cancellation* cancellation) { cancellation_ = cancellation == nullptr ? usual_ : cancellation; }
    void on_notice(NoticeHandler handler) { notice_handler_ = std::move(handler); }
    // Called about every 100 ms while a statement runs, with the time since it
    // was sent.
    void on_wait(std::function<void(Clock::duration)> hook) { wait_hook_ = std::move(hook); }

    // Sends `text` as one simple query and returns once it is on its way. The
    // results must be read to the end before the next call.
    Result<void> send(const std::string& text, Rows rows);
    // The next result. Fails only when the connection is lost: kUnavailable.
    Result<Answer> receive(Stopping stopping);
    // send() and receive() to the end; the first error that the server sent, if
    // any, as an Error. Results without rows are left out.
    Result<std::vector<ResultHandle>> query(const std::string& text, Stopping stopping = Stopping::kWaits);

    // While the server waits for COPY data (a result of PGRES_COPY_IN). False: it
    // wants no more, receive() tells why.
    Result<bool> put_copy_data(std::string_view data);
    // `refusal`, when not null, makes the server fail the COPY.
    Result<void> end_copy(const char* refusal);

    // While the server sends COPY data (a result of PGRES_COPY_OUT): reads and drops it.
    Result<void> drop_copy_data(Stopping stopping);

    // kCancelled or kTimedOut when a stop is requested.
    Result<void> check_stop() const;
    // What to report of a statement that failed with `error`: that a stop was
    // requested, where that is why the server gave it up. A time limit keeps the
    // statement's place.
    Error why_failed(Error error) const;
    // Asks the server to give up the statement that runs.
    void interrupt();

private:
    Connection(ConnectionHandle raw, const Cancellation* cancellation);

    static Result<ConnectionHandle> connect(const Keywords& keywords, std::chrono::milliseconds limit,
                                            const Cancellation* cancellation);
    static void receive_notice(void* self, const PGresult* result);

    Result<void> flush();
    Result<void> wait_until_ready(Stopping stopping);
    Result<void> consume();
    void interrupt_on_stop(Stopping stopping);
    Result<void> wait_for_input(Stopping stopping);
    Error lost();

    ConnectionHandle raw_;
    const Cancellation* const usual_;
    const Cancellation* cancellation_;
    NoticeHandler notice_handler_;
    std::function<void(Clock::duration)> wait_hook_;
    Clock::time_point sent_at_;
    Clock::time_point give_up_at_;
    bool interrupted_ = false;
    bool dead_ = false;
    bool lacks_search_path_ = false;
    std::string last_words_;  // Of a server that ended the session.
    std::string place_;       // For messages: "user@host:5432/app".
};

}  // namespace godwit::postgres
