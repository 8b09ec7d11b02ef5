#include "target/sqlite/seed_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "base/text.h"
#include "target/record_faults.h"
#include "target/seed_faults.h"
#include "target/sqlite/key_text.h"

namespace godwit::sqlite {
namespace {

constexpr int64_t kRowsBetweenReports = 500;
constexpr int64_t kKeysAtOnce = 1'000;

constexpr std::string_view kRuns =
    "CREATE TABLE IF NOT EXISTS godwit_seeds (run TEXT PRIMARY KEY, history TEXT NOT NULL, purpose TEXT NOT "
    "NULL,"
    " seed TEXT NOT NULL, instant TEXT NOT NULL, environment TEXT, owner TEXT, started_at TEXT NOT NULL)";
constexpr std::string_view kKeys =
    "CREATE TABLE IF NOT EXISTS godwit_seeded (number INTEGER PRIMARY KEY, history TEXT NOT NULL,"
    " table_name TEXT NOT NULL, key TEXT NOT NULL, run TEXT NOT NULL, UNIQUE (history, table_name, key))";

// Numbers that SQLite holds as such are given as such; of others the column's
// affinity decides, so that none loses a digit in a column of text.
void bind_number(Statement& statement, const std::string& text) {
    int64_t whole = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (code == std::errc() && end == text.data() + text.size())
        statement.bind(whole);
    else
        statement.bind(text);
}

void bind_value(Statement& statement, const Value& value) {
    switch (value.kind) {
        case Value::Kind::kNull:
            statement.bind_null();
            return;
        case Value::Kind::kBool:
            statement.bind(int64_t{value.text == "true"});
            return;
        case Value::Kind::kNumber:
            return bind_number(statement, value.text);
        case Value::Kind::kString:
            statement.bind(value.text);
            return;
        case Value::Kind::kBinary:
            statement.bind_blob(value.text);
            return;
        default:
            statement.bind(to_json(value));
    }
}

std::string quoted_list(const std::vector<std::string>& names) {
    std::vector<std::string> quoted;
    for (const std::string& name : names) quoted.push_back(quote_identifier(name));
    return join(quoted, ", ");
}

// "a" = ? AND "b" = ?
std::string key_condition(const std::vector<std::string>& key) {
    std::vector<std::string> parts;
    for (const std::string& name : key) parts.push_back(quote_identifier(name) + " = ?");
    return join(parts, " AND ");
}

std::string key_expression(const std::vector<std::string>& key) {
    std::vector<std::string> parts;
    for (const std::string& name : key) parts.push_back("quote(" + quote_identifier(name) + ")");
    return join(parts, " || ',' || ");
}

const Value* value_of(const SeedRow& row, const std::string& column) {
    for (const ValueMember& field : row.fields) {
        if (equal_ignoring_case(field.name, column)) return &field.value;
    }
    return nullptr;
}

Error placed(Error error, const SeedRow& row) {
    return row.where == nullptr ? std::move(error) : std::move(error).at(*row.where);
}

}  // namespace

struct SqliteSeedStore::Insertion {
    Statement statement;  // One value for each field of the row; returns the key.
};

struct SqliteSeedStore::Table {
    std::string name;
    std::vector<std::string> columns;
    std::vector<std::string> key;  // In the order of the primary key.
    // A foreign key's action may reach other rows when one is deleted.
    std::string acting_child;
    std::map<std::string, Insertion> insertions;  // By the names of the fields.
    std::optional<Statement> find;
    std::optional<Statement> remove;
};

struct SqliteSeedStore::Tracking {
    Statement note;   // history, table, key, run
    Statement known;  // The run of history, table, key.
};

SqliteSeedStore::SqliteSeedStore(std::string history, std::function<Result<Connection*>()> connect)
    : history_(std::move(history)), connect_(std::move(connect)) {}
SqliteSeedStore::~SqliteSeedStore() = default;

Result<void> SqliteSeedStore::transact(Connection& db, const std::function<Result<void>()>& body) {
    CHECK(db.execute("BEGIN IMMEDIATE"));
    Result<void> done = body();
    tables_.clear();  // Their statements would hold the transaction open.
    if (done) done = db.execute("COMMIT");
    if (!done && db.in_transaction()) (void)db.execute("ROLLBACK");
    return done;
}

Result<bool> SqliteSeedStore::has_tables(Connection& db) const {
    for (const auto& [name, wanted] :
         {std::pair<std::string_view, std::vector<std::string_view>>{
              "godwit_seeds",
              {"run", "history", "purpose", "seed", "instant", "environment", "owner", "started_at"}},
          {"godwit_seeded", {"number", "history", "table_name", "key", "run"}}}) {
        Statement statement = TRY(db.prepare("SELECT name FROM pragma_table_info(?1)"));
        statement.bind(name);
        std::set<std::string> columns;
        while (TRY(statement.step())) columns.insert(statement.text(0));
        if (columns.empty()) return false;
        CHECK(check_own_table(name, wanted, columns));
    }
    return true;
}

Result<void> SqliteSeedStore::create_tables(Connection& db) const {
    if (TRY(has_tables(db))) return {};
    CHECK(db.execute(std::string(kRuns)));
    return db.execute(std::string(kKeys));
}

Result<std::optional<SeedRun>> SqliteSeedStore::find_run(const std::string& purpose,
                                                         const std::string& seed) {
    Connection& db = *TRY(connect_());
    if (!TRY(has_tables(db))) return std::nullopt;
    Statement statement =
        TRY(db.prepare("SELECT run, purpose, seed, instant, environment, owner FROM godwit_seeds AS runs"
                       " WHERE history = ? AND purpose = ? AND seed = ? AND EXISTS"
                       " (SELECT 1 FROM godwit_seeded WHERE run = runs.run) ORDER BY rowid DESC"));
    statement.bind(history_).bind(purpose).bind(seed);
    if (!TRY(statement.step())) return std::nullopt;
    return SeedRun{statement.text(0), statement.text(1), statement.text(2),
                   statement.text(3), statement.text(4), statement.text(5)};
}

Result<SqliteSeedStore::Table*> SqliteSeedStore::table(Connection& db, const std::string& name) {
    auto& known = tables_[name];
    if (known != nullptr) return known.get();
    auto made = std::make_unique<Table>();
    made->name = name;
    Statement columns = TRY(db.prepare("SELECT name, pk FROM pragma_table_info(?1)"));
    columns.bind(name);
    std::map<int64_t, std::string> key;
    while (TRY(columns.step())) {
        made->columns.push_back(columns.text(0));
        if (columns.number(1) > 0) key[columns.number(1)] = columns.text(0);
    }
    for (const auto& [position, column] : key) made->key.push_back(column);
    Statement children = TRY(db.prepare(
        "SELECT child.name FROM sqlite_master AS child JOIN pragma_foreign_key_list(child.name) AS reference"
        " JOIN pragma_foreign_keys AS active WHERE child.type = 'table' AND active.foreign_keys AND"
        " lower(reference.\"table\") = lower(?1) AND reference.on_delete NOT IN ('NO ACTION', 'RESTRICT') "
        "LIMIT 1"));
    children.bind(name);
    if (TRY(children.step())) made->acting_child = children.text(0);
    known = std::move(made);
    return known.get();
}

Result<SqliteSeedStore::Insertion*> SqliteSeedStore::insertion(Connection& db, Table& table,
                                                               const SeedRow& row) {
    std::string names;
    for (const ValueMember& field : row.fields) names += field.name + '\0';
    const auto known = table.insertions.find(names);
    if (known != table.insertions.end()) return &known->second;
    if (table.columns.empty()) return fail(no_such_table(row));
    if (table.key.empty()) return fail(no_primary_key(row));
    std::vector<std::string> fields;
    for (const ValueMember& field : row.fields) {
        const bool there =
            std::any_of(table.columns.begin(), table.columns.end(),
                        [&](const std::string& column) { return equal_ignoring_case(column, field.name); });
        if (!there) return fail(no_such_column(row, field.name, table.columns));
        fields.push_back(field.name);
    }
    for (const std::string& column : table.key) {
        if (value_of(row, column) == nullptr) return fail(key_not_given(row, column));
    }
    const std::string sql =
        fmt::format("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING RETURNING {}",
                    quote_identifier(table.name), quoted_list(fields),
                    join(std::vector<std::string>(fields.size(), "?"), ", "), key_expression(table.key));
    auto statement = db.prepare(sql);
    if (!statement) return fail(placed(std::move(statement).error(), row));
    return &table.insertions.emplace(names, Insertion{std::move(*statement)}).first->second;
}

Result<void> SqliteSeedStore::write(Connection& db, const SeedRun& run, const SeedRow& row,
                                    Tracking& tracking, SeedCounts& counts) {
    Table& table = *TRY(this->table(db, row.table));
    Insertion& insertion = *TRY(this->insertion(db, table, row));
    for (const std::string& column : table.key) {
        const Value& value = *value_of(row, column);
        // quote() would end such a text at its NUL.
        const bool cut = value.kind != Value::Kind::kBinary && value.text.find('\0') != std::string::npos;
        if (cut || value.kind == Value::Kind::kNull)
            return fail(key_not_given(row, column));
    }
    for (const ValueMember& field : row.fields) bind_value(insertion.statement, field.value);
    Result<bool> written = insertion.statement.step();
    if (!written) return fail(placed(std::move(written).error(), row));
    const std::string key = *written ? insertion.statement.text(0) : "";
    if (!*written) insertion.statement.reset();
    if (!*written) return account_for(db, run, row, table, tracking, counts);
    Result<void> finished = insertion.statement.run();
    if (!finished) return fail(placed(std::move(finished).error(), row));
    tracking.note.bind(history_).bind(row.table).bind(key).bind(run.id);
    CHECK(tracking.note.run());
    ++counts.written;
    return {};
}

// A row that was not written because it, or one like it, is there.
Result<void> SqliteSeedStore::account_for(Connection& db, const SeedRun& run, const SeedRow& row,
                                          Table& table, Tracking& tracking, SeedCounts& counts) {
    if (!table.find) {
        table.find = TRY(db.prepare(fmt::format("SELECT {} FROM {} WHERE {}", key_expression(table.key),
                                                quote_identifier(table.name), key_condition(table.key))));
    }
    for (const std::string& column : table.key) bind_value(*table.find, *value_of(row, column));
    const bool there = TRY(table.find->step());
    const std::string key = there ? table.find->text(0) : "";
    table.find->reset();
    if (!there) {
        std::vector<std::string> given;
        for (const std::string& column : table.key) given.push_back(to_json(*value_of(row, column)));
        return fail(not_unique(row, join(given, ",")));
    }
    tracking.known.bind(history_).bind(row.table).bind(key);
    const bool known = TRY(tracking.known.step());
    const std::string by = known ? tracking.known.text(0) : "";
    tracking.known.reset();
    if (!known) return fail(not_ours(row, key));
    if (by == run.id) return fail(made_twice(row, key));
    ++counts.present;
    return {};
}

Result<SeedOutcome> SqliteSeedStore::seed(const SeedRun& run, const SeedHooks& hooks) {
    Connection& db = *TRY(connect_());
    SeedOutcome outcome;
    CHECK(transact(db, [&]() -> Result<void> {
        CHECK(create_tables(db));
        Statement begin = TRY(
            db.prepare("INSERT INTO godwit_seeds (run, history, purpose, seed, instant, environment, owner,"
                       " started_at) VALUES (?, ?, ?, ?, ?, ?, ?, strftime('%Y-%m-%d %H:%M:%f', 'now'))"));
        begin.bind(run.id)
            .bind(history_)
            .bind(run.purpose)
            .bind(run.seed)
            .bind(run.now)
            .bind(run.environment)
            .bind(run.owner);
        CHECK(begin.run());
        Tracking tracking{
            TRY(db.prepare("INSERT INTO godwit_seeded (history, table_name, key, run) VALUES (?, ?, ?, ?)"
                           " ON CONFLICT (history, table_name, key) DO UPDATE SET run = excluded.run")),
            TRY(db.prepare(
                "SELECT run FROM godwit_seeded WHERE history = ? AND table_name = ? AND key = ?"))};
        SeedRow row;
        for (int64_t done = 1; TRY(hooks.next(row)); ++done) {
            CHECK(write(db, run, row, tracking, outcome[row.table]));
            if (hooks.progress && done % kRowsBetweenReports == 0) hooks.progress(row.table, done);
        }
        return forget_empty_runs(db);
    }));
    return outcome;
}

Result<void> SqliteSeedStore::forget_empty_runs(Connection& db) const {
    return db.execute(
        "DELETE FROM godwit_seeds WHERE NOT EXISTS (SELECT 1 FROM godwit_seeded WHERE run = "
        "godwit_seeds.run)");
}

Result<std::map<std::string, int64_t>> SqliteSeedStore::seeded() {
    Connection& db = *TRY(connect_());
    std::map<std::string, int64_t> counts;
    if (!TRY(has_tables(db))) return counts;
    Statement statement = TRY(
        db.prepare("SELECT table_name, count(*) FROM godwit_seeded WHERE history = ? GROUP BY table_name"));
    statement.bind(history_);
    while (TRY(statement.step())) counts[statement.text(0)] = statement.number(1);
    return counts;
}

Result<void> SqliteSeedStore::remove(Connection& db, const std::string& name, const std::string& key,
                                     ClearCounts& counts) {
    Table& table = *TRY(this->table(db, name));
    if (table.columns.empty()) {
        ++counts.gone;
        return {};
    }
    const std::vector<KeyPart> parts = TRY(parse_key(key));
    if (parts.size() != table.key.size()) return fail(key_changed(name));
    if (!table.remove) {
        table.remove = TRY(db.prepare(
            fmt::format("DELETE FROM {} WHERE {}", quote_identifier(name), key_condition(table.key))));
    }
    for (const KeyPart& part : parts) bind_part(*table.remove, part);
    const int64_t before = sqlite3_total_changes64(db.raw());
    CHECK(table.remove->run());
    // Counts what foreign keys' actions have changed as well.
    const int64_t changed = sqlite3_total_changes64(db.raw()) - before;
    const int64_t removed = sqlite3_changes64(db.raw());
    if (!table.acting_child.empty() && changed > removed)
        return fail(reaches_others(name, table.acting_child));
    (removed > 0 ? counts.removed : counts.gone) += 1;
    return {};
}

// The newest first: a row that refers to another came after it.
Result<ClearOutcome> SqliteSeedStore::clear(const SeedHooks& hooks) {
    Connection& db = *TRY(connect_());
    ClearOutcome outcome;
    if (!TRY(has_tables(db))) return outcome;
    CHECK(transact(db, [&]() -> Result<void> {
        Statement newest =
            TRY(db.prepare("SELECT number, table_name, key FROM godwit_seeded WHERE history = ? ORDER BY "
                           "number DESC LIMIT ?"));
        Statement forget = TRY(db.prepare("DELETE FROM godwit_seeded WHERE history = ? AND number >= ?"));
        int64_t done = 0;
        while (true) {
            int64_t last = -1;
            newest.bind(history_).bind(kKeysAtOnce);
            while (TRY(newest.step())) {
                last = newest.number(0);
                const std::string name = newest.text(1);
                CHECK(remove(db, name, newest.text(2), outcome[name]));
                if (hooks.progress && ++done % kRowsBetweenReports == 0) hooks.progress(name, done);
            }
            newest.reset();
            if (last < 0) break;
            forget.bind(history_).bind(last);
            CHECK(forget.run());
        }
        return forget_empty_runs(db);
    }));
    return outcome;
}

}  // namespace godwit::sqlite
