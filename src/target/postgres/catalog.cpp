#include "target/postgres/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "target/record_faults.h"

namespace godwit::postgres {
namespace {

// pg_type.dat: these numbers never change.
constexpr int64_t kBool = 16, kText = 25, kVarchar = 1043, kName = 19;
constexpr int64_t kInt2 = 21, kInt4 = 23, kInt8 = 20, kNumeric = 1700;
constexpr int64_t kTimestamp = 1114, kTimestamptz = 1184;

constexpr int64_t kChecksumLength = 51;  // "sha256-" and 44 characters of Base64.

struct Column {
    std::string name;
    int64_t type = 0;
    int64_t length = 0;  // Of a VARCHAR(n); 0: without limit.
    bool required = false;
    bool unique = false;

    bool is(std::initializer_list<int64_t> types) const { return std::find(types.begin(), types.end(), type) != types.end(); }
    bool holds_text(int64_t size) const { return is({kText, kVarchar}) && (length == 0 || length >= size); }
};

Error foreign_table(const TableName& history, const std::string& why) {
    return make_error(ErrorCode::kConflict, fmt::format("the table {} cannot serve as the history: {}",
                                                        printable(history.sql()), why))
        .with_remedy("Name another table with `history = \"…\"`, then let `godwit stamp` record what is applied.");
}

bool is_golang_migrate(const std::vector<Column>& columns) {
    const auto has = [&](std::string_view name, std::initializer_list<int64_t> types) {
        return std::any_of(columns.begin(), columns.end(),
                           [&](const Column& each) { return each.name == name && each.is(types); });
    };
    return has("version", {kInt2, kInt4, kInt8, kNumeric}) && has("dirty", {kBool});
}

const std::vector<std::string_view>& own_columns(std::string_view table) {
    static const std::vector<std::string_view> journal = {
        "history",   "version", "direction", "steps_done",  "steps_total", "step_hash",
        "step_text", "error",   "owner",     "description", "checksum",    "updated_at"};
    static const std::vector<std::string_view> audit = {
        "run_id",       "history", "started_at",  "finished_at", "command",
        "os_user",      "db_user", "host",        "pid",         "client_address",
        "tool_version", "plan",    "duration_ms", "result",      "error"};
    static const std::vector<std::string_view> revisions = {"history",  "version",           "applied_at",
                                                            "checksum", "execution_time_ms", "description"};
    return table == "godwit_journal" ? journal : table == "godwit_audit" ? audit : revisions;
}

// A name, quoted or not, from the front of `text`.
Result<std::string> take_name(std::string_view& text) {
    std::string name;
    if (!text.starts_with('"')) {
        const size_t dot = text.find('.');
        name = text.substr(0, dot);
        text.remove_prefix(std::min(dot, text.size()));
    } else {
        size_t i = 1;
        for (; i < text.size(); ++i) {
            if (text[i] == '"' && (i + 1 >= text.size() || text[i + 1] != '"')) break;
            if (text[i] == '"') ++i;
            name += text[i];
        }
        text.remove_prefix(std::min(i + 1, text.size()));
    }
    if (name.empty() || name.find('\0') != std::string::npos) return fail(ErrorCode::kInvalidInput, "a name in it is empty");
    return name;
}

std::vector<Column> read_columns(const ResultHandle& rows) {
    std::vector<Column> columns;
    for (int row = 0; row < PQntuples(rows.get()); ++row) {
        const int64_t modifier = number_field(rows, row, 3);
        columns.push_back({text_field(rows, row, 1), number_field(rows, row, 2), modifier > 4 ? modifier - 4 : 0,
                           bool_field(rows, row, 4), bool_field(rows, row, 5)});
    }
    return columns;
}

// What the columns of a table that is there allow.
Result<HistoryColumns> usable_columns(const TableName& history, HistoryLayout layout,
                                      const std::vector<Column>& columns) {
    const std::string version = layout == HistoryLayout::kAlembic ? "version_num" : "version";
    HistoryColumns usable{false, false, false, false};
    bool has_version = false;
    for (const Column& column : columns) {
        bool known = true;
        if (column.name == version) {
            has_version = true;
            if (!column.is({kText, kVarchar, kName})) return fail(foreign_table(history, "its column " + version + " does not hold text"));
            if (!column.unique) {
                return fail(foreign_table(history, "its column " + version + " is not unique")
                                .with_remedy(fmt::format("ALTER TABLE {} ADD PRIMARY KEY ({}), after looking for "
                                                         "rows that stand twice.", history.sql(), version)));
            }
        } else if (column.name == "applied_at" && column.is({kTimestamp, kTimestamptz})) {
            usable.applied_at = true;
        } else if (column.name == "checksum" && column.holds_text(kChecksumLength)) {
            usable.checksum = true;
        } else if (column.name == "execution_time_ms" && column.is({kInt2, kInt4, kInt8, kNumeric})) {
            usable.execution_time_ms = true;
        } else if (column.name == "description" && column.holds_text(1'000)) {
            usable.description = true;
        } else {
            known = false;
        }
        if (!known && column.required) {
            return fail(foreign_table(history, "its column " + printable(column.name) + " must be filled, and with what is unknown"));
        }
    }
    if (!has_version) return fail(foreign_table(history, "it has no column " + version));
    return usable;
}

}  // namespace

Result<TableName> TableName::parse(std::string_view text) {
    const auto malformed = [&](const std::string& why) {
        return fail(make_error(ErrorCode::kInvalidInput, "the history's name " + printable(text) + " is malformed: " + why)
                        .with_remedy("Write table, schema.table or \"Schema\".\"Table\"."));
    };
    std::string_view rest = text;
    Result<std::string> first = take_name(rest);
    if (!first) return malformed(first.error().message);
    if (rest.empty()) return TableName{"", std::move(first).value()};
    if (!rest.starts_with('.')) return malformed("text after the quotes");
    rest.remove_prefix(1);
    Result<std::string> second = take_name(rest);
    if (!second) return malformed(second.error().message);
    if (!rest.empty()) return malformed("it has more than two parts");
    return TableName{std::move(first).value(), std::move(second).value()};
}

std::string TableName::sql() const { return schema.empty() ? identifier(table) : identifier(schema) + "." + identifier(table); }

std::string describe_session() {
    std::string sql =
        "SELECT pg_catalog.pg_backend_pid(), (SELECT backend_start::text FROM"
        " pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid())), pg_catalog.pg_is_in_recovery(),"
        " pg_catalog.current_schema()";
    for (const std::string_view name : kWatchedSettings) sql += fmt::format(", pg_catalog.current_setting('{}', true)", name);
    return sql;
}

Result<Session> read_session(const Connection& connection, const ResultHandle& row) {
    if (row == nullptr || PQntuples(row.get()) != 1) return fail(ErrorCode::kInternal, "the server did not describe the session");
    Session session;
    session.pid = static_cast<int>(number_field(row, 0, 0));
    session.started = field(row, 0, 1);
    // The client is told the process of the pooler's making, the query runs in another.
    session.pooled = session.pid != connection.announced_pid();
    session.in_recovery = bool_field(row, 0, 2);
    session.current_schema = field(row, 0, 3);
    int column = 4;
    for (const std::string_view name : kWatchedSettings) {
        if (!is_null(row, 0, column)) session.settings.emplace(name, text_field(row, 0, column));
        ++column;
    }
    return session;
}

std::string describe_record(const TableName& history) {
    const std::string table = literal(history.sql());
    const std::string schema = history.schema.empty()
                                   ? "pg_catalog.to_regnamespace(pg_catalog.quote_ident(pg_catalog.current_schema()))"
                                   : "pg_catalog.to_regnamespace(" + literal(identifier(history.schema)) + ")";
    return fmt::format(
        "SELECT n.nspname, a.attname, a.atttypid::int, a.atttypmod,"
        " a.attnotnull AND NOT a.atthasdef AND a.attidentity = '',"
        " c.relkind = 'v' OR EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = a.attrelid AND "
        "i.indisunique"
        " AND i.indisvalid AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum AND i.indpred IS NULL)"
        " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.oid = pg_catalog.to_regclass({0});"
        "SELECT c.relname, (SELECT string_agg(a.attname, ',') FROM pg_catalog.pg_attribute a"
        " WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) FROM pg_catalog.pg_class c"
        " WHERE c.relname IN ('godwit_journal', 'godwit_revisions', 'godwit_audit')"
        " AND c.relkind IN ('r', 'p', 'v', 'f') AND c.relnamespace ="
        " coalesce((SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass({0})), "
        "{1})",
        table, schema);
}

Result<RecordShape> read_record_shape(const TableName& history, HistoryLayout layout, const Session& session,
                                      const ResultHandle& columns, const ResultHandle& tables) {
    RecordShape shape;
    shape.schema = history.schema.empty() ? session.current_schema : history.schema;
    if (PQntuples(columns.get()) > 0) {
        shape.history = true;
        shape.schema = field(columns, 0, 0);
        const std::vector<Column> found = read_columns(columns);
        shape.golang_migrate = layout != HistoryLayout::kAlembic && is_golang_migrate(found);
        if (!shape.golang_migrate) shape.columns = TRY(usable_columns(history, layout, found));
    }
    for (int row = 0; row < PQntuples(tables.get()); ++row) {
        const std::string_view name = field(tables, row, 0);
        std::set<std::string> names;
        for (const std::string_view column : split(field(tables, row, 1), ',')) names.emplace(column);
        CHECK(check_own_table(name, own_columns(name), names));
        shape.journal = shape.journal || name == "godwit_journal";
        shape.revisions = shape.revisions || name == "godwit_revisions";
        shape.audit = shape.audit || name == "godwit_audit";
    }
    return shape;
}

}  // namespace godwit::postgres
