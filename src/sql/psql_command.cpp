#include "sql/psql_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace godwit {
namespace {

constexpr std::string_view kDelete = "Delete it: it only changes what psql shows.";
constexpr std::string_view kSemicolon = "End the statement with `;` instead.";
constexpr std::string_view kInclude =
    "It is not SQL: put the statements of that file here, or make it a migration of its own.";
constexpr std::string_view kConnect = "Delete it: the connection is chosen by --url or the project file.";
constexpr std::string_view kVariable = "Write the value itself: psql's variables are not replaced here.";
constexpr std::string_view kBranch = "Delete it: a migration runs all of its statements.";
constexpr std::string_view kDump = "Delete it: pg_dump writes it for psql alone.";

// clang-format off
constexpr std::array<std::pair<std::string_view, std::string_view>, 32> kRemedies = {{
    {"i", kInclude}, {"ir", kInclude}, {"include", kInclude}, {"include_relative", kInclude},
    {"c", kConnect}, {"connect", kConnect},
    {"set", kVariable}, {"unset", kVariable}, {"gset", kVariable}, {"getenv", kVariable}, {"prompt", kVariable},
    {"if", kBranch}, {"elif", kBranch}, {"else", kBranch}, {"endif", kBranch}, {"q", kBranch}, {"quit", kBranch},
    {"g", kSemicolon}, {"gx", kSemicolon}, {"gexec", kSemicolon}, {"gdesc", kSemicolon}, {"bind", kSemicolon},
    {"crosstabview", kSemicolon}, {";", kSemicolon},
    {"restrict", kDump}, {"unrestrict", kDump},
    {"x", kDelete}, {"pset", kDelete}, {"a", kDelete}, {"t", kDelete},
    {"copy", "Write COPY … FROM STDIN; with the data on the lines below it, ended by a line \\."},
    {".", "There is no COPY data here for it to end."},
}};
// clang-format on

std::string_view remedy_for(std::string_view name) {
    const auto* const found = std::find_if(kRemedies.begin(), kRemedies.end(),
                                           [&](const auto& entry) { return entry.first == name; });
    if (found != kRemedies.end()) return found->second;
    return "Delete it: only \\timing, \\echo and \\set ON_ERROR_STOP are accepted, and ignored.";
}

// Whether nothing, or one word that means on or off, stands from words[at] on.
bool is_switch(const std::vector<std::string_view>& words, size_t at) {
    if (words.size() <= at) return true;
    if (words.size() > at + 1) return false;
    std::string word = to_lower(words[at]);
    if (word.size() >= 2 && word.front() == '\'' && word.back() == '\'')
        word = word.substr(1, word.size() - 2);
    constexpr std::array<std::string_view, 8> kValues = {"on", "off", "true", "false", "yes", "no", "1", "0"};
    return std::find(kValues.begin(), kValues.end(), word) != kValues.end();
}

tl::unexpected<Error> refuse(std::string message, std::string_view remedy) {
    return fail(make_error(ErrorCode::kInvalidInput, std::move(message)).with_remedy(std::string(remedy)));
}

}  // namespace

Result<std::string> judge_psql_command(const PsqlCommand& command) {
    const std::string_view text = trim(std::string_view(command.text).substr(1));
    const std::vector<std::string_view> words = split_any(text, " \t\r\f\v");
    const std::string_view name = words.empty() ? std::string_view() : words[0];
    const bool timing = name == "timing";
    const bool on_error_stop =
        name == "set" && words.size() >= 2 && equal_ignoring_case(words[1], "ON_ERROR_STOP");
    if (!timing && !on_error_stop && name != "echo") {
        return refuse(fmt::format("psql's \\{} is not accepted in a migration", printable(name)),
                      remedy_for(name));
    }
    if (command.inside) {
        return refuse(fmt::format("psql's \\{} in the middle of a statement", name),
                      "End the statement before it with `;`, or delete it.");
    }
    if ((timing && !is_switch(words, 1)) || (on_error_stop && !is_switch(words, 2))) {
        return refuse(fmt::format("psql's \\{}, which takes on or off, is followed by more",
                                  timing ? name : "set ON_ERROR_STOP"),
                      "Put what follows on a line of its own.");
    }
    if (on_error_stop) return "\\set ON_ERROR_STOP is ignored: a migration always stops at its first error";
    return fmt::format("\\{} is ignored", name);
}

}  // namespace godwit
