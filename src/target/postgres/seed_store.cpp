#include "target/postgres/seed_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "target/postgres/history_sql.h"
#include "target/record_faults.h"
#include "target/seed_faults.h"

namespace godwit::postgres {
namespace {

// As for a migration's messages: round trips do not count, memory stays flat.
constexpr size_t kBatchBytes = 256 * 1024;
constexpr int64_t kBatchRows = 1'000;

// As the columns' input functions read them: a bytea in hexadecimal digits.
void append_column(const Value& value, std::string& out) {
    if (value.kind == Value::Kind::kBinary)
        out += "\"\\\\x" + to_hex(value.text) + "\"";
    else
        append_json(value, out);
}

std::string row_as_json(const SeedRow& row) {
    std::string text = "{";
    for (const ValueMember& field : row.fields) {
        if (text.size() > 1) text += ',';
        text += json_quote(field.name) + ":";
        append_column(field.value, text);
    }
    return text + "}";
}

// ["a", "b"], of names without anything odd but quotes and backslashes.
std::vector<std::string> read_names(std::string_view json) {
    std::vector<std::string> names;
    bool inside = false;
    for (size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (c == '"') {
            inside = !inside;
            if (inside) names.emplace_back();
        } else if (inside) {
            names.back() += c == '\\' && i + 1 < json.size() ? json[++i] : c;
        }
    }
    return names;
}

}  // namespace

void PostgresSeedStore::echo(const std::string& text) const {
    if (config_.echo && config_.listener != nullptr) config_.listener->on_statement(text);
}

Result<void> PostgresSeedStore::transact(const std::function<Result<void>(Connection&)>& body) {
    Connection* connection = TRY(server_.connection());
    CHECK(locking_.check());
    const Server::Quiet quiet(server_);  // "relation already exists, skipping".
    std::string begin = "BEGIN";
    for (const std::string& limit : server_.limits(config_.lock_timeout, std::chrono::milliseconds(0)))
        begin += "; " + limit;
    for (const std::string& setting : SeedSql::settings()) begin += "; " + setting;
    if (const std::string fence = locking_.fence(); !fence.empty()) begin += "; " + fence;
    Result<void> done;
    if (auto begun = connection->query(begin); !begun) done = fail(std::move(begun).error());
    if (done) done = body(*connection);
    if (done) {
        auto committed = connection->query("COMMIT");
        if (committed) return {};
        Error error = std::move(committed).error();
        if (error.code == ErrorCode::kUnavailable) {
            error.code = ErrorCode::kInDoubt;
            error.message += " while the transaction was being committed";
            error.remedy = "Run the same again: what is there already is left as it is.";
        }
        return fail(std::move(error));
    }
    if (done.error().native_code == sqlstate::kDivisionByZero && !locking_.fence().empty())
        done = fail(lease_lost());
    if (connection->alive() && connection->transaction_status() != PQTRANS_IDLE)
        (void)connection->query("ROLLBACK");
    return done;
}

Result<bool> PostgresSeedStore::has_tables(Connection& connection) {
    const auto rows = TRY(connection.query(sql().describe()));
    std::map<std::string, std::set<std::string>> columns;
    for (int row = 0; row < PQntuples(rows.at(0).get()); ++row) {
        columns[text_field(rows[0], row, 0)].insert(text_field(rows[0], row, 1));
    }
    const std::vector<std::string_view> runs = {"run",     "history",     "purpose", "seed",
                                                "instant", "environment", "owner",   "started_at"};
    const std::vector<std::string_view> keys = {"number", "history", "table_name", "key", "run"};
    if (columns.contains("godwit_seeds"))
        CHECK(check_own_table("godwit_seeds", runs, columns["godwit_seeds"]));
    if (columns.contains("godwit_seeded"))
        CHECK(check_own_table("godwit_seeded", keys, columns["godwit_seeded"]));
    return columns.contains("godwit_seeds") && columns.contains("godwit_seeded");
}

Result<std::optional<SeedRun>> PostgresSeedStore::find_run(const std::string& purpose,
                                                           const std::string& seed) {
    Connection& connection = *TRY(server_.connection());
    if (!TRY(has_tables(connection))) return std::nullopt;
    const auto rows = TRY(connection.query(sql().find_run(purpose, seed)));
    if (PQntuples(rows.at(0).get()) == 0) return std::nullopt;
    const auto text = [&](int column) { return text_field(rows[0], 0, column); };
    return SeedRun{text(0), text(1), text(2), text(3), text(4), text(5)};
}

Result<SeedTable> PostgresSeedStore::describe(Connection& connection, const std::string& name) {
    const auto rows = TRY(connection.query(SeedSql::describe_table(name)));
    SeedTable table;
    std::map<int64_t, SeedTable::KeyColumn> key;
    for (int row = 0; row < PQntuples(rows.at(0).get()); ++row) {
        table.qualified = text_field(rows[0], row, 0);
        table.columns.push_back(text_field(rows[0], row, 1));
        if (const int64_t place = number_field(rows[0], row, 3); place > 0) {
            key[place] = {table.columns.back(), text_field(rows[0], row, 2)};
        }
    }
    for (auto& [place, column] : key) table.key.push_back(std::move(column));
    return table;
}

// Gathers rows into batches, sends these, and accounts for every row.
class PostgresSeedStore::Writer {
public:
    Writer(PostgresSeedStore& store, Connection& connection, const SeedRun& run, SeedOutcome& outcome)
        : store_(store), connection_(connection), run_(run), outcome_(outcome) {}

