#include "app/commands/commands.h"

#include <algorithm>

namespace godwit {

std::span<const CommandSpec> commands() {
    static const std::vector<CommandSpec> table = {
        init_command(),     new_command(),        status_command(),   plan_command(),    up_command(),
        down_command(),     redo_command(),       current_command(),  history_command(), heads_command(),
        branches_command(), show_command(),       revision_command(), merge_command(),   stamp_command(),
        validate_command(), repair_command(),     lock_command(),     setup_command(),   seed_command(),
        version_command(),  completion_command(), help_command(),
    };
    return table;
}

const CommandSpec* find_command(std::string_view name_or_alias) {
    for (const CommandSpec& command : commands()) {
        if (name_or_alias == command.name) return &command;
        if (std::find(command.aliases.begin(), command.aliases.end(), name_or_alias) != command.aliases.end())
            return &command;
    }
    return nullptr;
}

std::span<const OptionSpec> global_options() {
    static const std::vector<OptionSpec> options = {
        {"-u,--url", "URL", "the database, instead of DATABASE_URL and the project file"},
        {"-e,--environment", "NAME", "the project's environment, instead of GODWIT_ENVIRONMENT"},
        {"--databases", "NAME…", "only these databases (names or kinds)"},
        {"-c,--config", "FILE", "the project file, instead of godwit.toml here or above"},
        {"-d,--migrations", "FOLDER", "the folder of migration files"},
        {"--history", "TABLE", "the history table"},
        {"-o,--output", "FORMAT", "text, json or ndjson"},
        {"--output-file", "FILE", "write the result there"},
        {"--log-format", "FORMAT", "text or json, for remarks and progress"},
        {"--lock-timeout", "TIME", "how long to wait for another run's lock (60s)"},
        {"--timeout", "TIME", "how long the whole run may take (DB_MIGRATION_TIMEOUT)"},
        {"--echo", nullptr, "show every statement (DB_ECHO_SQL)"},
        {"--yes", nullptr, "do not ask"},
        {"--yes-to", "NAME…", "do not ask about this database, even where protected"},
        {"--no-color", nullptr, "no colours (NO_COLOR)"},
        {"-q,--quiet", nullptr, "results only"},
        {"-v,--verbose", nullptr, "more detail"},
        {"-h,--help", nullptr, "explain the command"},
    };
    return options;
}

}  // namespace godwit
