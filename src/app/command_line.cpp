#include "app/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/text.h"

namespace godwit {
namespace {

std::vector<std::string_view> names_of(const OptionSpec& option) { return split(option.names, ','); }

bool takes_several(const OptionSpec& option) {
    return option.value != nullptr && std::string_view(option.value).ends_with("…");
}

const OptionSpec* option_called(std::string_view name, std::span<const OptionSpec> options) {
    for (const OptionSpec& option : options) {
        const auto names = names_of(option);
        if (std::find(names.begin(), names.end(), name) != names.end()) return &option;
    }
    return nullptr;
}

// Where the command's name stands: the first word that is neither an option nor
// the value of one.
size_t find_command_word(const std::vector<std::string>& words) {
    for (size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word.size() < 2 || word[0] != '-') return i;
        const OptionSpec* option = option_called(word.substr(0, word.find('=')), global_options());
        if (option == nullptr || option->value == nullptr || word.find('=') != std::string::npos) continue;
        if (!takes_several(*option)) {
            ++i;
            continue;
        }
        // --databases a b status: its values end where a command's name stands.
        while (i + 1 < words.size() && words[i + 1][0] != '-' && find_command(words[i + 1]) == nullptr) ++i;
    }
    return words.size();
}

Error unknown_command(const std::string& word) {
    std::vector<std::string> names;
    for (const CommandSpec& command : commands()) {
        names.emplace_back(command.name);
        names.insert(names.end(), command.aliases.begin(), command.aliases.end());
    }
    const auto close = nearest(word, names);
    return make_error(ErrorCode::kInvalidInput, "unknown command " + printable(word))
        .with_remedy((close ? "Did you mean " + *close + "? " : "") +
                     std::string("`godwit help` lists the commands."));
}

Error unknown_option(const std::string& word, const CommandSpec& command) {
    std::vector<std::string> names;
    for (const auto options : {global_options(), std::span<const OptionSpec>(command.options)}) {
        for (const OptionSpec& option : options) {
            for (const std::string_view name : names_of(option)) names.emplace_back(name);
        }
    }
    const std::string shown = word.substr(0, word.find('='));
    // Any two short options are near each other.
    const auto close = shown.starts_with("--") ? nearest(shown, names) : std::nullopt;
    if (command.takes_parameters && !close && shown.starts_with("--")) {
        return make_error(ErrorCode::kInvalidInput, fmt::format("{} needs a whole number", printable(shown)))
            .with_remedy("A parameter of the seed file is given as --num-users 25.");
    }
    return make_error(ErrorCode::kInvalidInput,
                      fmt::format("{} does not know the option {}", command.name, printable(shown)))
        .with_remedy((close ? "Did you mean " + *close + "? " : "") +
                     fmt::format("`godwit help {}` lists its options.", command.name));
}

// What CLI11 complains of beyond unknown words: values that are missing or too many.
Error wrong_value(const CLI::ParseError& error, const CommandSpec& command) {
    const std::string what = error.what();
    const size_t at = what.find("-");
    const std::string option =
        at == std::string::npos ? "an option" : what.substr(at, what.find_first_of(": =", at) - at);
    const bool missing = dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr;
    return make_error(ErrorCode::kInvalidInput,
                      fmt::format("{} {}", printable(option), missing ? "needs a value" : "takes no value"))
        .with_remedy(fmt::format("`godwit help {}` shows how it is used.", command.name));
}

// An empty argument comes from a shell variable that is not set: taken for a
// missing one it would let `godwit up "$VERSION"` apply everything.
Result<void> check_empty(const std::vector<std::string>& words) {
    for (size_t i = 0; i < words.size(); ++i) {
        const bool ends_empty = words[i].starts_with("--") && words[i].ends_with('=');
        if (!words[i].empty() && !ends_empty) continue;
        const std::string where = i == 0 ? "the first argument"
                                  : ends_empty
                                      ? "the value of " + printable(words[i].substr(0, words[i].size() - 1))
                                      : "the argument after " + printable(words[i - 1]);
        return fail(make_error(ErrorCode::kInvalidInput, where + " is empty")
                        .with_remedy("Leave it out, or check the variable that it comes from."));
    }
    return {};
}

bool is_relative(std::string_view word) {
    return word.size() > 1 && word[0] == '-' && word[1] >= '0' && word[1] <= '9';
}

bool is_whole_number(std::string_view word) {
    return !word.empty() && word.find_first_not_of("0123456789") == std::string_view::npos;
}

// Takes out of `words` what the command does not list: --num-users 25, or with a "=".
Result<void> take_parameters(const CommandSpec& command, std::vector<std::string>& words,
                             Arguments& arguments) {
    std::vector<std::string> left;
    for (size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word == "--") {
            left.insert(left.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
            break;
        }
        const size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        const bool known = !name.starts_with("--") || option_called(name, global_options()) != nullptr ||
                           option_called(name, command.options) != nullptr;
        if (known) {
            left.push_back(word);
            continue;
        }
        const bool has_next = equals == std::string::npos && i + 1 < words.size();
        const std::string value = equals != std::string::npos ? word.substr(equals + 1)
                                  : has_next                  ? words[i + 1]
                                                              : "";
        if (!is_whole_number(value)) return fail(unknown_option(word, command));
        arguments.parameters.emplace_back(name.substr(2), value);
        if (has_next) ++i;
    }
    words = std::move(left);
    return {};
}

void add_options(CLI::App& app, std::span<const OptionSpec> options, Arguments& arguments,
                 std::map<std::string, bool>& flags) {
    for (const OptionSpec& option : options) {
        const std::string key = key_of(option);
        if (option.value == nullptr) {
            app.add_flag(option.names, flags[key]);
            continue;
        }
        CLI::Option* added = app.add_option(option.names, arguments.values[key]);
        if (takes_several(option))
            added->expected(1, 1000);
        else
            added->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args(false);
    }
}

Result<void> check_positionals(const Arguments& arguments) {
    const CommandSpec& command = *arguments.command;
    if (arguments.positionals.size() < command.least_positionals) {
        return fail(make_error(ErrorCode::kInvalidInput,
                               fmt::format("{} needs {}", command.name, command.positionals))
                        .with_remedy(fmt::format("`godwit help {}` shows how it is used.", command.name)));
    }
    if (arguments.positionals.size() > command.most_positionals) {
        return fail(make_error(ErrorCode::kInvalidInput,
                               fmt::format("{} does not take {}", command.name,
                                           printable(arguments.positionals[command.most_positionals])))
                        .with_remedy(fmt::format("`godwit help {}` shows how it is used.", command.name)));
    }
    return {};
}

std::string option_line(const OptionSpec& option) {
    std::string left = join(
        [&] {
            std::vector<std::string> names;
            for (const std::string_view name : names_of(option)) names.emplace_back(name);
            return names;
        }(),
        ", ");
    if (option.value != nullptr) left += fmt::format(" {}", option.value);
    return left.size() > 28 ? fmt::format("  {}\n{:32}{}\n", left, "", option.help)
                            : fmt::format("  {:<29} {}\n", left, option.help);
}

}  // namespace

