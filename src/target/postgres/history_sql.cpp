#include "target/postgres/history_sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace godwit::postgres {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

std::string storable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const size_t valid = find_invalid_utf8(text).value_or(text.size());
        for (const char c : text.substr(0, valid)) c == '\0' ? out.append(kReplacement) : out.append(1, c);
        if (valid < text.size()) out += kReplacement;
        text.remove_prefix(std::min(valid + 1, text.size()));
    }
    return out;
}

std::string doubled(std::string_view text, char quote) {
    std::string out(1, quote);
    for (const char c : text) out.append(c == quote ? 2 : 1, c);
    return out + quote;
}

// Of godwit_revisions: not of a repeatable migration, of which Alembic knows nothing.
constexpr std::string_view kVersioned = "left(version, 3) <> 'R__'";

std::string milliseconds(std::string_view column) {
    return fmt::format("CASE WHEN isfinite({0}) THEN (extract(epoch FROM {0}::timestamptz) * 1000)::bigint END", column);
}

}  // namespace

std::string literal(std::string_view text) {
    const std::string clean = storable(text);
    if (clean.find('\\') == std::string::npos) return doubled(clean, '\'');
    std::string escaped;
    for (const char c : clean) escaped.append(c == '\\' ? 2 : 1, c);
    return "E" + doubled(escaped, '\'');
}

std::string identifier(std::string_view name) { return doubled(name, '"'); }

HistorySql::HistorySql(HistoryLayout layout, std::string_view schema, std::string_view table, HistoryColumns columns)
    : layout_(layout), columns_(columns), key_(literal(table)), table_(table) {
    const std::string prefix = schema.empty() ? "" : identifier(schema) + ".";
    history_ = prefix + identifier(table);
    journal_ = prefix + "godwit_journal";
    audit_ = prefix + "godwit_audit";
    revisions_ = prefix + "godwit_revisions";
}

std::vector<std::string> HistorySql::create_tables() const {
    std::vector<std::string> statements;
    if (layout_ == HistoryLayout::kAlembic) {
        // To the letter as Alembic makes it.
        statements.push_back(fmt::format("CREATE TABLE IF NOT EXISTS {} (version_num VARCHAR(32) NOT NULL,"
                                         " CONSTRAINT {} PRIMARY KEY (version_num))",
                                         history_, identifier(table_ + "_pkc")));
        statements.push_back(fmt::format("CREATE TABLE IF NOT EXISTS {} (history TEXT NOT NULL, version TEXT NOT NULL,"
                                         " applied_at TIMESTAMP WITH TIME ZONE, checksum VARCHAR(64),"
                                         " execution_time_ms INTEGER, description TEXT, PRIMARY KEY (history, version))",
                                         revisions_));
    } else {
        statements.push_back(fmt::format("CREATE TABLE IF NOT EXISTS {} (version VARCHAR(50) PRIMARY KEY,"
                                         " applied_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(), checksum VARCHAR(64),"
                                         " execution_time_ms INTEGER, description TEXT)",
                                         history_));
    }
    statements.push_back(fmt::format("CREATE TABLE IF NOT EXISTS {} (history TEXT NOT NULL, version TEXT NOT NULL,"
                                     " direction TEXT NOT NULL, steps_done INTEGER NOT NULL,"
                                     " steps_total INTEGER NOT NULL, step_hash TEXT NOT NULL, step_text TEXT NOT NULL,"
                                     " error TEXT NOT NULL, owner TEXT NOT NULL, description TEXT NOT NULL,"
                                     " checksum TEXT NOT NULL, updated_at TIMESTAMP WITH TIME ZONE NOT NULL,"
                                     " PRIMARY KEY (history, version))",
                                     journal_));
    statements.push_back(fmt::format("CREATE TABLE IF NOT EXISTS {} (run_id TEXT PRIMARY KEY, history TEXT NOT NULL,"
                                     " started_at TIMESTAMP WITH TIME ZONE NOT NULL,"
                                     " finished_at TIMESTAMP WITH TIME ZONE, command TEXT NOT NULL, os_user TEXT,"
                                     " db_user TEXT, host TEXT, pid BIGINT, client_address TEXT, tool_version TEXT,"
                                     " plan TEXT, duration_ms BIGINT, result TEXT NOT NULL, error TEXT)",
                                     audit_));
    return statements;
}

std::string HistorySql::select_history() const {
    if (layout_ == HistoryLayout::kAlembic) {
        return fmt::format("SELECT version_num, NULL, NULL, NULL, NULL FROM {} ORDER BY version_num", history_);
    }
    return fmt::format("SELECT version, {}, {}, {}, {} FROM {} ORDER BY {}version",
                       columns_.applied_at ? milliseconds("applied_at") : "NULL",
                       columns_.checksum ? "checksum" : "NULL",
                       columns_.execution_time_ms ? "execution_time_ms" : "NULL",
                       columns_.description ? "description" : "NULL", history_,
                       columns_.applied_at ? "applied_at NULLS FIRST, " : "");
}

