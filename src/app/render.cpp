#include "app/render.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "base/text.h"
#include "events/json_sink.h"

namespace godwit {
namespace {

constexpr size_t kWidth = 80;

std::tm calendar(const Timestamp& time) {
    return fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time)));
}

std::string names_of(const std::vector<FinishedMigration>& finished) {
    if (finished.size() > 3) {
        return fmt::format("{} migrations are {}, the last of them {}", finished.size(),
                           finished.back().direction == Direction::kUp ? "applied" : "reverted",
                           finished.back().id.version);
    }
    std::string text;
    for (size_t i = 0; i < finished.size(); ++i) {
        if (i > 0) text += i + 1 == finished.size() ? " and " : ", ";
        text += finished[i].id.version;
    }
    return text + (finished.size() == 1 ? " is " : " are ") +
           (finished.back().direction == Direction::kUp ? "applied" : "reverted");
}

std::string summary(const Report& report) {
    int64_t applied = 0;
    for (const FinishedMigration& each : report.finished) applied += each.direction == Direction::kUp ? 1 : 0;
    const int64_t reverted = static_cast<int64_t>(report.finished.size()) - applied;
    if (report.finished.empty()) return "nothing to do";
    if (applied == 0) return count_of(reverted, "migration") + " reverted";
    if (reverted == 0) return count_of(applied, "migration") + " applied";
    return count_of(reverted, "migration") + " reverted and applied again";
}

std::string what_remains(const Report& report, Direction direction) {
    const std::string& version = report.failed->version;
    if (report.one_transaction && !report.failed_in_doubt)
        return "nothing of this run is kept: it was one transaction";
    if (report.one_transaction) return "whether this run, one transaction, was committed is not known";
    if (report.failed_in_doubt && report.failed_steps_total == 0)
        return "whether " + version + " took effect is not known";
    if (report.failed_in_doubt) {
        return fmt::format("whether step {} of {} of {} took effect is not known",
                           report.failed_steps_done + 1, report.failed_steps_total, version);
    }
    if (report.failed_partly) {
        return fmt::format("step {} of {} of {} is no transaction: what it did before it failed may stay",
                           report.failed_steps_done + 1, report.failed_steps_total, version);
    }
    if (report.failed_steps_done == 0) return version + " left no trace";
    return fmt::format("{} of {} steps of {} are {} and stay so", report.failed_steps_done,
                       report.failed_steps_total, version,
                       direction == Direction::kUp ? "applied" : "reverted");
}

std::string read_answer() {
    std::string answer;
    for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar())
        answer.push_back(static_cast<char>(c));
    return std::string(trim(answer));
}

bool confirmed_by_option(const Session& session, const std::string& database) {
    const auto found = session.arguments().values.find("yes-to");
    if (found == session.arguments().values.end()) return false;
    return std::find(found->second.begin(), found->second.end(), database) != found->second.end();
}

}  // namespace

std::string show_time(const Timestamp& time) { return fmt::format("{:%Y-%m-%d %H:%M:%S}", calendar(time)); }

std::string iso_time(const Timestamp& time) {
    const auto ms = (time - std::chrono::floor<std::chrono::seconds>(time)).count();
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", calendar(time), ms);
}

std::string fit(std::string_view text, size_t width) {
    if (code_points(text) <= width) return std::string(text);
    std::string out;
    size_t points = 0;
    for (const char c : text) {
        if ((static_cast<uint8_t>(c) & 0xC0U) != 0x80U && ++points > width - 1) break;
        out.push_back(c);
    }
    return out + "…";
}

