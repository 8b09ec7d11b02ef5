// Reads the record, and turns changes of it into statements for this session.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/ledger.h"
#include "target/postgres/server.h"
#include "target/postgres/transaction.h"

namespace godwit::postgres {

class Record {
public:
    // `server` outlives it.
    Record(Server& server, HistoryLayout layout) : server_(server), layout_(layout) {}

    // One round trip: for a session that has just begun where the history is as
    // Godwit makes it and the journal empty (else two or three), and for an older
    // one, where the tables are looked up again only when they turn out to have
    // changed.
    Result<Ledger> read();
    // The statements that create what is missing; the caller runs them in one
    // transaction and then calls created().
    std::vector<std::string> create() const;
    Result<void> created();

    // Adds what a change needs to `transaction`. `disturbed`: whether the
    // transaction or an earlier one may have changed session settings.
    Result<void> add(Transaction& transaction, const RecordChange& change, bool disturbed, std::string_view started);

    HistorySql sql() const { return {layout_, server_.shape().schema, server_.history().table, server_.shape().columns}; }

private:
    Result<std::optional<Ledger>> read_at_first_sight();
    Result<Ledger> read_once(Connection& connection);

    Server& server_;
    HistoryLayout layout_;
    // Whether the journal had no row when read, and none was written since.
    bool journal_is_empty_ = false;
};

}  // namespace godwit::postgres
