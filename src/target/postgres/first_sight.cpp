#include "target/postgres/first_sight.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

#include "base/text.h"

namespace godwit::postgres {
namespace {

constexpr int64_t kSecond = 1'000'000;  // In microseconds.

// The columns that HistorySql::create_tables() gives the history. Types: pg_type.dat.
struct OwnColumn {
    std::string_view name;
    Oid type;
    int modifier;  // Of VARCHAR(n): n + 4.
};
constexpr std::array<OwnColumn, 5> kOwnColumns = {{{"version", 1043, 54},
                                                   {"applied_at", 1184, -1},
                                                   {"checksum", 1043, 68},
                                                   {"execution_time_ms", 23, -1},
                                                   {"description", 25, -1}}};

// Those that it gives the journal.
constexpr std::string_view kJournalColumns =
    "history,version,direction,steps_done,steps_total,step_hash,step_text,error,owner,description,checksum,updated_at";

bool is_our_own(const PGresult* history) {
    if (PQnfields(history) != static_cast<int>(kOwnColumns.size())) return false;
    for (int i = 0; i < PQnfields(history); ++i) {
        const OwnColumn& own = kOwnColumns[static_cast<size_t>(i)];
        if (own.name != PQfname(history, i) || own.type != PQftype(history, i) || own.modifier != PQfmod(history, i)) return false;
    }
    return true;
}

// Reads a text from its front; once something is not as expected, `good` stays false.
struct Reader {
    std::string_view rest;
    bool good = true;

    int64_t digits(size_t count) {
        good = good && rest.size() >= count;
        int64_t number = 0;
        for (size_t i = 0; good && i < count; ++i) {
            good = rest[i] >= '0' && rest[i] <= '9';
            number = number * 10 + (rest[i] - '0');
        }
        if (good) rest.remove_prefix(count);
        return number;
    }
    bool take(char c) {
        if (!rest.starts_with(c)) return false;
        rest.remove_prefix(1);
        return true;
    }
    void expect(char c) { good = take(c) && good; }

    int64_t fraction() {
        const size_t count = std::min(rest.find_first_not_of("0123456789"), rest.size());
        int64_t number = digits(count);
        for (size_t i = count; i < 6; ++i) number *= 10;
        good = good && count >= 1 && count <= 6;
        return number;
    }
    // Seconds east of Greenwich.
    int64_t zone() {
        const bool west = rest.starts_with('-');
        if (!west) {
            expect('+');
        } else {
            take('-');
        }
        int64_t seconds = digits(2) * 3600;
        if (take(':')) seconds += digits(2) * 60;
        if (take(':')) seconds += digits(2);
        return west ? -seconds : seconds;
    }
};

int64_t rounded_milliseconds(int64_t microseconds) {
    return microseconds < 0 ? -((-microseconds + 500) / 1000) : (microseconds + 500) / 1000;
}

bool is_infinite(int64_t microseconds) {
    return microseconds == std::numeric_limits<int64_t>::max() || microseconds == std::numeric_limits<int64_t>::min();
}

}  // namespace

std::string ask_at_first_sight(const TableName& history) {
    return fmt::format(
        "{}, place.schema, place.history::oid::bigint, place.journal IS NOT NULL,"
        // Of no more than a table's own storage is it known that nothing in it means no row.
        " pg_catalog.pg_relation_filenode(place.journal) IS NOT NULL AND pg_catalog.pg_relation_size(place.journal) = 0,"
        " (SELECT pg_catalog.string_agg(a.attname, ',' ORDER BY a.attnum) FROM pg_catalog.pg_attribute AS a"
        " WHERE a.attrelid = place.journal AND a.attnum > 0 AND NOT a.attisdropped)"
        " FROM (SELECT named.schema, found.history,"
        " pg_catalog.to_regclass(named.schema || '.godwit_journal') AS journal"
        " FROM (SELECT pg_catalog.to_regclass({}) AS history) AS found,"
        " pg_catalog.pg_identify_object('pg_catalog.pg_class'::pg_catalog.regclass, found.history, 0) AS named) AS place;"
        "SELECT * FROM {}",
        describe_session(), literal(history.sql()), history.sql());
}

std::optional<RecordShape> shape_at_first_sight(const Connection& connection, const ResultHandle& session,
                                                const ResultHandle& history) {
    const int place = PQnfields(session.get()) - 5;
    const auto table = static_cast<int64_t>(PQftable(history.get(), 0));
    if (!is_our_own(history.get()) || number_field(session, 0, place + 1) != table) return std::nullopt;
    if (!connection.parameter("DateStyle").starts_with("ISO")) return std::nullopt;
    const Result<TableName> schema = TableName::parse(field(session, 0, place));  // Quoted where need be.
    if (!schema) return std::nullopt;
    RecordShape shape;
    shape.partial = true;
    shape.history = true;
    shape.schema = schema->table;
    shape.journal = bool_field(session, 0, place + 2);
    shape.journal_is_empty = bool_field(session, 0, place + 3);
    if (shape.journal && field(session, 0, place + 4) != kJournalColumns) return std::nullopt;
    return shape;
}

std::optional<Ledger> rows_at_first_sight(const ResultHandle& history) {
    struct Row {
        bool dated;
        int64_t microseconds;
        LedgerEntry entry;
    };
    std::vector<Row> rows;
    const int count = PQntuples(history.get());
    rows.reserve(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) {
        Row row{!is_null(history, i, 1), 0, {}};
        row.entry.version = field(history, i, 0);
        if (row.dated) {
            const std::optional<int64_t> time = microseconds_of(field(history, i, 1));
            if (!time) return std::nullopt;
            row.microseconds = *time;
            if (!is_infinite(*time)) row.entry.applied_at = Timestamp(std::chrono::milliseconds(rounded_milliseconds(*time)));
        }
        row.entry.checksum = field(history, i, 2);
        if (!is_null(history, i, 3)) row.entry.execution_time_ms = number_field(history, i, 3);
        row.entry.description = field(history, i, 4);
        rows.push_back(std::move(row));
    }
    // As HistorySql::select_history() orders them. Mostly they come in this order,
    // and moving them about would cost more than all of the above.
    const auto before = [](const Row& a, const Row& b) {
        return std::tie(a.dated, a.microseconds, a.entry.version) < std::tie(b.dated, b.microseconds, b.entry.version);
    };
    if (!std::is_sorted(rows.begin(), rows.end(), before)) std::stable_sort(rows.begin(), rows.end(), before);
    Ledger ledger;
    ledger.exists = true;
    for (Row& row : rows) ledger.add(std::move(row.entry));
    return ledger;
}

std::optional<int64_t> microseconds_of(std::string_view timestamp) {
    if (timestamp == "infinity") return std::numeric_limits<int64_t>::max();
    if (timestamp == "-infinity") return std::numeric_limits<int64_t>::min();
    Reader reader{timestamp};
    const int64_t year = reader.digits(4);
    reader.expect('-');
    const int64_t month = reader.digits(2);
    reader.expect('-');
    const int64_t day = reader.digits(2);
    reader.expect(' ');
    int64_t seconds = reader.digits(2) * 3600;
    reader.expect(':');
    seconds += reader.digits(2) * 60;
    reader.expect(':');
    seconds += reader.digits(2);
    const int64_t fraction = reader.take('.') ? reader.fraction() : 0;
    seconds -= reader.zone();
    if (!reader.good || !reader.rest.empty()) return std::nullopt;
    const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day)));
    if (!date.ok()) return std::nullopt;
    const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return (days * 86'400 + seconds) * kSecond + fraction;
}

}  // namespace godwit::postgres
