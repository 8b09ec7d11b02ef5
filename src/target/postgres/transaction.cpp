#include "target/postgres/transaction.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "target/postgres/classifier.h"
#include "target/postgres/places.h"

namespace godwit::postgres {
namespace {

// Large enough that round trips do not count, small enough that two of them and
// libpq's copy stay far below the memory that a run may take.
constexpr size_t kMessageBytes = 256 * 1024;

}  // namespace

Transaction::Transaction(Connection& connection, std::vector<std::string> preamble, std::string fence,
                         Stopping stopping)
    : connection_(connection), preamble_(std::move(preamble)), fence_(std::move(fence)), stopping_(stopping) {}

Transaction::~Transaction() {
    if (!finished_) roll_back();
}

void Transaction::begin() {
    if (std::exchange(begun_, true)) return;
    next_.add("BEGIN", Origin::kOwn, {});
    for (const std::string& statement : preamble_) next_.add(statement, Origin::kOwn, {});
    cut_ = std::any_of(preamble_.begin(), preamble_.end(), changes_reading);
}

// SET TRANSACTION must come before the transaction's first query, and the fence
// is one.
void Transaction::put_up_fence(std::string_view next_sql) {
    if (fence_.empty() || equal_ignoring_case(next_sql.substr(0, 4), "SET ")) return;
    next_.add(fence_, Origin::kFence, {});
    fence_.clear();
}

Result<void> Transaction::gather(std::string_view sql, Origin origin, const SourceSpan& where) {
    begin();
    put_up_fence(sql);
    // Our own statements read the same either way, so they may share its message.
    if (origin == Origin::kScript && std::exchange(cut_, false)) CHECK(flush());
    next_.add(sql, origin, where);
    cut_ = cut_ || changes_reading(sql);
    return {};
}

Result<void> Transaction::append(std::string_view sql, Origin origin, const SourceSpan& where) {
    CHECK(gather(sql, origin, where));
    return next_.text().size() >= kMessageBytes ? flush() : Result<void>();
}

Result<void> Transaction::copy(std::string_view sql, const SourceSpan& where, const DataSource& data) {
    CHECK(gather(sql, Origin::kScript, where));
    CHECK(flush());
    data_ = &data;
    Result<void> done = await();
    data_ = nullptr;
    return done;
}

// Waits for the message before, then sends the one that is gathered.
Result<void> Transaction::flush() {
    CHECK(await());
    if (next_.empty()) return {};
    std::swap(sent_, next_);
    next_.clear();
    completed_ = 0;
    if (!first_sent_at_) first_sent_at_ = Connection::Clock::now();
    if (Result<void> sent = connection_.send(sent_.text(), Rows::kDrop); !sent) return fail(lost(std::move(sent).error()));
    in_flight_ = true;
    return {};
}

std::chrono::milliseconds Transaction::held_back() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(first_sent_at_.value_or(Connection::Clock::now()) - made_at_);
}

Error Transaction::lost(Error error) const {
    if (!committing_ || error.code != ErrorCode::kUnavailable) return error;
    error.code = ErrorCode::kInDoubt;
    error.message += " while the transaction was being committed";
    return error;
}

Result<void> Transaction::await() {
    if (!std::exchange(in_flight_, false)) return {};
    std::optional<Error> failure;
    while (true) {
        Result<Answer> answer = connection_.receive(stopping_);
        // An error before the loss is certain: what follows it in a message never ran.
        if (!answer && failure) break;
        if (!answer) return fail(lost(std::move(answer).error()));
        if (answer->result == nullptr) break;
        if (answer->failed) {
            if (!failure) failure = explain(answer->error);
            continue;
        }
        // A file that fails while its COPY data is read ends the COPY; the server's
        // error then only repeats that.
        if (Result<void> taken = take(*answer); !taken && !failure) {
            failure = std::move(taken).error();
            if (failure->code == ErrorCode::kTimedOut) failure->where = sent_.locate(completed_, {}).where;
        }
    }
    if (!failure) return {};
    return fail(connection_.why_failed(std::move(*failure)));
}

Result<void> Transaction::take(const Answer& answer) {
    switch (PQresultStatus(answer.result.get())) {
        case PGRES_SINGLE_TUPLE: return {};
        case PGRES_COPY_IN:
            if (data_ != nullptr) return feed(*data_);
            return connection_.end_copy("no data follows the statement");
        case PGRES_COPY_OUT: return connection_.drop_copy_data(stopping_);
        default:
            ++completed_;
            last_tag_ = PQcmdStatus(answer.result.get());
            return {};
    }
}

Result<void> Transaction::feed(const DataSource& data) {
    Result<void> read;
    while (true) {
        read = connection_.check_stop();
        if (!read) break;
        Result<std::string_view> piece = data();
        if (!piece) {
            read = fail(std::move(piece).error());
            break;
        }
        if (piece->empty() || !TRY(connection_.put_copy_data(*piece))) break;
    }
    CHECK(connection_.end_copy(read ? nullptr : "the data could not be read"));
    return read;
}

Error Transaction::explain(const ServerError& server) const {
    const Batch::Place place = sent_.locate(completed_, server.position);
    Error error = to_error(server);
    switch (place.origin) {
        case Origin::kScript: error.where = refine(place, server); break;
        case Origin::kRecord: error.message = "the migration could not be recorded: " + error.message; break;
        case Origin::kFence:
            if (server.sqlstate == sqlstate::kDivisionByZero) error = lease_lost();
            break;
        case Origin::kOwn: break;
    }
    return error;
}

Result<void> Transaction::commit() {
    if (!begun_) {
        finished_ = true;
        return {};
    }
    next_.add("COMMIT", Origin::kOwn, {});
    CHECK(await());
    committing_ = true;
    CHECK(flush());
    CHECK(await());
    finished_ = true;
    if (last_tag_ == "COMMIT") return {};
    return fail(ErrorCode::kInternal, "the transaction was ended by something in it: the server answered " + last_tag_);
}

void Transaction::roll_back() {
    finished_ = true;
    if (!begun_ || !connection_.alive()) return;
    if (in_flight_) {
        connection_.interrupt();
        (void)await();
    }
    if (!connection_.alive() || connection_.transaction_status() == PQTRANS_IDLE) return;
    (void)connection_.query("ROLLBACK");
}

}  // namespace godwit::postgres
