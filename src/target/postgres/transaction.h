// One transaction on the server, sent in as few messages as memory allows.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "target/postgres/batch.h"
#include "target/postgres/connection.h"

namespace godwit::postgres {

using DataSource = std::function<Result<std::string_view>()>;

// Statements are gathered into messages of several simple queries. While the
// server works on one message the next is gathered, so a small migration, its
// record and COMMIT are one round trip, and a large one never waits for the
// client. An error may therefore surface later than its statement; it always
// names the statement's place. What changes how text is read (SET
// standard_conforming_strings) ends its message, because the server reads a whole
// message before it runs any of it.
//
// Everything that add() takes, runs inside the transaction, or has no effect.
class Transaction {
public:
    // `preamble`: the first statements, after BEGIN. `fence`, if not empty, is sent
    // before the first statement that may read or write.
    Transaction(Connection& connection, std::vector<std::string> preamble, std::string fence, Stopping stopping);
    // Rolls back what is not committed.
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    Result<void> add(std::string_view sql, const SourceSpan& where) { return append(sql, Origin::kScript, where); }
    Result<void> add_own(std::string_view sql, Origin origin = Origin::kRecord) { return append(sql, origin, {}); }
    // COPY … FROM STDIN with its data.
    Result<void> copy(std::string_view sql, const SourceSpan& where, const DataSource& data);

    // How long this object has held statements back before it sent the first.
    std::chrono::milliseconds held_back() const;

    // kInDoubt when the connection was lost while the commit was under way.
    Result<void> commit();
    void roll_back();

private:
    void begin();
    Result<void> gather(std::string_view sql, Origin origin, const SourceSpan& where);
    void put_up_fence(std::string_view next_sql);
    Result<void> append(std::string_view sql, Origin origin, const SourceSpan& where);
    Result<void> flush();
    Result<void> await();
    Result<void> take(const Answer& answer);
    Result<void> feed(const DataSource& data);
    Error explain(const ServerError& server) const;
    Error lost(Error error) const;

    Connection& connection_;
    std::vector<std::string> preamble_;
    std::string fence_;
    Stopping stopping_;
    Batch next_;           // Being gathered.
    Batch sent_;           // Being worked on by the server.
    size_t completed_ = 0; // Of sent_.
    const DataSource* data_ = nullptr;
    std::string last_tag_; // Of the statement completed last: "INSERT 0 1", "COMMIT".
    Connection::Clock::time_point made_at_ = Connection::Clock::now();
    std::optional<Connection::Clock::time_point> first_sent_at_;
    bool begun_ = false;
    bool cut_ = false;     // What is gathered changes how text after it is read.
    bool in_flight_ = false;
    bool committing_ = false;
    bool finished_ = false;
};

}  // namespace godwit::postgres
