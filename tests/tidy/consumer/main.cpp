#include <cstdio>

#include "project/project.h"

// Counts the migrations of a project and those that its database has.
int main(int count, char** words) {
    if (count != 3) return 2;
    godwit::ProjectOptions options;
    options.request.url = words[1];
    options.request.migrations = words[2];
    const auto project = godwit::Project::open(options);
    if (!project) return 3;
    const auto status = (*project)->status();
    if (!status) return 4;
    size_t applied = 0;
    for (const bool is : status->state.applied) applied += is ? 1 : 0;
    std::printf("%zu migrations, %zu applied\n", status->state.applied.size(), applied);
    return 0;
}
