// The SQL of the record (history, journal, audit table) as text. Pure: who
// sends it, when, and in which transaction is decided elsewhere.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/ledger.h"

namespace godwit::postgres {

// `text` as a literal that means the same whatever standard_conforming_strings
// is. What PostgreSQL cannot store (NUL, bytes that are not UTF-8) becomes U+FFFD.
std::string literal(std::string_view text);
// `name` as a quoted identifier.
std::string identifier(std::string_view name);

// Which of its optional columns the history has: a table made by another tool
// may have the version alone, and is then used as it is.
struct HistoryColumns {
    bool applied_at = true;
    bool checksum = true;
    bool execution_time_ms = true;
    bool description = true;
};

// How a change is to be written.
struct ChangeOptions {
    // Leaves out the removal from the journal where nothing can be in it.
    bool journal_is_empty = false;
    // When the migration was begun, an expression; used where RecordChange has no
    // execution_time_ms. Empty: the transaction's start.
    std::string_view started = {};
    // To be added: what passed before the server knew of it.
    int64_t before_start_ms = 0;
};

// The tables, all in one schema:
//   history          kSchemaMigrations: version, applied_at, checksum,
//                    execution_time_ms, description.
//                    kAlembic: version_num, as Alembic itself makes it.
//   godwit_revisions kAlembic only: what alembic_version has no columns for.
//   godwit_journal   what is in flight, by history and version.
//   godwit_audit     a row for each run that changed something or tried to.
class HistorySql {
public:
    // `schema` and `table` unquoted; an empty schema leaves the names unqualified.
    HistorySql(HistoryLayout layout, std::string_view schema, std::string_view table, HistoryColumns columns = {});

    const std::string& history_table() const { return history_; }  // Quoted and qualified.
    HistoryLayout layout() const { return layout_; }

    // Statements that create what is missing; harmless when nothing is.
    std::vector<std::string> create_tables() const;

    // Rows in order of application: version, applied_at (milliseconds since 1970,
    // UTC), checksum, execution_time_ms, description. All but the version may be NULL.
    std::string select_history() const;
    // The same of godwit_revisions.
    std::string select_revisions() const;
    // Rows: version, direction ('up' or 'down'), steps_done, steps_total,
    // step_hash, step_text, error, owner, description, checksum. None is NULL.
    std::string select_journal() const;

    // The statements of one change, to be run in one transaction.
    std::vector<std::string> change(const RecordChange& change, const ChangeOptions& options = {}) const;

    std::string audit_begin(const AuditRecord& record) const;
    std::string audit_end(const AuditRecord& record) const;
    // At most one row: who freed the lock by force since that run began.
    std::string forced_out_by(std::string_view run_id) const;

private:
    std::vector<std::string> purge() const;
    std::string execution_time(const RecordChange& change, const ChangeOptions& options) const;
    std::string add_to_history(const RecordChange& change, const ChangeOptions& options) const;
    std::string add_to_revisions(const RecordChange& change, const ChangeOptions& options) const;
    void add(const RecordChange& change, const ChangeOptions& options, std::vector<std::string>& statements) const;
    void remove(const RecordChange& change, std::vector<std::string>& statements) const;
    void move_heads(const RecordChange& change, std::vector<std::string>& statements) const;
    std::string moved_by_another() const;
    std::string forget_checksums_if_moved() const;
    void change_checksum(const RecordChange& change, std::vector<std::string>& statements) const;
    std::string write_journal(const RecordChange& change) const;

    HistoryLayout layout_;
    HistoryColumns columns_;
    std::string key_;    // The history's name as a literal: tells apart the rows of several histories.
    std::string table_;  // Unquoted.
    std::string history_;
    std::string journal_;
    std::string audit_;
    std::string revisions_;
};

}  // namespace godwit::postgres
