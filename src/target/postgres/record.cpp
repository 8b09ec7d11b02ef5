#include "target/postgres/record.h"

#include <fmt/format.h>

#include "base/text.h"
#include "target/postgres/first_sight.h"

namespace godwit::postgres {
namespace {

// Any number will do; it only has to be the same in every run.
constexpr int64_t kCreationLock = 7'160'114'523'097'001;

LedgerEntry read_entry(const ResultHandle& rows, int row) {
    LedgerEntry entry;
    entry.version = field(rows, row, 0);
    if (!is_null(rows, row, 1)) entry.applied_at = Timestamp(std::chrono::milliseconds(number_field(rows, row, 1)));
    entry.checksum = field(rows, row, 2);
    if (!is_null(rows, row, 3)) entry.execution_time_ms = number_field(rows, row, 3);
    entry.description = field(rows, row, 4);
    return entry;
}

void read_history(const ResultHandle& rows, Ledger& ledger) {
    for (int row = 0; row < PQntuples(rows.get()); ++row) ledger.add(read_entry(rows, row));
}

void read_revisions(const ResultHandle& rows, Ledger& ledger) {
    for (int row = 0; row < PQntuples(rows.get()); ++row) ledger.add_details(read_entry(rows, row));
}

void read_journal(const ResultHandle& rows, Ledger& ledger) {
    for (int row = 0; row < PQntuples(rows.get()); ++row) {
        LedgerEntry entry;
        if (const LedgerEntry* known = ledger.find(field(rows, row, 0))) entry = *known;
        entry.version = field(rows, row, 0);
        entry.state = field(rows, row, 1) == "down" ? EntryState::kReverting : EntryState::kApplying;
        entry.steps_done = static_cast<int32_t>(number_field(rows, row, 2));
        entry.steps_total = static_cast<int32_t>(number_field(rows, row, 3));
        entry.step_hash = field(rows, row, 4);
        entry.step_text = field(rows, row, 5);
        entry.error = field(rows, row, 6);
        entry.owner = field(rows, row, 7);
        if (entry.description.empty()) entry.description = field(rows, row, 8);
        entry.checksum = field(rows, row, 9);
        ledger.add(std::move(entry));
    }
}

bool tables_changed(const Error& error) {
    return error.native_code == sqlstate::kUndefinedTable || error.native_code == sqlstate::kUndefinedColumn;
}

}  // namespace

// Nothing: to be read in the usual way.
Result<std::optional<Ledger>> Record::read_at_first_sight() {
    const ResultHandle history = TRY(server_.connect_and_read());
    if (history == nullptr) return std::nullopt;
    std::optional<Ledger> ledger = rows_at_first_sight(history);
    const RecordShape& shape = server_.shape();
    if (!ledger || !shape.journal || shape.journal_is_empty) {
        journal_is_empty_ = shape.journal_is_empty;
        return ledger;
    }
    const auto journal = TRY(server_.connection())->query(sql().select_journal(), Stopping::kInterrupts);
    if (!journal) return std::nullopt;
    journal_is_empty_ = PQntuples(journal->at(0).get()) == 0;
    read_journal(journal->at(0), *ledger);
    return ledger;
}

Result<Ledger> Record::read() {
    const int64_t generation = server_.generation();
    if (std::optional<Ledger> ledger = TRY(read_at_first_sight())) return *std::move(ledger);
    Connection* connection = TRY(server_.connection());
    // What was missing may have been made by another run meanwhile.
    const bool stale = server_.generation() == generation;
    const bool complete = server_.shape().history && server_.shape().journal &&
                          (layout_ != HistoryLayout::kAlembic || server_.shape().revisions);
    if (stale && !complete) CHECK(server_.refresh_shape());
    Result<Ledger> ledger = read_once(*connection);
    if (ledger || !tables_changed(ledger.error())) return ledger;
    CHECK(server_.refresh_shape());
    return read_once(*connection);
}

Result<Ledger> Record::read_once(Connection& connection) {
    const RecordShape& shape = server_.shape();
    const HistorySql statements = sql();
    std::string query;
    const auto ask = [&](bool there, const std::string& statement) {
        if (there) query += statement + ";";
    };
    const bool revisions = shape.revisions && shape.history && layout_ == HistoryLayout::kAlembic;
    ask(shape.history, statements.select_history());
    ask(revisions, statements.select_revisions());
    ask(shape.journal, statements.select_journal());
    Ledger ledger;
    ledger.layout = layout_;
    ledger.exists = shape.history;
    journal_is_empty_ = false;
    if (query.empty()) return ledger;
    const auto rows = TRY(connection.query(query, Stopping::kInterrupts));
    size_t next = 0;
    if (shape.history) read_history(rows.at(next++), ledger);
    if (revisions) read_revisions(rows.at(next++), ledger);
    if (shape.journal) {
        journal_is_empty_ = PQntuples(rows.at(next).get()) == 0;
        read_journal(rows.at(next), ledger);
    }
    return ledger;
}

std::vector<std::string> Record::create() const {
    // Two runs with histories of their own in one schema share the other tables,
    // and CREATE TABLE IF NOT EXISTS alone fails when two come at once.
    std::vector<std::string> statements = {fmt::format("SELECT pg_catalog.pg_advisory_xact_lock({})", kCreationLock)};
    for (std::string& statement : sql().create_tables()) statements.push_back(std::move(statement));
    return statements;
}

Result<void> Record::created() {
    CHECK(server_.refresh_shape());
    if (server_.shape().history && server_.shape().journal) return {};
    return fail(ErrorCode::kInternal, "the history was created but cannot be found");
}

Result<void> Record::add(Transaction& transaction, const RecordChange& change, bool disturbed, std::string_view started) {
    if (change.kind == RecordChange::Kind::kProgress) {
        journal_is_empty_ = false;
        // The session goes on as the script has set it; only who writes must be us.
        if (disturbed) {
            CHECK(transaction.add_own("SET LOCAL SESSION AUTHORIZATION DEFAULT", Origin::kOwn));
            CHECK(transaction.add_own("SET LOCAL role TO DEFAULT", Origin::kOwn));
        }
    } else if (disturbed) {
        CHECK(transaction.add_own("RESET SESSION AUTHORIZATION", Origin::kOwn));
        CHECK(transaction.add_own("RESET ROLE", Origin::kOwn));
    }
    const int64_t held_back_ms = started.empty() ? transaction.held_back().count() : 0;
    const ChangeOptions options{journal_is_empty_, started, held_back_ms};
    for (const std::string& statement : sql().change(change, options)) CHECK(transaction.add_own(statement));
    // Last: it would also reset what `started` refers to.
    const bool ends = change.kind == RecordChange::Kind::kApplied || change.kind == RecordChange::Kind::kReverted;
    if (disturbed && ends) CHECK(transaction.add_own("RESET ALL", Origin::kOwn));
    return {};
}

}  // namespace godwit::postgres
