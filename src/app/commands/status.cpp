#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/commands/commands.h"
#include "app/exit_status.h"
#include "app/render.h"
#include "base/text.h"

namespace godwit {
namespace {

// A long history is cut to its end: what is applied and fine is of little
// interest, and -v shows it all.
constexpr size_t kShownApplied = 10;

bool belongs(const StandingRow& row, const std::string& database) { return row.id.database == database; }

bool is_pending(Standing standing) {
    return standing == Standing::kPending || standing == Standing::kUnfinished ||
           standing == Standing::kOutOfOrder || standing == Standing::kFailed ||
           standing == Standing::kOutdated;
}

std::vector<std::string> text_row(const StandingRow& row) {
    const std::string description = row.migration != nullptr ? row.migration->description
                                    : row.entry != nullptr   ? row.entry->description
                                                             : "";
    std::string last;
    if (row.standing == Standing::kFailed)
        last = fmt::format("after step {} of {}", row.entry->steps_done, row.entry->steps_total);
    else if (row.entry != nullptr && row.entry->applied_at)
        last = show_time(*row.entry->applied_at);
    return {std::string(to_string(row.standing)), row.id.version, description, last};
}

std::string summary(const std::map<Standing, int64_t>& counts) {
    std::vector<std::string> parts;
    for (const auto& [standing, count] : counts)
        parts.push_back(fmt::format("{} {}", count, to_string(standing)));
    return parts.empty() ? "no migrations" : join(parts, ", ");
}

void print_database(Session& session, const Status::Database& database, const Status& status) {
    std::vector<const StandingRow*> rows;
    std::map<Standing, int64_t> counts;
    size_t applied = 0;
    for (const StandingRow& row : status.state.rows) {
        if (!belongs(row, database.name)) continue;
        rows.push_back(&row);
        ++counts[row.standing];
        applied += row.standing == Standing::kApplied ? 1 : 0;
    }
    session.print_line(
        fmt::format("{}: {} {}", printable(database.name), database.kind, printable(database.where)));
    size_t hidden = session.verbose() || applied <= kShownApplied + 1 ? 0 : applied - kShownApplied;
    if (hidden > 0) session.print_line(fmt::format("  … {} applied before these (-v shows them)", hidden));
    std::vector<std::vector<std::string>> lines;
    for (const StandingRow* row : rows) {
        if (row->standing == Standing::kApplied && hidden > 0) {
            --hidden;
            continue;
        }
        lines.push_back(text_row(*row));
    }
    session.print(table(lines, 2, "  "));
    session.print_line("  " + summary(counts));
}

void print_advice(Session& session, const State& state) {
    if (state.has(Standing::kFailed))
        session.print_line(
            "A run stopped in the middle: `godwit up` goes on with it, `godwit repair` tells more.");
    if (state.has(Standing::kUnfinished))
        session.print_line("Unfinished: `godwit up` refuses it until its statements are written.");
    if (state.has(Standing::kEdited))
        session.print_line(
            "Edited after being applied: restore the file, or `godwit repair --accept-checksum`.");
    if (state.has(Standing::kMissing))
        session.print_line("Applied but without a file: restore it, or `godwit repair --reverted VERSION`.");
    if (state.has(Standing::kOutOfOrder))
        session.print_line("Older than what is applied: `godwit up --allow-out-of-order` takes them.");
}

void print_json(Session& session, const Status& status, const Settings& settings) {
    Json json(true);
    json.object([&] {
        json.member("schema_version", int64_t{1})
            .member("command", "status")
            .member_if_any("environment", settings.environment);
        json.key("databases").array([&] {
            for (const Status::Database& database : status.databases) {
                json.object([&] {
                    json.member("name", database.name)
                        .member("kind", database.kind)
                        .member("where", database.where);
                    json.flag("history_exists", database.history_exists);
                    std::map<Standing, int64_t> counts;
                    for (const StandingRow& row : status.state.rows) {
                        if (belongs(row, database.name)) ++counts[row.standing];
                    }
                    json.key("counts").object([&] {
                        for (const auto& [standing, count] : counts) json.member(to_string(standing), count);
                    });
                    json.key("migrations").array([&] {
                        for (const StandingRow& row : status.state.rows) {
                            if (belongs(row, database.name)) write_standing(json, row);
                        }
                    });
                });
            }
        });
    });
    session.print_line(json.finish());
}

Result<int> status(Session& session) {
    Project* project = TRY(session.project());
    const Status status = TRY(project->status());
    if (session.output() == Output::kJson) {
        print_json(session, status, project->settings());
    } else if (session.output() == Output::kNdjson) {
        for (const StandingRow& row : status.state.rows) {
            Json json(false);
            write_standing(json, row);
            session.print_line(json.finish());
        }
    } else {
        for (const Status::Database& database : status.databases) print_database(session, database, status);
        print_advice(session, status.state);
        for (const std::string& note : project->file_notes()) session.remark(printable(note));
    }
    const bool pending = std::any_of(status.state.rows.begin(), status.state.rows.end(),
                                     [&](const StandingRow& row) { return is_pending(row.standing); });
    return session.arguments().has("exit-code") && pending ? kExitPending : kExitDone;
}

int run_status(Session& session) {
    Result<int> done = status(session);
    return done ? *done : session.fail_with(done.error());
}

}  // namespace

CommandSpec status_command() {
    return {"status",  {"info"},
            "",        0,
            0,         "show what is applied, pending, failed, missing, edited or out of order",
            "",        {{"--exit-code", nullptr, "status 3 when something is pending"}},
            run_status};
}

}  // namespace godwit