std::string key_of(const OptionSpec& option) {
    std::string key(names_of(option).back());
    key.erase(0, key.find_first_not_of('-'));
    return key;
}

Result<Arguments> parse_command_line(const std::vector<std::string>& words) {
    Arguments arguments;
    CHECK(check_empty(words));
    const size_t at = find_command_word(words);
    std::vector<std::string> rest = words;
    if (at < words.size()) {
        arguments.typed_command = words[at];
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(at));
    } else {
        arguments.typed_command = "help";
        const auto option = std::find_if(words.begin(), words.end(), [](const std::string& word) {
            return word != "-h" && word != "--help";
        });
        if (option != words.end()) {
            return fail(
                make_error(ErrorCode::kInvalidInput, "no command is named, only " + printable(*option))
                    .with_remedy("`godwit help` lists the commands."));
        }
    }
    arguments.command = find_command(arguments.typed_command);
    if (arguments.command == nullptr) return fail(unknown_command(arguments.typed_command));

    if (arguments.command->takes_parameters) CHECK(take_parameters(*arguments.command, rest, arguments));

    // "-1" is an address, not an option; CLI11 would take it for one.
    std::vector<std::string> relative;
    std::erase_if(rest, [&](const std::string& word) {
        if (is_relative(word)) relative.push_back(word);
        return is_relative(word);
    });

    CLI::App app;
    app.set_help_flag();
    std::map<std::string, bool> flags;
    app.add_option("positionals", arguments.positionals)->expected(0, 1000);
    add_options(app, global_options(), arguments, flags);
    add_options(app, arguments.command->options, arguments, flags);
    std::reverse(rest.begin(), rest.end());  // CLI11 takes them from the back.
    try {
        app.parse(std::move(rest));
    } catch (const CLI::ExtrasError&) {
        const std::vector<std::string> left = app.remaining();
        const auto option =
            std::find_if(left.begin(), left.end(), [](const std::string& w) { return w.starts_with('-'); });
        return fail(unknown_option(option == left.end() ? left.empty() ? "" : left.front() : *option,
                                   *arguments.command));
    } catch (const CLI::ParseError& error) {
        return fail(wrong_value(error, *arguments.command));
    }
    arguments.positionals.insert(arguments.positionals.end(), relative.begin(), relative.end());
    std::erase_if(arguments.values, [](const auto& entry) { return entry.second.empty(); });
    for (const auto& [key, set] : flags) {
        if (set) arguments.values[key];
    }
    if (arguments.has("help")) {
        arguments.positionals.clear();
        if (at < words.size()) arguments.positionals.emplace_back(arguments.command->name);
        arguments.command = find_command("help");
    }
    CHECK(check_positionals(arguments));
    return arguments;
}

std::string help_text() {
    std::string text =
        "godwit moves databases from one version to the next.\n\nUsage: godwit COMMAND "
        "[OPTIONS]\n\nCommands:\n";
    for (const CommandSpec& command : commands()) {
        std::string left = command.name;
        if (*command.positionals != '\0') left += fmt::format(" {}", command.positionals);
        text += left.size() > 22 ? fmt::format("  {}\n{:26}{}\n", left, "", command.summary)
                                 : fmt::format("  {:<23} {}\n", left, command.summary);
    }
    text += "\nOptions of every command:\n";
    for (const OptionSpec& option : global_options()) text += option_line(option);
    return text + "\n`godwit help COMMAND` tells more.\n";
}

std::string help_text(const CommandSpec& command) {
    std::string text =
        fmt::format("godwit {} — {}\n\nUsage: godwit {}{}{} [OPTIONS]\n", command.name, command.summary,
                    command.name, *command.positionals == '\0' ? "" : " ", command.positionals);
    if (!command.aliases.empty()) text += fmt::format("Also called: {}\n", fmt::join(command.aliases, ", "));
    if (*command.details != '\0') text += fmt::format("\n{}\n", command.details);
    if (!command.options.empty()) text += "\nOptions:\n";
    for (const OptionSpec& option : command.options) text += option_line(option);
    return text + "\nOptions of every command: `godwit help`.\n";
}

}  // namespace godwit