    Result<void> add(const SeedRow& row) {
        if (row.table != table_.shown || row.where != where_) {
            CHECK(flush());
            if (row.table != table_.shown) CHECK(enter(row));
            where_ = row.where;
        }
        Batch& batch = *TRY(batch_for(row));
        const size_t before = batch.rows.size();
        batch.rows += (batch.count == 0 ? "[" : ",") + row_as_json(row);
        ++batch.count;
        bytes_ += batch.rows.size() - before;
        ++rows_;
        return bytes_ >= kBatchBytes || rows_ >= kBatchRows ? flush() : Result<void>();
    }

    Result<void> flush() {
        for (Batch& batch : batches_) CHECK(send(batch));
        batches_.clear();
        bytes_ = 0;
        rows_ = 0;
        return {};
    }

private:
    Result<void> enter(const SeedRow& row) {
        auto name = TableName::parse(row.table);
        if (!name) return fail(no_such_table(row));
        table_ = TRY(store_.describe(connection_, name->sql()));
        table_.shown = row.table;
        if (!table_.exists()) return fail(no_such_table(row));
        if (table_.key.empty()) return fail(no_primary_key(row));
        return {};
    }

    Result<Batch*> batch_for(const SeedRow& row) {
        const auto fits = [&](const Batch& batch) {
            return std::equal(
                batch.fields.begin(), batch.fields.end(), row.fields.begin(), row.fields.end(),
                [](const std::string& name, const ValueMember& field) { return name == field.name; });
        };
        const auto found = std::find_if(batches_.begin(), batches_.end(), fits);
        if (found != batches_.end()) return &*found;
        Batch batch;
        for (const ValueMember& field : row.fields) {
            const auto& columns = table_.columns;
            if (std::find(columns.begin(), columns.end(), field.name) == columns.end())
                return fail(no_such_column(row, field.name, columns));
            batch.fields.push_back(field.name);
        }
        for (const SeedTable::KeyColumn& column : table_.key) {
            const Value* value = find_member(row.fields, column.name);
            if (value == nullptr || value->kind == Value::Kind::kNull)
                return fail(key_not_given(row, column.name));
        }
        batches_.push_back(std::move(batch));
        return &batches_.back();
    }

    Result<void> send(Batch& batch) {
        const std::string text = store_.sql().insert(table_, batch.fields, batch.rows + "]", run_.id);
        store_.echo(text);
        auto sent = connection_.query(text, Stopping::kInterrupts);
        if (!sent)
            return fail(where_ == nullptr ? std::move(sent).error() : std::move(sent).error().at(*where_));
        SeedCounts& counts = outcome_[table_.shown];
        const ResultHandle& rows = sent->at(0);
        for (int row = 0; row < PQntuples(rows.get()); ++row) CHECK(account_for(rows, row, counts));
        return {};
    }

    Result<void> account_for(const ResultHandle& rows, int row, SeedCounts& counts) {
        const std::string_view what = field(rows, row, 2);
        if (what == "written") {
            counts.written += number_field(rows, row, 0);
            return {};
        }
        SeedRow culprit;
        culprit.table = table_.shown;
        culprit.where = where_;
        const std::string key = text_field(rows, row, 0);
        if (what == "twice" || field(rows, row, 1) == run_.id) return fail(made_twice(culprit, key));
        if (what == "other") return fail(not_unique(culprit, key));
        if (is_null(rows, row, 1)) return fail(not_ours(culprit, key));
        ++counts.present;
        return {};
    }

