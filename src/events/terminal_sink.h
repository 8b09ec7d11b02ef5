// Tells a person at a terminal what a run does.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "events/event.h"

namespace godwit {

struct TerminalOptions {
    FILE* results = stdout;  // What was done: a line per migration. Null: not printed.
    FILE* log = stderr;      // Remarks, notices, progress.
    bool colour = false;
    bool quiet = false;              // Nothing but results.
    bool verbose = false;            // Steps and statements too.
    bool live = false;               // `log` is a terminal: progress is one line that is rewritten.
    bool several_databases = false;  // Name the database on each line.
};

// Progress appears on a terminal at most ten times a second, elsewhere as a line
// every ten seconds. All text from outside goes through printable().
class TerminalSink final : public EventSink {
public:
    explicit TerminalSink(const TerminalOptions& options) : options_(options) {}
    void on(const Event& event) override;

private:
    void handle(const RunStarted& event);
    void handle(const RunFinished& event);
    void handle(const LockAwaited& event);
    void handle(const MigrationStarted& event);
    void handle(const MigrationFinished& event);
    void handle(const MigrationFailed& event);
    void handle(const StepFinished& event);
    void handle(const StatementSent& event);
    void handle(const ServerNotice& event);
    void handle(const Remark& event);
    void handle(const ScriptProgress& event);
    void handle(const SeedStarted& event);
    void handle(const SeedProgress& event);
    void handle(const SeedFinished& event);
    // Whether as much time has passed that progress is to be shown again.
    bool is_due();
    // A line that the next one replaces on a terminal.
    void show(const std::string& text);
    void log(const std::string& text);
    void clear_live_line();
    std::string prefix(const std::string& database) const;

    TerminalOptions options_;
    bool live_line_ = false;
    std::chrono::steady_clock::time_point last_progress_ = std::chrono::steady_clock::now();
    // Of the migration, or of the seeding.
    std::chrono::steady_clock::time_point began_ = last_progress_;
};

}  // namespace godwit
