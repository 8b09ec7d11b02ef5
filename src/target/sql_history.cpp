#include "target/sql_history.h"

#include <fmt/format.h>

#include "base/text.h"

namespace godwit {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

std::string storable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const size_t valid = find_invalid_utf8(text).value_or(text.size());
        for (const char c : text.substr(0, valid)) {
            if (c == '\0') {
                out += kReplacement;
            } else {
                out += c;
            }
        }
        if (valid < text.size()) {
            out += kReplacement;
        }
        text.remove_prefix(std::min(valid + 1, text.size()));
    }
    return out;
}

std::string doubled(std::string_view text, char quote) {
    std::string out(1, quote);
    for (const char c : text) {
        out += c;
        if (c == quote) {
            out += quote;
        }
    }
    out += quote;
    return out;
}

std::string number_or_null(const std::optional<int64_t>& number) {
    return number ? std::to_string(*number) : "NULL";
}

std::string_view word_of(Direction direction) { return direction == Direction::kUp ? "up" : "down"; }

}  // namespace

std::string sql_literal(Dialect dialect, std::string_view text) {
    const std::string clean = storable(text);
    if (dialect == Dialect::kSqlite || clean.find('\\') == std::string::npos) {
        return doubled(clean, '\'');
    }
    // E'' means the same whatever standard_conforming_strings is.
    std::string escaped;
    for (const char c : clean) {
        escaped += c;
        if (c == '\\') {
            escaped += c;
        }
    }
    return "E" + doubled(escaped, '\'');
}

std::string sql_name(std::string_view name) { return doubled(name, '"'); }

SqlHistory::SqlHistory(Dialect dialect, HistoryLayout layout, std::string_view schema, std::string_view table,
                       HistoryColumns columns)
    : dialect_(dialect), layout_(layout), columns_(columns), key_(sql_literal(dialect, table)) {
    const std::string prefix = schema.empty() ? "" : sql_name(schema) + ".";
    history_ = prefix + sql_name(table);
    journal_ = prefix + "godwit_journal";
    audit_ = prefix + "godwit_audit";
    if (layout_ == HistoryLayout::kAlembic) {
        revisions_ = prefix + "godwit_revisions";
    }
}

std::string SqlHistory::now() const {
    return dialect_ == Dialect::kPostgres ? "now()" : "strftime('%Y-%m-%d %H:%M:%f', 'now')";
}

std::string SqlHistory::milliseconds_since_1970(std::string_view column) const {
    if (dialect_ == Dialect::kPostgres) {
        return fmt::format("CASE WHEN isfinite({0}) THEN (extract(epoch FROM {0}) * 1000)::bigint END", column);
    }
    return fmt::format("CAST(round((julianday({0}) - 2440587.5) * 86400000) AS INTEGER)", column);
}

std::string SqlHistory::execution_time(const RecordChange& change, const ChangeOptions& options) const {
    if (change.execution_time_ms || dialect_ == Dialect::kSqlite) {
        return number_or_null(change.execution_time_ms);
    }
    return fmt::format("(extract(epoch FROM clock_timestamp() - {}) * 1000)::integer",
                       options.started.empty() ? "transaction_timestamp()" : options.started);
}

std::string SqlHistory::create_history() const {
    if (layout_ == HistoryLayout::kAlembic) {
        // To the letter as Alembic makes it.
        return fmt::format(
            "CREATE TABLE IF NOT EXISTS {} (version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))",
            history_);
    }
    return fmt::format(
        "CREATE TABLE IF NOT EXISTS {} (version VARCHAR(50) PRIMARY KEY, "
        "applied_at TIMESTAMP WITH TIME ZONE DEFAULT {}, checksum VARCHAR(64), "
        "execution_time_ms INTEGER, description TEXT)",
        history_, dialect_ == Dialect::kPostgres ? "NOW()" : "CURRENT_TIMESTAMP");
}

std::string SqlHistory::create_revisions() const {
    return fmt::format(
        "CREATE TABLE IF NOT EXISTS {} (history TEXT NOT NULL, version TEXT NOT NULL, "
        "applied_at TIMESTAMP WITH TIME ZONE, checksum VARCHAR(64), execution_time_ms INTEGER, "
        "description TEXT, PRIMARY KEY (history, version))",
        revisions_);
}

std::string SqlHistory::create_journal() const {
    return fmt::format(
        "CREATE TABLE IF NOT EXISTS {} (history TEXT NOT NULL, version TEXT NOT NULL, "
        "direction TEXT NOT NULL, steps_done INTEGER NOT NULL, steps_total INTEGER NOT NULL, "
        "step_hash TEXT NOT NULL, step_text TEXT NOT NULL, error TEXT NOT NULL, owner TEXT NOT NULL, "
        "description TEXT NOT NULL, checksum TEXT NOT NULL, updated_at TIMESTAMP WITH TIME ZONE NOT NULL, "
        "PRIMARY KEY (history, version))",
        journal_);
}

