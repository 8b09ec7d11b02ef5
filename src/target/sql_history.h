// The SQL of the record (history, journal, audit table) as text, for the
// targets that speak SQL. Pure: who sends it, when, and in which transaction is
// the target's business.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/ledger.h"
#include "sql/dialect.h"

namespace godwit {

// `text` as a literal. What a database cannot store (NUL, bytes that are not
// UTF-8) becomes U+FFFD.
std::string sql_literal(Dialect dialect, std::string_view text);
// `name` as a quoted identifier.
std::string sql_name(std::string_view name);

// Which of its optional columns the history has: a table made by another tool
// may have the version alone, and is then used as it is.
struct HistoryColumns {
    bool applied_at = true;
    bool checksum = true;
    bool execution_time_ms = true;
    bool description = true;
    // kAlembic: whether godwit_revisions, which keeps the columns above beside
    // alembic_version, is there to be read.
    bool revisions = true;
};

// How a change is to be written.
struct ChangeOptions {
    // Leave out the removal from the journal where nothing can be in it.
    bool journal_is_empty = false;
    // PostgreSQL: an expression for when the migration was begun, used where
    // RecordChange has no execution_time_ms. Empty: the transaction's start.
    std::string_view started = {};
};

// The tables, all in one schema:
//   history          kSchemaMigrations: version, applied_at, checksum,
//                    execution_time_ms, description.
//                    kAlembic: version_num, as Alembic itself makes it.
//   godwit_revisions kAlembic only: what alembic_version has no columns for.
//   godwit_journal   what is in flight, by history and version.
//   godwit_audit     a row for each run that changed something or tried to.
class SqlHistory {
public:
    // `schema` and `table` unquoted; an empty schema leaves names unqualified.
    SqlHistory(Dialect dialect, HistoryLayout layout, std::string_view schema, std::string_view table,
               HistoryColumns columns = {});

    const std::string& history_table() const { return history_; }      // Quoted and qualified.
    const std::string& journal_table() const { return journal_; }
    const std::string& audit_table() const { return audit_; }
    const std::string& revisions_table() const { return revisions_; }  // Empty unless kAlembic.

    // Statements that create what is missing; harmless when nothing is.
    std::vector<std::string> create_tables() const;

    // Rows in order of application: version, description, checksum, applied_at
    // (milliseconds since 1970, UTC), execution_time_ms. All but the version may
    // be NULL.
    std::string select_history() const;
    // Rows: version, direction ('up' or 'down'), steps_done, steps_total,
    // step_hash, step_text, error, owner, description, checksum. None is NULL.
    std::string select_journal() const;

    // The statements of one change, to be run in one transaction.
    std::vector<std::string> change(const RecordChange& change, const ChangeOptions& options = {}) const;
    std::vector<std::string> purge() const;

    // One statement each.
    std::string audit_begin(const AuditRecord& record) const;
    std::string audit_end(const AuditRecord& record) const;

private:
    std::string literal(std::string_view text) const { return sql_literal(dialect_, text); }
    std::string now() const;
    std::string milliseconds_since_1970(std::string_view column) const;
    std::string execution_time(const RecordChange& change, const ChangeOptions& options) const;
    std::string create_history() const;
    std::string create_revisions() const;
    std::string create_journal() const;
    std::string create_audit() const;
    std::string add_to_history(const RecordChange& change, const ChangeOptions& options) const;
    std::string add_to_revisions(const RecordChange& change, const ChangeOptions& options) const;
    void move_heads(const RecordChange& change, std::vector<std::string>& statements) const;
    std::string change_checksum(const RecordChange& change) const;
    std::string write_journal(const RecordChange& change) const;
    std::string remove_from_journal(const RecordChange& change) const;

    Dialect dialect_;
    HistoryLayout layout_;
    HistoryColumns columns_;
    std::string key_;  // The history's name as a literal: tells apart the rows of several histories.
    std::string history_;
    std::string journal_;
    std::string audit_;
    std::string revisions_;
};

}  // namespace godwit
