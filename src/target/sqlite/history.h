// The record inside a SQLite database: history, journal and audit tables.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/ledger.h"
#include "target/sqlite/connection.h"

namespace godwit::sqlite {

// Reads and writes the tables that the module docs/history.md describes:
//   <history>        as document and layout say
//   godwit_revisions what alembic_version has no columns for
//   godwit_journal   what is in flight; empty when nothing is wrong
//   godwit_audit     a row for each run that changed something
// A history table made by another tool may lack columns other than the version.
class History {
public:
    History(std::string table, HistoryLayout layout) : table_(std::move(table)), layout_(layout) {}

    Result<Ledger> read(Connection& db);
    Result<void> create(Connection& db);
    // Inside the caller's transaction, or in its own when there is none.
    Result<void> record(Connection& db, const RecordChange& change, int64_t execution_time_ms);
    Result<void> audit_begin(Connection& db, const AuditRecord& audit);
    Result<void> audit_end(Connection& db, const AuditRecord& audit);
    // The newest run that has begun and not ended: {who, since}; empty when there is none.
    Result<std::vector<std::string>> running(Connection& db);

private:
    struct Columns {
        bool table = false;
        bool applied_at = false;
        bool checksum = false;
        bool execution_time_ms = false;
        bool description = false;
    };
    Result<Columns> columns(Connection& db) const;
    Result<void> refuse_golang_migrate(Connection& db) const;
    Result<void> check_own_tables(Connection& db) const;
    Result<bool> has_table(Connection& db, std::string_view name) const;
    Result<void> read_history(Connection& db, const Columns& columns, Ledger& ledger) const;
    Result<void> read_revisions(Connection& db, Ledger& ledger) const;
    Result<void> read_journal(Connection& db, Ledger& ledger) const;
    Result<void> write_change(Connection& db, const RecordChange& change, int64_t execution_time_ms);
    Result<void> add(Connection& db, const RecordChange& change, int64_t execution_time_ms);
    Result<void> remove(Connection& db, const RecordChange& change);
    Result<void> move_heads(Connection& db, const RecordChange& change);
    Result<void> write_progress(Connection& db, const RecordChange& change);
    Result<void> forget(Connection& db, const RecordChange& change);
    Result<void> purge(Connection& db);
    std::string details_table() const;

    std::string table_;
    HistoryLayout layout_;
    Columns known_;  // As of the last read or create.
};

}  // namespace godwit::sqlite