std::string HistorySql::select_revisions() const {
    return fmt::format(
        "SELECT version, {}, CASE WHEN {} AND {} THEN NULL ELSE checksum END, execution_time_ms,"
        " description FROM {} WHERE history = {} ORDER BY applied_at NULLS FIRST, version",
        milliseconds("applied_at"), moved_by_another(), kVersioned, revisions_, key_);
}

// We write a head and its row here in one transaction, so they show the same
// xmin. A head that does not was moved by Alembic: down and up again, perhaps,
// with files that were edited in between.
std::string HistorySql::moved_by_another() const {
    return fmt::format(
        "EXISTS (SELECT FROM {} AS head LEFT JOIN {} AS known ON known.history = {} AND known.version ="
        " head.version_num WHERE known.xmin IS DISTINCT FROM head.xmin)",
        history_, revisions_, key_);
}

// Before heads are moved, which would hide that another has moved them.
std::string HistorySql::forget_checksums_if_moved() const {
    return fmt::format(
        "UPDATE {} SET checksum = NULL WHERE history = {} AND checksum IS NOT NULL AND {} AND {}", revisions_,
        key_, kVersioned, moved_by_another());
}

std::string HistorySql::select_journal() const {
    return fmt::format("SELECT version, direction, steps_done, steps_total, step_hash, step_text, error, owner,"
                       " description, checksum FROM {} WHERE history = {} ORDER BY updated_at, version",
                       journal_, key_);
}

std::string HistorySql::execution_time(const RecordChange& change, const ChangeOptions& options) const {
    if (change.execution_time_ms) return std::to_string(std::min<int64_t>(*change.execution_time_ms, INT32_MAX));
    return fmt::format("(extract(epoch FROM clock_timestamp() - {}) * 1000)::integer + {}",
                       options.started.empty() ? "transaction_timestamp()" : options.started, options.before_start_ms);
}

std::string HistorySql::add_to_history(const RecordChange& change, const ChangeOptions& options) const {
    std::string names = "version";
    std::string values = literal(change.version);
    std::string updates;
    const auto set = [&](bool there, std::string_view name, const std::string& value) {
        if (!there) return;
        names += fmt::format(", {}", name);
        values += ", " + value;
        updates += fmt::format("{}{} = excluded.{}", updates.empty() ? "" : ", ", name, name);
    };
    // Not now(): with several migrations in one transaction their order would be lost.
    set(columns_.applied_at, "applied_at", "clock_timestamp()");
    set(columns_.checksum, "checksum", literal(change.checksum));
    set(columns_.execution_time_ms, "execution_time_ms", execution_time(change, options));
    set(columns_.description, "description", literal(change.description));
    // The script itself may have inserted its row already.
    return fmt::format("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT (version) DO {}", history_, names, values,
                       updates.empty() ? "NOTHING" : "UPDATE SET " + updates);
}

std::string HistorySql::add_to_revisions(const RecordChange& change, const ChangeOptions& options) const {
    return fmt::format("INSERT INTO {} (history, version, applied_at, checksum, execution_time_ms, description)"
                       " VALUES ({}, {}, clock_timestamp(), {}, {}, {}) ON CONFLICT (history, version) DO UPDATE SET"
                       " applied_at = excluded.applied_at, checksum = excluded.checksum,"
                       " execution_time_ms = excluded.execution_time_ms, description = excluded.description",
                       revisions_, key_, literal(change.version), literal(change.checksum),
                       execution_time(change, options), literal(change.description));
}

void HistorySql::move_heads(const RecordChange& change, std::vector<std::string>& statements) const {
    statements.push_back(forget_checksums_if_moved());
    for (const std::string& head : change.heads_removed) {
        statements.push_back(fmt::format("DELETE FROM {} WHERE version_num = {}", history_, literal(head)));
    }
    for (const std::string& head : change.heads_added) {
        statements.push_back(fmt::format("INSERT INTO {} (version_num) VALUES ({}) ON CONFLICT DO NOTHING", history_,
                                         literal(head)));
        statements.push_back(
            fmt::format("INSERT INTO {} (history, version) VALUES ({}, {}) ON CONFLICT (history, version)"
                        " DO UPDATE SET version = excluded.version",
                        revisions_, key_, literal(head)));
    }
}

void HistorySql::add(const RecordChange& change, const ChangeOptions& options,
                     std::vector<std::string>& statements) const {
    if (layout_ == HistoryLayout::kAlembic) {
        move_heads(change, statements);
        statements.push_back(add_to_revisions(change, options));
    } else {
        statements.push_back(add_to_history(change, options));
    }
}

