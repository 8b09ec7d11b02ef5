#include "events/terminal_sink.h"

#include <fmt/format.h>

#include "base/text.h"

namespace godwit {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kGreen = "\x1b[32m";
constexpr const char* kDim = "\x1b[2m";
constexpr const char* kPlain = "\x1b[0m";

struct Pace {
    // `part` of the whole was done since `began`.
    Pace(steady_clock::time_point began, int64_t done, double part) {
        const double seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
        rate = static_cast<double>(done) / std::max(seconds, 0.001);
        left_ms = part > 0 ? static_cast<int64_t>((seconds / part - seconds) * 1'000) : 0;
    }
    double rate = 0;  // A second.
    int64_t left_ms = 0;
};

// [======>             ]
std::string bar(double part) {
    constexpr size_t kWidth = 20;
    const size_t filled = std::min(static_cast<size_t>(std::max(part, 0.0) * kWidth), kWidth);
    std::string text(filled, '=');
    if (filled < kWidth) text += '>';
    text.resize(kWidth, ' ');
    return "[" + text + "]";
}

}  // namespace

void TerminalSink::on(const Event& event) {
    std::visit([this](const auto& each) { handle(each); }, event);
}

std::string TerminalSink::prefix(const std::string& database) const {
    return options_.several_databases && !database.empty() ? printable(database) + ": " : "";
}

void TerminalSink::clear_live_line() {
    if (live_line_) std::fputs("\r\x1b[K", options_.log);
    live_line_ = false;
}

void TerminalSink::log(const std::string& text) {
    if (options_.quiet) return;
    clear_live_line();
    std::fputs((text + "\n").c_str(), options_.log);
}

void TerminalSink::handle(const RunStarted&) {}
void TerminalSink::handle(const RunFinished&) { clear_live_line(); }
void TerminalSink::handle(const MigrationFailed&) { clear_live_line(); }  // The report tells.

void TerminalSink::handle(const LockAwaited& event) {
    log(fmt::format("{}waiting up to {} for the lock: {}", prefix(event.database),
                    human_duration(event.limit.count()), printable(event.holder)));
}

void TerminalSink::handle(const MigrationStarted& event) {
    began_ = last_progress_ = steady_clock::now();
    if (!options_.verbose) return;
    const std::string resumed =
        event.first_step > 0 ? fmt::format(", resuming after step {}", event.first_step) : "";
    log(fmt::format("{}{} {} {}{}", prefix(event.id.database),
                    event.direction == Direction::kUp ? "applying" : "reverting", printable(event.id.version),
                    printable(event.description), resumed));
}

void TerminalSink::handle(const MigrationFinished& event) {
    clear_live_line();
    if (options_.results == nullptr) return;
    const char* verb = event.direction == Direction::kUp ? "applied" : "reverted";
    std::fputs(
        fmt::format("{}{}{}{} {} {} {}({}){}\n", options_.colour ? kGreen : "", prefix(event.id.database),
                    verb, options_.colour ? kPlain : "", printable(event.id.version),
                    printable(event.description), options_.colour ? kDim : "",
                    human_duration(event.took.count()), options_.colour ? kPlain : "")
            .c_str(),
        options_.results);
}

void TerminalSink::handle(const StepFinished& event) {
    if (!options_.verbose) return;
    log(fmt::format("{}  step {} of {} ({})", prefix(event.id.database), event.done, event.total,
                    human_duration(event.took.count())));
}

void TerminalSink::handle(const StatementSent& event) { log(prefix(event.database) + event.text); }

void TerminalSink::handle(const ServerNotice& event) {
    log(fmt::format("{}{}: {}", prefix(event.database), to_lower(event.severity), printable(event.text)));
}

void TerminalSink::handle(const Remark& event) { log(prefix(event.database) + printable(event.text)); }

bool TerminalSink::is_due() {
    const auto now = steady_clock::now();
    if (options_.quiet || now - last_progress_ < (options_.live ? milliseconds(100) : milliseconds(10'000)))
        return false;
    last_progress_ = now;
    return true;
}

void TerminalSink::show(const std::string& text) {
    if (!options_.live) return log(text);
    std::fputs(("\r\x1b[K" + text).c_str(), options_.log);
    std::fflush(options_.log);
    live_line_ = true;
}

void TerminalSink::handle(const ScriptProgress& event) {
    if (event.bytes_total <= 0 || !is_due()) return;
    const double part = static_cast<double>(event.bytes_done) / static_cast<double>(event.bytes_total);
    const Pace pace(began_, event.statements, part);
    show(fmt::format("{} {:.0f}% {} statements, {:.0f}/s, {} left", printable(event.id.version), part * 100,
                     event.statements, pace.rate, human_duration(pace.left_ms)));
}

void TerminalSink::handle(const SeedStarted& event) {
    began_ = last_progress_ = steady_clock::now();
    log(fmt::format("{}seeding {} data: {}, random seed {}, times count from {}", prefix(event.database),
                    event.purpose, count_of(event.rows, "row"), event.seed, event.now));
}

void TerminalSink::handle(const SeedProgress& event) {
    if (event.total <= 0 || !is_due()) return;
    const double part = static_cast<double>(event.done) / static_cast<double>(event.total);
    const Pace pace(began_, event.done, part);
    show(fmt::format("{}{} {} {} {:.0f}% {} of {} rows, {:.0f}/s, {} left", prefix(event.database), event.what,
                     printable(event.table), bar(part), part * 100, event.done, event.total, pace.rate,
                     human_duration(pace.left_ms)));
}

void TerminalSink::handle(const SeedFinished&) { clear_live_line(); }

}  // namespace godwit
