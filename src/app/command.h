// The table of commands, and what a command gets to work with.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "events/event.h"
#include "project/project.h"

namespace godwit {

struct OptionSpec {
    const char* names;  // "-m,--message"; the last long one is its key, without dashes.
    const char* value;  // What it takes, for the help: "TEXT"; null for a flag; "A…" for several.
    const char* help;
};

class Session;

struct CommandSpec {
    const char* name;
    std::vector<const char*> aliases;
    const char* positionals;  // For the help: "[VERSION]".
    size_t least_positionals;
    size_t most_positionals;
    const char* summary;  // One line, no full stop.
    const char* details;  // More for its own help; may be empty.
    std::vector<OptionSpec> options;
    int (*run)(Session& session);  // Returns the process's exit status.
    // Takes options that it does not list, with whole numbers: `--num-users 25`.
    bool takes_parameters = false;
};

// Every command, in the order of the help.
std::span<const CommandSpec> commands();
const CommandSpec* find_command(std::string_view name_or_alias);  // Null when unknown.
// The options that every command takes.
std::span<const OptionSpec> global_options();

enum class Output : uint8_t { kText, kJson, kNdjson };

// What was typed, checked against the table.
struct Arguments {
    const CommandSpec* command = nullptr;
    std::string typed_command;  // As typed: an alias may mean a little more.
    std::vector<std::string> positionals;
    std::map<std::string, std::vector<std::string>> values;  // By key; a flag has an empty list.
    std::vector<std::pair<std::string, std::string>>
        parameters;  // Of a command that takes them; without dashes.

    bool has(const std::string& key) const { return values.contains(key); }
    std::string value(const std::string& key, std::string otherwise = "") const {
        const auto found = values.find(key);
        return found == values.end() || found->second.empty() ? otherwise : found->second.back();
    }
};

// One run of the program: arguments, output, and the project opened on demand.
class Session {
public:
    Session(Arguments arguments, Cancellation& cancellation);
    ~Session();

    const Arguments& arguments() const { return arguments_; }
    Output output() const { return output_; }
    bool colour() const { return colour_; }
    bool verbose() const { return arguments_.has("verbose"); }
    bool quiet() const { return arguments_.has("quiet"); }

    // Checks the global options; to be called first.
    Result<void> prepare();
    Result<Project*> project();
    // Disconnects and writes out what was printed; the last call. kInternal when the
    // results could not be written, unless nobody reads them any more.
    Result<void> close();
    const Cancellation& cancellation() const { return cancellation_; }

    // Results: standard output, or --output-file.
    void print(std::string_view text);
    void print_line(std::string_view text);
    // Remarks for a person: standard error, not with --quiet.
    void remark(std::string_view text);
    // Prints the error as the output asks for, and returns its exit status.
    int fail_with(const Error& error);
    int exit_status_of(const Error& error) const;
    bool several_databases();
    EventSink& events();

private:
    Arguments arguments_;
    Cancellation& cancellation_;
    Output output_ = Output::kText;
    bool colour_ = false;
    std::unique_ptr<FILE, int (*)(FILE*)> file_;
    std::unique_ptr<EventSink> events_;
    // The project reports through it, since the sink itself is made only once the
    // project's databases are known.
    std::unique_ptr<EventSink> forward_;
    std::unique_ptr<Project> project_;
};

// A duration option ("5s"), a bare number counting as seconds.
Result<std::optional<std::chrono::milliseconds>> duration_option(const Arguments& arguments,
                                                                 const std::string& key);

}  // namespace godwit
