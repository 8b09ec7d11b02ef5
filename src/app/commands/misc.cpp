// The commands that need no project: version, completion, help.
#include <fmt/format.h>

#include "app/command_line.h"
#include "app/commands/commands.h"
#include "app/json.h"
#include "base/text.h"

namespace godwit {
namespace {

std::vector<std::string> option_names(std::span<const OptionSpec> options) {
    std::vector<std::string> names;
    for (const OptionSpec& option : options) {
        for (const std::string_view name : split(option.names, ',')) {
            if (name.starts_with("--")) names.emplace_back(name);
        }
    }
    return names;
}

std::vector<std::string> command_names() {
    std::vector<std::string> names;
    for (const CommandSpec& command : commands()) {
        names.emplace_back(command.name);
        names.insert(names.end(), command.aliases.begin(), command.aliases.end());
    }
    return names;
}

std::string bash_completion() {
    std::string cases;
    for (const CommandSpec& command : commands()) {
        std::vector<std::string> names{command.name};
        names.insert(names.end(), command.aliases.begin(), command.aliases.end());
        cases += fmt::format("        {}) options=\"{}\" ;;\n", join(names, "|"),
                             join(option_names(command.options), " "));
    }
    return fmt::format(R"(# bash completion for godwit: source <(godwit completion bash)
_godwit() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" command="" options="" i
    for ((i = 1; i < COMP_CWORD; ++i)); do
        case " {0} " in *" ${{COMP_WORDS[i]}} "*) command="${{COMP_WORDS[i]}}"; break ;; esac
    done
    case "$command" in
{1}    esac
    if [[ -z $command && $word != -* ]]; then
        COMPREPLY=($(compgen -W "{0}" -- "$word"))
    elif [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$options {2}" -- "$word"))
    else
        COMPREPLY=($(compgen -f -- "$word"))
    fi
}}
complete -F _godwit godwit
)",
                       join(command_names(), " "), cases, join(option_names(global_options()), " "));
}

std::string zsh_completion() {
    std::string list;
    std::string cases;
    for (const CommandSpec& command : commands()) {
        list += fmt::format("        '{}:{}'\n", command.name, command.summary);
        std::vector<std::string> names{command.name};
        names.insert(names.end(), command.aliases.begin(), command.aliases.end());
        cases += fmt::format("        {}) compadd -- {} ;;\n", join(names, "|"),
                             join(option_names(command.options), " "));
    }
    return fmt::format(R"(#compdef godwit
# zsh completion for godwit: source <(godwit completion zsh)
_godwit() {{
    local -a known
    known=(
{0}    )
    if (( CURRENT == 2 )) && [[ $PREFIX != -* ]]; then
        _describe command known
        return
    fi
    if [[ $PREFIX == -* ]]; then
        compadd -- {1}
        case "$words[2]" in
{2}        esac
    else
        _files
    fi
}}
compdef _godwit godwit
)",
                       list, join(option_names(global_options()), " "), cases);
}

std::string fish_completion() {
    std::string text =
        "# fish completion for godwit: godwit completion fish | source\ncomplete -c godwit -f\n";
    const auto add_options = [&](std::span<const OptionSpec> options, const std::string& condition) {
        for (const OptionSpec& option : options) {
            for (const std::string_view name : split(option.names, ',')) {
                if (!name.starts_with("--")) continue;
                text += fmt::format("complete -c godwit{} -l {}{} -d '{}'\n", condition, name.substr(2),
                                    option.value != nullptr ? " -r" : "",
                                    fmt::join(split(option.help, '\''), "\\'"));
            }
        }
    };
    for (const CommandSpec& command : commands()) {
        text += fmt::format("complete -c godwit -n __fish_use_subcommand -a {} -d '{}'\n", command.name,
                            command.summary);
        add_options(command.options, fmt::format(" -n '__fish_seen_subcommand_from {}'", command.name));
    }
    add_options(global_options(), "");
    return text;
}

int run_completion(Session& session) {
    const std::string& shell = session.arguments().positionals.front();
    if (shell == "bash")
        session.print(bash_completion());
    else if (shell == "zsh")
        session.print(zsh_completion());
    else if (shell == "fish")
        session.print(fish_completion());
    else {
        return session.fail_with(
            make_error(ErrorCode::kInvalidInput, "completion does not know the shell " + printable(shell))
                .with_remedy("It takes bash, zsh or fish."));
    }
    return 0;
}

int run_version(Session& session) {
    if (session.output() == Output::kText) {
        session.print_line("godwit " GODWIT_VERSION);
        return 0;
    }
    Json json(session.output() == Output::kJson);
    json.object([&] { json.member("schema_version", int64_t{1}).member("version", GODWIT_VERSION); });
    session.print_line(json.finish());
    return 0;
}

int run_help(Session& session) {
    if (session.arguments().positionals.empty()) {
        session.print(help_text());
        return 0;
    }
    const std::string& name = session.arguments().positionals.front();
    const CommandSpec* command = find_command(name);
    if (command == nullptr) {
        const auto close = nearest(name, command_names());
        return session.fail_with(
            make_error(ErrorCode::kInvalidInput, "unknown command " + printable(name))
                .with_remedy(close ? "Did you mean " + *close + "?" : "`godwit help` lists the commands."));
    }
    session.print(help_text(*command));
    return 0;
}

}  // namespace

CommandSpec version_command() {
    return {"version", {}, "", 0, 0, "print the version of godwit", "", {}, run_version};
}
CommandSpec completion_command() {
    return {"completion",
            {},
            "SHELL",
            1,
            1,
            "print a completion script for bash, zsh or fish",
            "For bash: source <(godwit completion bash)",
            {},
            run_completion};
}
CommandSpec help_command() { return {"help", {}, "[COMMAND]", 0, 1, "explain a command", "", {}, run_help}; }

}  // namespace godwit
