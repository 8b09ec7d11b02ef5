// Brings a database to its newest version from inside a program: shows the
// plan, follows the run through its events, and tells what a failure left.
//
//     library sqlite:app.db migrations
#include <cstdio>
#include <variant>

#include "project/project.h"

namespace {

class Narrator final : public godwit::EventSink {
public:
    void on(const godwit::Event& event) override {
        if (const auto* done = std::get_if<godwit::MigrationFinished>(&event)) {
            std::printf("  %s is in (%lld ms)\n", done->id.version.c_str(), static_cast<long long>(done->took.count()));
        } else if (const auto* waits = std::get_if<godwit::LockAwaited>(&event)) {
            std::printf("  waiting: %s\n", waits->holder.c_str());
        }
    }
};

int fail(const godwit::Error& error) {
    std::fprintf(stderr, "%s %s\n", to_string(error.where).c_str(), error.message.c_str());
    if (!error.remedy.empty()) std::fprintf(stderr, "%s\n", error.remedy.c_str());
    return 1;
}

}  // namespace

int main(int count, char** words) {
    if (count != 3) {
        std::fprintf(stderr, "usage: library URL FOLDER\n");
        return 2;
    }
    Narrator narrator;
    godwit::ProjectOptions options;
    options.request.url = words[1];
    options.request.migrations = words[2];
    options.events = &narrator;
    const auto project = godwit::Project::open(options);
    if (!project) return fail(project.error());

    const auto plan = (*project)->plan({}, {});
    if (!plan) return fail(plan.error());
    std::printf("%zu to apply\n", plan->migrations.size());

    const godwit::Report report = (*project)->up({}, {});
    if (report.error) {
        std::fprintf(stderr, "%zu applied before this:\n", report.finished.size());
        return fail(*report.error);
    }
    std::printf("up to date\n");
    return 0;
}