    PostgresSeedStore& store_;
    Connection& connection_;
    const SeedRun& run_;
    SeedOutcome& outcome_;
    SeedTable table_;
    const SourceSpan* where_ = nullptr;
    std::vector<Batch> batches_;
    size_t bytes_ = 0;
    int64_t rows_ = 0;
};

Result<SeedOutcome> PostgresSeedStore::seed(const SeedRun& run, const SeedHooks& hooks) {
    SeedOutcome outcome;
    CHECK(transact([&](Connection& connection) -> Result<void> {
        if (!TRY(has_tables(connection))) {
            for (const std::string& statement : sql().create()) CHECK(connection.query(statement));
        }
        CHECK(connection.query(sql().add_run(run)));
        Writer writer(*this, connection, run, outcome);
        SeedRow row;
        for (int64_t done = 1; TRY(hooks.next(row)); ++done) {
            CHECK(writer.add(row));
            if (hooks.progress && done % kBatchRows == 0) hooks.progress(row.table, done);
        }
        CHECK(writer.flush());
        CHECK(connection.query(sql().forget_empty_runs()));
        return {};
    }));
    return outcome;
}

// The current schema goes without saying.
std::string PostgresSeedStore::shown(const std::string& qualified) const {
    const std::string prefix = server_.session().current_schema + ".";
    return qualified.starts_with(prefix) ? qualified.substr(prefix.size()) : qualified;
}

Result<std::map<std::string, int64_t>> PostgresSeedStore::seeded() {
    Connection& connection = *TRY(server_.connection());
    std::map<std::string, int64_t> counts;
    if (!TRY(has_tables(connection))) return counts;
    const auto rows = TRY(connection.query(sql().counts()));
    for (int row = 0; row < PQntuples(rows.at(0).get()); ++row) {
        counts[shown(text_field(rows[0], row, 0))] = number_field(rows[0], row, 1);
    }
    return counts;
}

Result<void> PostgresSeedStore::check_children(Connection& connection, const SeedTable& table) {
    const auto children = TRY(connection.query(sql().acting_children(table)));
    for (int row = 0; row < PQntuples(children.at(0).get()); ++row) {
        const SeedTable child = TRY(describe(connection, text_field(children[0], row, 0)));
        const auto from = read_names(field(children[0], row, 1));
        const auto to = read_names(field(children[0], row, 2));
        const auto found =
            TRY(connection.query(sql().reaches_others(table, child, from, to), Stopping::kInterrupts));
        if (bool_field(found.at(0), 0, 0))
            return fail(godwit::reaches_others(shown(table.qualified), shown(child.qualified)));
    }
    return {};
}

Result<void> PostgresSeedStore::clear_table(Connection& connection, const std::string& qualified,
                                            int64_t known, ClearCounts& counts) {
    SeedTable table = TRY(describe(connection, qualified));
    if (table.exists()) {
        const auto unfit = TRY(connection.query(sql().unfit_keys(table)));
        if (number_field(unfit.at(0), 0, 0) > 0 || table.key.empty())
            return fail(key_changed(shown(qualified)));
        CHECK(check_children(connection, table));
        const auto removed = TRY(connection.query(sql().remove(table), Stopping::kInterrupts));
        counts.removed = number_field(removed.at(0), 0, 0);
    }
    counts.gone = known - counts.removed;
    CHECK(connection.query(sql().forget(qualified)));
    return {};
}

// A table that was first seeded after another may refer to it, not the other way.
Result<ClearOutcome> PostgresSeedStore::clear(const SeedHooks& hooks) {
    ClearOutcome outcome;
    CHECK(transact([&](Connection& connection) -> Result<void> {
        if (!TRY(has_tables(connection))) return {};
        // Without it a table of that many rows counts as one of a few.
        CHECK(connection.query(sql().analyze()));
        const auto rows = TRY(connection.query(sql().counts()));
        int64_t done = 0;
        for (int row = 0; row < PQntuples(rows.at(0).get()); ++row) {
            const std::string qualified = text_field(rows[0], row, 0);
            const int64_t known = number_field(rows[0], row, 1);
            CHECK(clear_table(connection, qualified, known, outcome[shown(qualified)]));
            if (hooks.progress) hooks.progress(shown(qualified), done += known);
        }
        CHECK(connection.query(sql().forget_empty_runs()));
        return {};
    }));
    return outcome;
}

}  // namespace godwit::postgres
