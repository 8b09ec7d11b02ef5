#include "events/json_sink.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/text.h"

namespace godwit {
namespace {

std::string now() {
    const auto time = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), (time - seconds).count());
}

// Builds one object, member by member.
class Line {
public:
    Line(std::string_view level, std::string_view event)
        : text_(fmt::format(R"({{"time":"{}","level":"{}","event":"{}")", now(), level, event)) {}
    Line& add(std::string_view key, std::string_view value) {
        if (!value.empty()) text_ += fmt::format(R"(,"{}":{})", key, json_quote(value));
        return *this;
    }
    Line& add(std::string_view key, int64_t value) {
        text_ += fmt::format(R"(,"{}":{})", key, value);
        return *this;
    }
    Line& raw(std::string_view key, std::string_view json) {
        text_ += fmt::format(R"(,"{}":{})", key, json);
        return *this;
    }
    Line& migration(const MigrationId& id, Direction direction) {
        return add("database", id.database)
            .add("version", id.version)
            .add("direction", direction == Direction::kUp ? "up" : "down");
    }
    std::string finish() { return text_ + "}\n"; }

private:
    std::string text_;
};

std::string line_of(const RunStarted& e) {
    return Line("info", "run_started")
        .add("command", e.command)
        .add("migrations", int64_t{e.migrations})
        .finish();
}
std::string line_of(const RunFinished& e) {
    return Line("info", "run_finished")
        .add("command", e.command)
        .add("migrations", int64_t{e.migrations})
        .add("duration_ms", e.took.count())
        .finish();
}
std::string line_of(const LockAwaited& e) {
    return Line("warning", "lock_awaited")
        .add("database", e.database)
        .add("holder", e.holder)
        .add("limit_ms", e.limit.count())
        .finish();
}
std::string line_of(const MigrationStarted& e) {
    return Line("info", "migration_started")
        .migration(e.id, e.direction)
        .add("description", e.description)
        .add("step", int64_t{e.first_step})
        .finish();
}
std::string line_of(const MigrationFinished& e) {
    return Line("info", "migration_finished")
        .migration(e.id, e.direction)
        .add("description", e.description)
        .add("duration_ms", e.took.count())
        .finish();
}
std::string line_of(const MigrationFailed& e) {
    return Line("error", "migration_failed")
        .migration(e.id, e.direction)
        .raw("error", to_json(e.error))
        .finish();
}
std::string line_of(const StepFinished& e) {
    return Line("info", "step_finished")
        .migration(e.id, e.direction)
        .add("step", int64_t{e.done})
        .add("steps", int64_t{e.total})
        .add("duration_ms", e.took.count())
        .finish();
}
std::string line_of(const StatementSent& e) {
    return Line("info", "statement_sent").add("database", e.database).add("text", e.text).finish();
}
std::string line_of(const ServerNotice& e) {
    const bool warning = equal_ignoring_case(e.severity, "warning");
    return Line(warning ? "warning" : "info", "server_notice")
        .add("database", e.database)
        .add("severity", e.severity)
        .add("text", e.text)
        .finish();
}
std::string line_of(const Remark& e) {
    return Line("info", "remark").add("database", e.database).add("text", e.text).finish();
}
std::string line_of(const ScriptProgress& e) {
    return Line("info", "script_progress")
        .add("database", e.id.database)
        .add("version", e.id.version)
        .add("bytes", e.bytes_done)
        .add("bytes_total", e.bytes_total)
        .add("statements", e.statements)
        .finish();
}

std::string line_of(const SeedStarted& e) {
    return Line("info", "seed_started")
        .add("database", e.database)
        .add("purpose", e.purpose)
        .raw("seed", e.seed)
        .add("now", e.now)
        .add("rows", e.rows)
        .finish();
}
std::string line_of(const SeedProgress& e) {
    return Line("info", "seed_progress")
        .add("database", e.database)
        .add("what", e.what)
        .add("table", e.table)
        .add("rows", e.done)
        .add("rows_total", e.total)
        .finish();
}
std::string line_of(const SeedFinished& e) {
    return Line("info", "seed_finished")
        .add("database", e.database)
        .add("purpose", e.purpose)
        .add("rows", e.rows)
        .add("duration_ms", e.took.count())
        .finish();
}

bool is_detail(const Event& event) {
    return std::holds_alternative<StepFinished>(event) || std::holds_alternative<ScriptProgress>(event) ||
           std::holds_alternative<SeedProgress>(event);
}

}  // namespace

void JsonSink::on(const Event& event) {
    if (is_detail(event) && !verbose_) return;
    const std::string line = std::visit([](const auto& each) { return line_of(each); }, event);
    std::fputs(line.c_str(), out_);
    std::fflush(out_);
}

std::string failure_line(const Error& error) {
    return Line("error", "failed").raw("error", to_json(error)).finish();
}

std::string to_json(const Error& error) {
    std::string text =
        fmt::format(R"({{"code":"{}","message":{})", to_string(error.code), json_quote(error.message));
    const auto add = [&](std::string_view key, const std::string& value) {
        if (!value.empty()) text += fmt::format(R"(,"{}":{})", key, json_quote(value));
    };
    add("native_code", error.native_code);
    add("file", error.where.file);
    if (error.where.line > 0) text += fmt::format(R"(,"line":{})", error.where.line);
    if (error.where.column > 0) text += fmt::format(R"(,"column":{})", error.where.column);
    if (!error.details.empty()) {
        std::vector<std::string> details;
        for (const std::string& detail : error.details) details.push_back(json_quote(detail));
        text += fmt::format(R"(,"details":[{}])", join(details, ","));
    }
    add("remedy", error.remedy);
    return text + "}";
}

}  // namespace godwit