std::string table(const std::vector<std::vector<std::string>>& rows, size_t flexible,
                  std::string_view indent) {
    std::vector<size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], code_points(printable(row[i])));
    }
    size_t others = indent.size() + (widths.empty() ? 0 : 2 * (widths.size() - 1));
    for (size_t i = 0; i < widths.size(); ++i) others += i == flexible ? 0 : widths[i];
    if (flexible < widths.size())
        widths[flexible] =
            std::min(widths[flexible], std::max<size_t>(12, kWidth > others ? kWidth - others : 0));
    std::string text;
    for (const auto& row : rows) {
        std::string line(indent);
        for (size_t i = 0; i < row.size(); ++i) {
            const std::string cell = fit(printable(row[i]), widths[i]);
            line += cell;
            if (i + 1 < row.size()) line.append(widths[i] - code_points(cell) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

Error explained(const Report& report, Direction direction) {
    Error error = *report.error;
    std::vector<std::string> parts;
    if (!report.finished.empty()) parts.push_back(names_of(report.finished));
    if (report.failed) parts.push_back(what_remains(report, direction));
    if (!parts.empty()) error.details.push_back(join(parts, "; ") + ".");
    if (error.remedy.empty() && report.failed && report.failed_in_doubt) {
        error.remedy =
            "Run again when the server is back: what took effect is found in the record, and not repeated.";
    }
    const bool mendable = error.code == ErrorCode::kRejected || error.code == ErrorCode::kBlocked;
    if (error.remedy.empty() && report.failed && mendable) {
        error.remedy = fmt::format("Fix the file and run `godwit {}` again.",
                                   direction == Direction::kUp ? "up" : "down");
    }
    return error;
}

int finish_report(Session& session, const Report& report, Direction direction,
                  const std::function<void(Json&)>& more) {
    if (session.output() == Output::kText) {
        if (report.error) return session.fail_with(explained(report, direction));
        if (session.quiet()) return 0;
        session.print_line(summary(report));
        return 0;
    }
    Json json(session.output() == Output::kJson);
    json.object([&] {
        json.member("schema_version", int64_t{1}).member("command", session.arguments().command->name);
        json.key("finished").array([&] {
            for (const FinishedMigration& each : report.finished) {
                json.object([&] {
                    json.member("database", each.id.database).member("version", each.id.version);
                    json.member("description", each.description);
                    json.member("direction", each.direction == Direction::kUp ? "up" : "down");
                    json.member("duration_ms", each.took.count());
                });
            }
        });
        if (more) more(json);
        if (!report.error) return;
        if (report.failed) {
            json.key("failed").object([&] {
                json.member("database", report.failed->database).member("version", report.failed->version);
                json.member("steps_done", int64_t{report.failed_steps_done})
                    .member("steps", int64_t{report.failed_steps_total});
                if (report.failed_in_doubt) json.flag("in_doubt", true);
            });
        }
        json.key("error").raw(to_json(explained(report, direction)));
    });
    if (!report.error) {
        session.print_line(json.finish());
        return 0;
    }
    session.print_line(json.finish());
    return session.exit_status_of(*report.error);
}

void write_standing(Json& json, const StandingRow& row) {
    json.object([&] {
        json.member("database", row.id.database).member("version", row.id.version);
        const std::string description = row.migration != nullptr ? row.migration->description
                                        : row.entry != nullptr   ? row.entry->description
                                                                 : "";
        json.member("description", description).member("state", to_string(row.standing));
        if (row.migration != nullptr) {
            json.member("file", row.migration->where.file).member("checksum", row.migration->checksum);
            json.flag("reversible", is_reversible(row));
        }
        if (row.entry == nullptr) return;
        if (row.entry->applied_at) json.member("applied_at", iso_time(*row.entry->applied_at));
        if (row.entry->execution_time_ms) json.member("execution_time_ms", *row.entry->execution_time_ms);
        if (row.standing == Standing::kFailed) {
            json.member("steps_done", int64_t{row.entry->steps_done})
                .member("steps", int64_t{row.entry->steps_total});
            json.member_if_any("error", row.entry->error)
                .member_if_any("in_doubt", row.entry->step_text)
                .member_if_any("owner", row.entry->owner);
        }
    });
}

Result<void> confirm_destructive(Session& session, Project& project, const Plan& plan) {
    if (!project.settings().is_protected) return {};
    const std::vector<std::string> statements = TRY(project.destructive_statements(plan));
    if (statements.empty()) return {};
    std::set<std::string> databases;
    for (const PlannedMigration& planned : plan.migrations) databases.insert(planned.migration->id.database);
    for (const std::string& database : databases) {
        if (confirmed_by_option(session, database)) continue;
        const bool person = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
        if (person) {
            for (const std::string& statement : statements) std::fprintf(stderr, "  %s\n", statement.c_str());
            std::fprintf(
                stderr,
                "%s is protected, and this destroys something. Type the database's name (%s) to go on: ",
                printable(project.settings().environment).c_str(), database.c_str());
            if (read_answer() == database) continue;
        }
        Error error = make_error(ErrorCode::kInvalidInput,
                                 "the environment " + printable(project.settings().environment) +
                                     " is protected, and this plan destroys something");
        error.details = statements;
        if (error.details.size() > 10) {
            error.details.resize(10);
            error.details.push_back("and " + std::to_string(statements.size() - 10) + " more");
        }
        return fail(
            std::move(error).with_remedy("Confirm it with --yes-to " + database + "; nothing was changed."));
    }
    return {};
}

}  // namespace godwit
