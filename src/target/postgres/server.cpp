#include "target/postgres/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <thread>

#include "base/text.h"
#include "target/postgres/first_sight.h"
#include "target/record_faults.h"

namespace godwit::postgres {
namespace {

using std::chrono::milliseconds;

// A backend whose client is gone notices at the latest when its statement ends.
// After the first limit it is told to end, after the second we give up.
constexpr milliseconds kPatience{2'000};
constexpr milliseconds kLimit{10'000};
constexpr milliseconds kPause{50};

}  // namespace

Server::Server(const TargetConfig& config, ConnectionSettings settings, TableName history)
    : config_(config),
      settings_(std::move(settings)),
      history_(std::move(history)),
      pool_(config.pool, [this] { return Connection::open(settings_, config_.cancellation); }) {}

Result<std::unique_ptr<Server>> Server::make(const TargetConfig& config) {
    ConnectionSettings settings = TRY(ConnectionSettings::make(config));
    TableName history = TRY(TableName::parse(config.history));
    return std::unique_ptr<Server>(new Server(config, std::move(settings), std::move(history)));
}

Result<void> Server::begin_session() {
    main_ = TRY(pool_.acquire());
    ++generation_;
    script_settings_.clear();
    version_ = main_->parameter("server_version");
    main_->on_notice([this](const ServerError& notice) {
        if (quiet_ == 0 && config_.listener != nullptr) config_.listener->on_notice(notice.severity, notice.message);
    });
    return {};
}

Result<void> Server::connect() {
    CHECK(begin_session());
    Result<void> described = describe();
    if (!described) main_.give_back();
    return described;
}

Result<ResultHandle> Server::connect_and_read() {
    if (main_ || former_.pid != 0 || config_.layout != HistoryLayout::kSchemaMigrations) return ResultHandle();
    CHECK(begin_session());
    Result<ResultHandle> rows = read_at_first_sight();
    if (rows && *rows == nullptr) rows = describe().map([] { return ResultHandle(); });
    if (!rows) main_.give_back();
    return rows;
}

// Why the history cannot be read in this way, if it cannot, is for describe() to find out.
Result<ResultHandle> Server::read_at_first_sight() {
    if (main_->lacks_search_path()) return ResultHandle();
    auto rows = main_->query(ask_at_first_sight(history_), Stopping::kInterrupts);
    if (!rows) {
        CHECK(main_->check_stop());
        if (!main_->alive()) return fail(std::move(rows).error());
        return ResultHandle();
    }
    std::optional<RecordShape> shape = shape_at_first_sight(*main_, rows->at(0), rows->at(1));
    if (!shape) return ResultHandle();
    session_ = TRY(read_session(*main_, rows->at(0)));
    original_settings_ = session_.settings;
    shape_ = std::move(*shape);
    return std::move(rows->at(1));
}

std::string Server::along_search_path(std::string sql) const {
    if (!main_->lacks_search_path()) return sql;
    return fmt::format("BEGIN;SET LOCAL search_path = {};{};COMMIT", settings_.search_path(), sql);
}

Result<void> Server::describe() {
    const auto rows = TRY(main_->query(along_search_path(describe_session() + ";" + describe_record(history_))));
    session_ = TRY(read_session(*main_, rows.at(0)));
    original_settings_ = session_.settings;
    return take_shape(rows.at(1), rows.at(2));
}

Result<void> Server::take_shape(const ResultHandle& columns, const ResultHandle& tables) {
    shape_ = TRY(read_record_shape(history_, config_.layout, session_, columns, tables));
    if (!shape_.golang_migrate) return {};
    const auto rows =
        TRY(main_->query(along_search_path("SELECT version, dirty FROM " + history_.sql() + " LIMIT 1")));
    std::optional<GolangMigrateRow> row;
    if (PQntuples(rows.at(0).get()) > 0)
        row = GolangMigrateRow{text_field(rows[0], 0, 0), bool_field(rows[0], 0, 1)};
    return fail(golang_migrate_history(history_.sql(), row));
}

Result<void> Server::refresh_shape() {
    Connection* connection = TRY(this->connection());
    const auto rows = TRY(connection->query(along_search_path(describe_record(history_))));
    return take_shape(rows.at(0), rows.at(1));
}

Result<void> Server::complete_shape() { return shape_.partial ? refresh_shape() : Result<void>(); }

Result<Connection*> Server::connection() {
    if (main_ && main_->alive()) return &*main_;
    if (main_ && depended_on_) {
        return fail(ErrorCode::kUnavailable, "the connection to " + settings_.describe() + " is lost");
    }
    const bool again = main_ || former_.pid != 0;
    CHECK(again ? reconnect() : connect());
    return &*main_;
}

Result<void> Server::ping() {
    if (!main_ || !main_->alive()) return connection().map([](Connection*) {});
    return main_->query("SELECT 1").map([](const auto&) {});
}

Result<void> Server::reconnect() {
    if (main_) {
        former_ = session_;
        // Not given back alive: its session state and its locks must go.
        main_.discard();
    }
    depended_on_ = false;
    CHECK(connect());
    if (former_.pid == 0) return {};
    Result<void> gone = wait_for_leftovers();
    if (!gone) {
        main_.discard();
        return gone;
    }
    former_ = {};
    return {};
}

// Behind a pooler the backend is not known; its application name is ours.
Result<int64_t> Server::count_leftovers(bool terminate) {
    const std::string which =
        session_.pooled ? fmt::format("application_name = {} AND pid <> pg_catalog.pg_backend_pid() AND state <> 'idle'"
                                      " AND backend_type = 'client backend'",
                                      literal(settings_.application_name()))
                        : fmt::format("pid = {} AND backend_start::text = {}", former_.pid, literal(former_.started));
    const auto rows = TRY(main_->query(fmt::format("SELECT count({}) FROM pg_catalog.pg_stat_activity WHERE {}",
                                                   terminate ? "pg_catalog.pg_terminate_backend(pid)" : "*", which),
                                       Stopping::kInterrupts));
    return number_field(rows.at(0), 0, 0);
}

Result<void> Server::wait_for_leftovers() {
    const auto started = Connection::Clock::now();
    bool told = false;
    while (true) {
        const auto waited = Connection::Clock::now() - started;
        const bool tell = !told && waited >= kPatience;
        if (TRY(count_leftovers(tell)) == 0) return {};
        if (tell && config_.listener != nullptr) {
            config_.listener->on_remark(fmt::format("ended session {}, left behind by the lost connection", former_.pid));
        }
        told = told || tell;
        if (waited >= kLimit) {
            return fail(make_error(ErrorCode::kUnavailable,
                                   fmt::format("session {} of the lost connection is still at work", former_.pid))
                            .with_remedy("Wait until it has ended (see pg_stat_activity), then run again."));
        }
        CHECK(main_->check_stop());
        std::this_thread::sleep_for(kPause);
    }
}

// Scripts are read as the standard has it, unless they say otherwise themselves.
bool Server::reads_strings_otherwise() const {
    return main_->parameter("standard_conforming_strings") == "off" && !set_by_script("standard_conforming_strings");
}

std::vector<std::string> Server::limits(milliseconds lock_timeout, milliseconds statement_timeout) const {
    std::vector<std::string> statements;
    const auto set = [&](std::string_view name, milliseconds value) {
        const auto known = session_.settings.find(name);
        if (known == session_.settings.end() || set_by_script(name)) return;
        // Behind a pooler every transaction may meet another session.
        const auto current = session_.pooled ? std::nullopt : parse_duration_ms(known->second, 1);
        if (current != value.count()) statements.push_back(fmt::format("SET LOCAL {} = {}", name, value.count()));
    };
    set("lock_timeout", lock_timeout);
    set("statement_timeout", statement_timeout);
    set("idle_in_transaction_session_timeout", milliseconds(0));
    set("transaction_timeout", milliseconds(0));
    if (main_->lacks_search_path() && !set_by_script("search_path")) {
        statements.push_back("SET LOCAL search_path = " + settings_.search_path());
    }
    if (reads_strings_otherwise()) statements.push_back("SET LOCAL standard_conforming_strings = on");
    return statements;
}

std::string Server::session_limits(milliseconds lock_timeout, milliseconds statement_timeout) {
    std::string sql;
    const auto set = [&](std::string_view name, milliseconds value) {
        const auto known = session_.settings.find(name);
        if (known == session_.settings.end() || set_by_script(name)) return;
        if (parse_duration_ms(known->second, 1) == value.count()) return;
        sql += fmt::format("{}SET {} = {}", sql.empty() ? "" : ";", name, value.count());
        known->second = std::to_string(value.count());
    };
    set("lock_timeout", lock_timeout);
    set("statement_timeout", statement_timeout);
    if (reads_strings_otherwise()) sql += fmt::format("{}SET standard_conforming_strings = on", sql.empty() ? "" : ";");
    return sql;
}

void Server::note_session_reset() {
    script_settings_.clear();
    session_.settings = original_settings_;
}

void Server::put_back(KnownSettings known) {
    script_settings_ = std::move(known.by_script);
    session_.settings = std::move(known.values);
}

std::string Server::own_session_condition() const {
    if (session_.pooled) return "w.application_name = " + literal(settings_.application_name());
    return fmt::format("w.pid = {}", session_.pid);
}

}  // namespace godwit::postgres