void HistorySql::remove(const RecordChange& change, std::vector<std::string>& statements) const {
    if (layout_ == HistoryLayout::kAlembic) {
        move_heads(change, statements);
        statements.push_back(fmt::format("DELETE FROM {} WHERE history = {} AND version = {}", revisions_, key_,
                                         literal(change.version)));
    } else {
        statements.push_back(fmt::format("DELETE FROM {} WHERE version = {}", history_, literal(change.version)));
    }
}

void HistorySql::change_checksum(const RecordChange& change, std::vector<std::string>& statements) const {
    const std::string version = literal(change.version);
    const std::string checksum = literal(change.checksum);
    if (layout_ != HistoryLayout::kAlembic) {
        // Without the column there is nothing to compare with either.
        if (!columns_.checksum) return;
        statements.push_back(
            fmt::format("UPDATE {} SET checksum = {} WHERE version = {}", history_, checksum, version));
        return;
    }
    statements.push_back(forget_checksums_if_moved());
    statements.push_back(
        fmt::format("INSERT INTO {} (history, version, checksum) VALUES ({}, {}, {})"
                    " ON CONFLICT (history, version) DO UPDATE SET checksum = excluded.checksum",
                    revisions_, key_, version, checksum));
    statements.push_back(
        fmt::format("UPDATE {} SET version_num = version_num WHERE version_num = {}", history_, version));
}

std::string HistorySql::write_journal(const RecordChange& change) const {
    return fmt::format(
        "INSERT INTO {} (history, version, direction, steps_done, steps_total, step_hash, step_text, error, owner,"
        " description, checksum, updated_at) VALUES ({}, {}, '{}', {}, {}, {}, {}, {}, {}, {}, {}, clock_timestamp())"
        " ON CONFLICT (history, version) DO UPDATE SET direction = excluded.direction,"
        " steps_done = excluded.steps_done, steps_total = excluded.steps_total, step_hash = excluded.step_hash,"
        " step_text = excluded.step_text, error = excluded.error, owner = excluded.owner,"
        " description = excluded.description, checksum = excluded.checksum, updated_at = excluded.updated_at",
        journal_, key_, literal(change.version), change.direction == Direction::kUp ? "up" : "down", change.steps_done,
        change.steps_total, literal(change.step_hash), literal(change.step_text), literal(change.error),
        literal(change.owner), literal(change.description), literal(change.checksum));
}

std::vector<std::string> HistorySql::change(const RecordChange& change, const ChangeOptions& options) const {
    using Kind = RecordChange::Kind;
    std::vector<std::string> statements;
    switch (change.kind) {
        case Kind::kProgress: return {write_journal(change)};
        case Kind::kChecksum:
            change_checksum(change, statements);
            return statements;
        case Kind::kApplied: add(change, options, statements); break;
        case Kind::kReverted: remove(change, statements); break;
        case Kind::kForgotten: break;
        case Kind::kPurged: return purge();
    }
    if (!options.journal_is_empty) {
        statements.push_back(
            fmt::format("DELETE FROM {} WHERE history = {} AND version = {}", journal_, key_, literal(change.version)));
    }
    return statements;
}

std::vector<std::string> HistorySql::purge() const {
    std::vector<std::string> statements = {"DELETE FROM " + history_};
    if (layout_ == HistoryLayout::kAlembic) {
        statements.push_back(fmt::format("DELETE FROM {} WHERE history = {}", revisions_, key_));
    }
    statements.push_back(fmt::format("DELETE FROM {} WHERE history = {}", journal_, key_));
    return statements;
}

std::string HistorySql::audit_begin(const AuditRecord& record) const {
    return fmt::format("INSERT INTO {} (run_id, history, started_at, command, os_user, db_user, host, pid,"
                       " client_address, tool_version, plan, result) VALUES ({}, {}, now(), {}, {}, session_user, {},"
                       " {}, inet_client_addr()::text, {}, {}, {})",
                       audit_, literal(record.run_id), key_, literal(record.command), literal(record.user),
                       literal(record.host), record.pid, literal(record.tool_version), literal(record.plan),
                       literal(record.result));
}

std::string HistorySql::audit_end(const AuditRecord& record) const {
    return fmt::format("UPDATE {} SET finished_at = now(), duration_ms = {}, result = {}, error = {} WHERE run_id = {}",
                       audit_, record.duration_ms ? std::to_string(*record.duration_ms) : "NULL",
                       literal(record.result), record.error.empty() ? "NULL" : literal(record.error),
                       literal(record.run_id));
}

std::string HistorySql::forced_out_by(std::string_view run_id) const {
    return fmt::format(
        "SELECT concat_ws('@', os_user, host) FROM {0} WHERE history = {1} AND command = 'unlock'"
        " AND result <> 'failed' AND started_at >= (SELECT started_at FROM {0} WHERE run_id = {2})"
        " ORDER BY started_at DESC LIMIT 1",
        audit_, key_, literal(run_id));
}

}  // namespace godwit::postgres
