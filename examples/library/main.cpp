// A worked example of libgodwit: opens a project, shows where it stands, follows
// a run, goes up and one back.
//
// Usage: library URL MIGRATIONS
#include <cstdio>

#include "model/migration.h"
#include "project/project.h"

namespace {

// Sees everything that a run tells, as data.
class Printer : public godwit::EventSink {
public:
    void on(const godwit::Event& event) override {
        if (const auto* finished = std::get_if<godwit::MigrationFinished>(&event))
            std::printf("%s %s\n", finished->direction == godwit::Direction::kUp ? "up" : "down",
                        finished->id.version.c_str());
        else if (const auto* failed = std::get_if<godwit::MigrationFailed>(&event))
            std::printf("failed %s\n", failed->id.version.c_str());
    }
};

int explain(const godwit::Error& error) {
    std::fprintf(stderr, "%s\n%s\n", error.message.c_str(), error.remedy.c_str());
    return 1;
}

int print_status(godwit::Project& project) {
    const auto status = project.status();
    if (!status) return explain(status.error());
    for (const godwit::StandingRow& row : status->state.rows)
        std::printf("%s %s\n", row.id.version.c_str(), std::string(to_string(row.standing)).c_str());
    return 0;
}

}  // namespace

int main(int count, char** words) {
    if (count != 3) {
        std::fprintf(stderr, "usage: library URL MIGRATIONS\n");
        return 2;
    }
    Printer printer;
    godwit::ProjectOptions options;
    options.request.url = words[1];
    options.request.migrations = words[2];
    options.events = &printer;

    const auto opened = godwit::Project::open(options);
    if (!opened) return explain(opened.error());
    godwit::Project& project = **opened;
    if (const int status = print_status(project)) return status;

    const godwit::Report up = project.up({}, {});
    if (up.error) return explain(*up.error);

    const godwit::Report down = project.down({}, {});
    if (down.error) return explain(*down.error);
    return 0;
}