std::string SqlHistory::create_audit() const {
    return fmt::format(
        "CREATE TABLE IF NOT EXISTS {} (run_id TEXT PRIMARY KEY, history TEXT NOT NULL, "
        "started_at TIMESTAMP WITH TIME ZONE NOT NULL, finished_at TIMESTAMP WITH TIME ZONE, "
        "command TEXT NOT NULL, os_user TEXT, db_user TEXT, host TEXT, pid BIGINT, client_address TEXT, "
        "tool_version TEXT, plan TEXT, duration_ms BIGINT, result TEXT NOT NULL, error TEXT)",
        audit_);
}

std::vector<std::string> SqlHistory::create_tables() const {
    std::vector<std::string> statements = {create_history()};
    if (layout_ == HistoryLayout::kAlembic) {
        statements.push_back(create_revisions());
    }
    statements.push_back(create_journal());
    statements.push_back(create_audit());
    return statements;
}

std::string SqlHistory::select_history() const {
    const auto or_null = [](bool has, std::string_view expression) { return has ? expression : "NULL"; };
    const bool alembic = layout_ == HistoryLayout::kAlembic;
    const bool at = columns_.applied_at && (!alembic || columns_.revisions);
    const bool details = !alembic || columns_.revisions;
    std::string from = history_ + " h";
    if (alembic && columns_.revisions) {
        from += fmt::format(" LEFT JOIN {} d ON d.history = {} AND d.version = h.version_num", revisions_, key_);
    }
    const std::string_view table = alembic ? "d" : "h";
    const std::string_view version = alembic ? "h.version_num" : "h.version";
    const std::string applied_at = fmt::format("{}.applied_at", table);
    return fmt::format("SELECT {}, {}, {}, {}, {} FROM {} ORDER BY {}{}", version,
                       or_null(details && columns_.description, fmt::format("{}.description", table)),
                       or_null(details && columns_.checksum, fmt::format("{}.checksum", table)),
                       or_null(at, milliseconds_since_1970(applied_at)),
                       or_null(details && columns_.execution_time_ms, fmt::format("{}.execution_time_ms", table)),
                       from, at ? applied_at + " NULLS FIRST, " : "", version);
}

std::string SqlHistory::select_journal() const {
    return fmt::format(
        "SELECT version, direction, steps_done, steps_total, step_hash, step_text, error, owner, "
        "description, checksum FROM {} WHERE history = {} ORDER BY updated_at, version",
        journal_, key_);
}

std::string SqlHistory::add_to_history(const RecordChange& change, const ChangeOptions& options) const {
    std::string names = "version";
    std::string values = literal(change.version);
    std::string updates;
    const auto set = [&](bool has, std::string_view name, const std::string& value) {
        if (has) {
            names += fmt::format(", {}", name);
            values += ", " + value;
            updates += fmt::format("{}{} = excluded.{}", updates.empty() ? "" : ", ", name, name);
        }
    };
    set(columns_.applied_at, "applied_at", now());
    set(columns_.checksum, "checksum", literal(change.checksum));
    set(columns_.execution_time_ms, "execution_time_ms", execution_time(change, options));
    set(columns_.description, "description", literal(change.description));
    // The script itself may have inserted its row already.
    return fmt::format("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT (version) DO {}", history_, names, values,
                       updates.empty() ? "NOTHING" : "UPDATE SET " + updates);
}

std::string SqlHistory::add_to_revisions(const RecordChange& change, const ChangeOptions& options) const {
    return fmt::format(
        "INSERT INTO {} (history, version, applied_at, checksum, execution_time_ms, description) "
        "VALUES ({}, {}, {}, {}, {}, {}) ON CONFLICT (history, version) DO UPDATE SET "
        "applied_at = excluded.applied_at, checksum = excluded.checksum, "
        "execution_time_ms = excluded.execution_time_ms, description = excluded.description",
        revisions_, key_, literal(change.version), now(), literal(change.checksum),
        execution_time(change, options), literal(change.description));
}

void SqlHistory::move_heads(const RecordChange& change, std::vector<std::string>& statements) const {
    for (const std::string& head : change.heads_removed) {
        statements.push_back(fmt::format("DELETE FROM {} WHERE version_num = {}", history_, literal(head)));
    }
    for (const std::string& head : change.heads_added) {
        statements.push_back(fmt::format("INSERT INTO {} (version_num) VALUES ({}) ON CONFLICT DO NOTHING",
                                         history_, literal(head)));
    }
}

