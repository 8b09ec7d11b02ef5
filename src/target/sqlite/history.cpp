#include "target/sqlite/history.h"

#include <fmt/format.h>

#include <optional>
#include <set>

#include "base/text.h"
#include "target/record_faults.h"

namespace godwit::sqlite {
namespace {

constexpr std::string_view kNow = "strftime('%Y-%m-%d %H:%M:%f','now')";
constexpr std::string_view kMilliseconds = "CAST(round((julianday({0}) - 2440587.5) * 86400000) AS INTEGER)";

constexpr std::string_view kJournal =
    "CREATE TABLE IF NOT EXISTS godwit_journal (history TEXT NOT NULL, version TEXT NOT NULL, direction TEXT NOT NULL,"
    " steps_done INTEGER NOT NULL, steps_total INTEGER NOT NULL, step_hash TEXT, step_text TEXT, checksum TEXT,"
    " description TEXT, error TEXT, owner TEXT, updated_at TEXT NOT NULL, PRIMARY KEY (history, version))";
constexpr std::string_view kAudit =
    "CREATE TABLE IF NOT EXISTS godwit_audit (run_id TEXT PRIMARY KEY, history TEXT NOT NULL, started_at TEXT NOT NULL,"
    " finished_at TEXT, command TEXT NOT NULL, os_user TEXT, host TEXT, pid INTEGER, tool_version TEXT, plan TEXT,"
    " duration_ms INTEGER, result TEXT NOT NULL, error TEXT)";
constexpr std::string_view kRevisions =
    "CREATE TABLE IF NOT EXISTS godwit_revisions (history TEXT NOT NULL, version TEXT NOT NULL, applied_at TEXT,"
    " checksum VARCHAR(64), execution_time_ms INTEGER, description TEXT, PRIMARY KEY (history, version))";

struct OwnTable {
    std::string_view name;
    std::vector<std::string_view> columns;
};

const std::vector<OwnTable>& own_tables() {
    static const std::vector<OwnTable> tables = {
        {"godwit_journal",
         {"history", "version", "direction", "steps_done", "steps_total", "step_hash", "step_text",
          "checksum", "description", "error", "owner", "updated_at"}},
        {"godwit_audit",
         {"run_id", "history", "started_at", "finished_at", "command", "os_user", "host", "pid",
          "tool_version", "plan", "duration_ms", "result", "error"}},
        {"godwit_revisions",
         {"history", "version", "applied_at", "checksum", "execution_time_ms", "description"}},
    };
    return tables;
}

Result<std::set<std::string>> columns_of(Connection& db, std::string_view table) {
    Statement statement = TRY(db.prepare("SELECT name FROM pragma_table_info(?1)"));
    statement.bind(table);
    std::set<std::string> names;
    while (TRY(statement.step())) names.insert(statement.text(0));
    return names;
}

Error wrong_shape(const std::string& table, const std::string& version) {
    return make_error(ErrorCode::kConflict,
                      "the table " + table + " is not a migration history: it has no column " + version)
        .with_remedy("Name another table (history = \"…\" in godwit.toml), or choose history_layout.");
}

Timestamp from_milliseconds(int64_t ms) { return Timestamp(std::chrono::milliseconds(ms)); }

}  // namespace

std::string History::details_table() const {
    return layout_ == HistoryLayout::kAlembic ? "godwit_revisions" : table_;
}

Result<bool> History::has_table(Connection& db, std::string_view name) const {
    Statement statement = TRY(db.prepare("SELECT 1 FROM sqlite_master WHERE type IN ('table','view') AND name = ?1"));
    return statement.bind(name).step();
}

Result<History::Columns> History::columns(Connection& db) const {
    const std::set<std::string> names = TRY(columns_of(db, table_));
    const bool alembic = layout_ == HistoryLayout::kAlembic;
    const std::string version = alembic ? "version_num" : "version";
    if (!names.empty() && !names.contains(version)) return fail(wrong_shape(table_, version));
    if (!alembic && names.contains("dirty")) CHECK(refuse_golang_migrate(db));
    return Columns{!names.empty(), names.contains("applied_at"), names.contains("checksum"),
                   names.contains("execution_time_ms"), names.contains("description")};
}

Result<void> History::refuse_golang_migrate(Connection& db) const {
    Statement statement =
        TRY(db.prepare(fmt::format("SELECT version, dirty FROM {} LIMIT 1", quote_identifier(table_))));
    std::optional<GolangMigrateRow> row;
    if (TRY(statement.step())) row = GolangMigrateRow{statement.text(0), statement.number(1) != 0};
    return fail(golang_migrate_history(table_, row));
}

Result<void> History::check_own_tables(Connection& db) const {
    for (const OwnTable& table : own_tables()) {
        const std::set<std::string> names = TRY(columns_of(db, table.name));
        if (!names.empty()) CHECK(check_own_table(table.name, table.columns, names));
    }
    return {};
}

Result<Ledger> History::read(Connection& db) {
    Ledger ledger;
    ledger.layout = layout_;
    known_ = TRY(columns(db));
    CHECK(check_own_tables(db));
    ledger.exists = known_.table;
    if (known_.table) CHECK(read_history(db, known_, ledger));
    if (known_.table && layout_ == HistoryLayout::kAlembic) CHECK(read_revisions(db, ledger));
    CHECK(read_journal(db, ledger));
    return ledger;
}

Result<void> History::read_history(Connection& db, const Columns& columns, Ledger& ledger) const {
    const bool alembic = layout_ == HistoryLayout::kAlembic;
    const std::string sql =
        fmt::format("SELECT {}, {}, {}, {}, {} FROM {} ORDER BY {}rowid", alembic ? "version_num" : "version",
                    columns.applied_at ? fmt::format(fmt::runtime(kMilliseconds), "applied_at") : "NULL",
                    columns.checksum ? "checksum" : "NULL", columns.execution_time_ms ? "execution_time_ms" : "NULL",
                    columns.description ? "description" : "NULL", quote_identifier(table_),
                    columns.applied_at ? "applied_at, " : "");
    Statement statement = TRY(db.prepare(sql));
    while (TRY(statement.step())) {
        LedgerEntry entry;
        entry.version = statement.text(0);
        if (!statement.is_null(1)) entry.applied_at = from_milliseconds(statement.number(1));
        entry.checksum = statement.text(2);
        if (!statement.is_null(3)) entry.execution_time_ms = statement.number(3);
        entry.description = statement.text(4);
        ledger.add(std::move(entry));
    }
    return {};
}

Result<void> History::read_revisions(Connection& db, Ledger& ledger) const {
    if (!TRY(has_table(db, "godwit_revisions"))) return {};
    Statement statement = TRY(db.prepare(
        fmt::format("SELECT version, {}, checksum, execution_time_ms, description FROM godwit_revisions"
                    " WHERE history = ?1 ORDER BY applied_at, rowid",
                    fmt::format(fmt::runtime(kMilliseconds), "applied_at"))));
    statement.bind(table_);
    while (TRY(statement.step())) {
        LedgerEntry entry;
        entry.version = statement.text(0);
        if (!statement.is_null(1)) entry.applied_at = from_milliseconds(statement.number(1));
        entry.checksum = statement.text(2);
        if (!statement.is_null(3)) entry.execution_time_ms = statement.number(3);
        entry.description = statement.text(4);
        ledger.add_details(std::move(entry));
    }
    return {};
}

Result<void> History::read_journal(Connection& db, Ledger& ledger) const {
    if (!TRY(has_table(db, "godwit_journal"))) return {};
    Statement statement = TRY(db.prepare(
        "SELECT version, direction, steps_done, steps_total, step_hash, step_text, checksum, error, owner, description"
        " FROM godwit_journal WHERE history = ?1 ORDER BY updated_at, rowid"));
    statement.bind(table_);
    while (TRY(statement.step())) {
        LedgerEntry entry;
        if (const LedgerEntry* known = ledger.find(statement.text(0))) entry = *known;
        entry.version = statement.text(0);
        entry.state = statement.text(1) == "down" ? EntryState::kReverting : EntryState::kApplying;
        entry.steps_done = static_cast<int32_t>(statement.number(2));
        entry.steps_total = static_cast<int32_t>(statement.number(3));
        entry.step_hash = statement.text(4);
        entry.step_text = statement.text(5);
        if (!statement.is_null(6)) entry.checksum = statement.text(6);
        entry.error = statement.text(7);
        entry.owner = statement.text(8);
        if (entry.description.empty()) entry.description = statement.text(9);
        ledger.add(std::move(entry));
    }
    return {};
}

Result<void> History::create(Connection& db) {
    const bool alembic = layout_ == HistoryLayout::kAlembic;
    std::string sql;
    if (alembic) {
        sql = fmt::format("CREATE TABLE IF NOT EXISTS {} (version_num VARCHAR(32) NOT NULL, CONSTRAINT {} PRIMARY KEY"
                          " (version_num));{};",
                          quote_identifier(table_), quote_identifier(table_ + "_pkc"), kRevisions);
    } else {
        sql = fmt::format("CREATE TABLE IF NOT EXISTS {} (version VARCHAR(50) PRIMARY KEY, applied_at TIMESTAMP"
                          " DEFAULT CURRENT_TIMESTAMP, checksum VARCHAR(64), execution_time_ms INTEGER,"
                          " description TEXT);",
                          quote_identifier(table_));
    }
    CHECK(db.execute(fmt::format("SAVEPOINT godwit_create;{}{};{};RELEASE godwit_create", sql, kJournal, kAudit)));
    known_ = TRY(columns(db));
    return {};
}

Result<void> History::record(Connection& db, const RecordChange& change, int64_t execution_time_ms) {
    if (db.in_transaction()) return write_change(db, change, execution_time_ms);
    CHECK(db.execute("BEGIN IMMEDIATE"));
    Result<void> done = write_change(db, change, execution_time_ms);
    if (done) done = db.execute("COMMIT");
    if (!done && db.in_transaction()) (void)db.execute("ROLLBACK");
    return done;
}

Result<void> History::write_change(Connection& db, const RecordChange& change, int64_t execution_time_ms) {
    switch (change.kind) {
        case RecordChange::Kind::kProgress: return write_progress(db, change);
        case RecordChange::Kind::kApplied:
            CHECK(add(db, change, execution_time_ms));
            return forget(db, change);
        case RecordChange::Kind::kReverted:
            CHECK(remove(db, change));
            return forget(db, change);
        case RecordChange::Kind::kForgotten: return forget(db, change);
        case RecordChange::Kind::kPurged: return purge(db);
        case RecordChange::Kind::kChecksum: break;
    }
    Statement statement = TRY(db.prepare(fmt::format("UPDATE {} SET checksum = ?1 WHERE version = ?2{}",
                                                     quote_identifier(details_table()),
                                                     layout_ == HistoryLayout::kAlembic ? " AND history = ?3" : "")));
    statement.bind(change.checksum).bind(change.version);
    if (layout_ == HistoryLayout::kAlembic) statement.bind(table_);
    return statement.run();
}

// Adds the row, or completes the one that the migration inserted by itself.
Result<void> History::add(Connection& db, const RecordChange& change, int64_t execution_time_ms) {
    const bool alembic = layout_ == HistoryLayout::kAlembic;
    if (alembic) CHECK(move_heads(db, change));
    std::string names = "version";
    std::string values = "?1";
    std::string updates;
    const auto column = [&](bool there, std::string_view name, std::string_view value) {
        if (!there) return;
        names += fmt::format(", {}", name);
        values += fmt::format(", {}", value);
        updates += fmt::format("{}{} = excluded.{}", updates.empty() ? "" : ", ", name, name);
    };
    column(alembic || known_.checksum, "checksum", "?2");
    column(alembic || known_.execution_time_ms, "execution_time_ms", "?3");
    column(alembic || known_.description, "description", "?4");
    column(alembic || known_.applied_at, "applied_at", kNow);
    column(alembic, "history", "?5");
    const std::string sql = fmt::format("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO {}",
                                        quote_identifier(details_table()), names, values,
                                        alembic ? "history, version" : "version",
                                        updates.empty() ? "NOTHING" : "UPDATE SET " + updates);
    Statement statement = TRY(db.prepare(sql));
    sqlite3_stmt* raw = statement.raw();
    const int parameters = sqlite3_bind_parameter_count(raw);
    statement.bind(change.version);
    if (parameters >= 2) statement.bind(change.checksum);
    if (parameters >= 3) statement.bind(change.execution_time_ms.value_or(execution_time_ms));
    if (parameters >= 4) statement.bind(change.description);
    if (parameters >= 5) statement.bind(table_);
    return statement.run();
}

Result<void> History::remove(Connection& db, const RecordChange& change) {
    const bool alembic = layout_ == HistoryLayout::kAlembic;
    if (alembic) CHECK(move_heads(db, change));
    Statement statement = TRY(db.prepare(fmt::format("DELETE FROM {} WHERE version = ?1{}",
                                                     quote_identifier(details_table()),
                                                     alembic ? " AND history = ?2" : "")));
    statement.bind(change.version);
    if (alembic) statement.bind(table_);
    return statement.run();
}

Result<void> History::move_heads(Connection& db, const RecordChange& change) {
    Statement remove = TRY(db.prepare(fmt::format("DELETE FROM {} WHERE version_num = ?1", quote_identifier(table_))));
    for (const std::string& head : change.heads_removed) CHECK(remove.bind(head).run());
    Statement insert = TRY(db.prepare(fmt::format(
        "INSERT INTO {} (version_num) VALUES (?1) ON CONFLICT (version_num) DO NOTHING", quote_identifier(table_))));
    for (const std::string& head : change.heads_added) CHECK(insert.bind(head).run());
    return {};
}

Result<void> History::write_progress(Connection& db, const RecordChange& change) {
    Statement statement = TRY(db.prepare(fmt::format(
        "INSERT OR REPLACE INTO godwit_journal (history, version, direction, steps_done, steps_total, step_hash,"
        " step_text, checksum, error, owner, description, updated_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, {})",
        kNow)));
    statement.bind(table_).bind(change.version).bind(change.direction == Direction::kUp ? "up" : "down");
    statement.bind(int64_t{change.steps_done}).bind(int64_t{change.steps_total});
    statement.bind(change.step_hash).bind(change.step_text).bind(change.checksum).bind(change.error);
    statement.bind(change.owner).bind(change.description);
    return statement.run();
}

Result<void> History::forget(Connection& db, const RecordChange& change) {
    Statement statement = TRY(db.prepare("DELETE FROM godwit_journal WHERE history = ?1 AND version = ?2"));
    return statement.bind(table_).bind(change.version).run();
}

Result<void> History::purge(Connection& db) {
    CHECK(db.execute(fmt::format("DELETE FROM {}", quote_identifier(table_))));
    for (const char* table : {"godwit_revisions", "godwit_journal"}) {
        if (!TRY(has_table(db, table))) continue;
        Statement statement = TRY(db.prepare(fmt::format("DELETE FROM {} WHERE history = ?1", table)));
        CHECK(statement.bind(table_).run());
    }
    return {};
}

Result<void> History::audit_begin(Connection& db, const AuditRecord& audit) {
    Statement statement = TRY(db.prepare(
        fmt::format("INSERT INTO godwit_audit (run_id, history, started_at, command, os_user, host, pid, tool_version,"
                    " plan, result) VALUES (?1, ?2, {}, ?3, ?4, ?5, ?6, ?7, ?8, 'running')",
                    kNow)));
    statement.bind(audit.run_id).bind(table_).bind(audit.command).bind(audit.user).bind(audit.host).bind(audit.pid);
    return statement.bind(audit.tool_version).bind(audit.plan).run();
}

Result<void> History::audit_end(Connection& db, const AuditRecord& audit) {
    Statement statement = TRY(db.prepare(fmt::format(
        "UPDATE godwit_audit SET finished_at = {}, duration_ms = ?1, result = ?2, error = ?3 WHERE run_id = ?4", kNow)));
    return statement.bind(audit.duration_ms.value_or(0)).bind(audit.result).bind(audit.error).bind(audit.run_id).run();
}

Result<std::vector<std::string>> History::running(Connection& db) {
    if (!TRY(has_table(db, "godwit_audit"))) return std::vector<std::string>{};
    Statement statement = TRY(db.prepare(
        "SELECT os_user || '@' || host || ' pid ' || pid, started_at FROM godwit_audit"
        " WHERE history = ?1 AND result = 'running' ORDER BY rowid DESC LIMIT 1"));
    if (!TRY(statement.bind(table_).step())) return std::vector<std::string>{};
    return std::vector<std::string>{statement.text(0), statement.text(1)};
}

}  // namespace godwit::sqlite