std::string SqlHistory::change_checksum(const RecordChange& change) const {
    if (layout_ == HistoryLayout::kAlembic) {
        return fmt::format(
            "INSERT INTO {} (history, version, checksum) VALUES ({}, {}, {}) "
            "ON CONFLICT (history, version) DO UPDATE SET checksum = excluded.checksum",
            revisions_, key_, literal(change.version), literal(change.checksum));
    }
    return fmt::format("UPDATE {} SET checksum = {} WHERE version = {}", history_, literal(change.checksum),
                       literal(change.version));
}

std::string SqlHistory::write_journal(const RecordChange& change) const {
    return fmt::format(
        "INSERT INTO {} (history, version, direction, steps_done, steps_total, step_hash, step_text, error, "
        "owner, description, checksum, updated_at) VALUES ({}, {}, '{}', {}, {}, {}, {}, {}, {}, {}, {}, {}) "
        "ON CONFLICT (history, version) DO UPDATE SET direction = excluded.direction, "
        "steps_done = excluded.steps_done, steps_total = excluded.steps_total, "
        "step_hash = excluded.step_hash, step_text = excluded.step_text, error = excluded.error, "
        "owner = excluded.owner, description = excluded.description, checksum = excluded.checksum, "
        "updated_at = excluded.updated_at",
        journal_, key_, literal(change.version), word_of(change.direction), change.steps_done,
        change.steps_total, literal(change.step_hash), literal(change.step_text), literal(change.error),
        literal(change.owner), literal(change.description), literal(change.checksum), now());
}

std::string SqlHistory::remove_from_journal(const RecordChange& change) const {
    return fmt::format("DELETE FROM {} WHERE history = {} AND version = {}", journal_, key_,
                       literal(change.version));
}

std::vector<std::string> SqlHistory::change(const RecordChange& change, const ChangeOptions& options) const {
    using Kind = RecordChange::Kind;
    if (change.kind == Kind::kProgress) {
        return {write_journal(change)};
    }
    if (change.kind == Kind::kChecksum) {
        // Without the column there is nothing to compare with either.
        return columns_.checksum ? std::vector<std::string>{change_checksum(change)} : std::vector<std::string>{};
    }
    std::vector<std::string> statements;
    const bool alembic = layout_ == HistoryLayout::kAlembic;
    if (change.kind == Kind::kApplied) {
        if (alembic) {
            move_heads(change, statements);
        }
        statements.push_back(alembic ? add_to_revisions(change, options) : add_to_history(change, options));
    } else if (change.kind == Kind::kReverted) {
        if (alembic) {
            move_heads(change, statements);
        }
        statements.push_back(alembic ? fmt::format("DELETE FROM {} WHERE history = {} AND version = {}", revisions_,
                                                   key_, literal(change.version))
                                     : fmt::format("DELETE FROM {} WHERE version = {}", history_,
                                                   literal(change.version)));
    }
    if (!options.journal_is_empty) {
        statements.push_back(remove_from_journal(change));
    }
    return statements;
}

std::vector<std::string> SqlHistory::purge() const {
    std::vector<std::string> statements = {"DELETE FROM " + history_};
    if (layout_ == HistoryLayout::kAlembic) {
        statements.push_back(fmt::format("DELETE FROM {} WHERE history = {}", revisions_, key_));
    }
    statements.push_back(fmt::format("DELETE FROM {} WHERE history = {}", journal_, key_));
    return statements;
}

std::string SqlHistory::audit_begin(const AuditRecord& record) const {
    const bool postgres = dialect_ == Dialect::kPostgres;
    return fmt::format(
        "INSERT INTO {} (run_id, history, started_at, command, os_user, db_user, host, pid, client_address, "
        "tool_version, plan, result) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
        audit_, literal(record.run_id), key_, now(), literal(record.command), literal(record.user),
        postgres ? "session_user" : "NULL", literal(record.host), record.pid,
        postgres ? "inet_client_addr()::text" : "NULL", literal(record.tool_version), literal(record.plan),
        literal(record.result));
}

std::string SqlHistory::audit_end(const AuditRecord& record) const {
    return fmt::format("UPDATE {} SET finished_at = {}, duration_ms = {}, result = {}, error = {} WHERE run_id = {}",
                       audit_, now(), number_or_null(record.duration_ms), literal(record.result),
                       record.error.empty() ? "NULL" : literal(record.error), literal(record.run_id));
}

}  // namespace godwit
