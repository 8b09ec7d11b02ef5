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
constexpr std::string_view kInclude = "It is not SQL: put the statements of that file here, or make it a migration of its own.";
constexpr std::string_view kConnect = "Delete it: the connection is chosen by --url or the project file.";
constexpr std::string_view kVariable = "Write the value itself: psql's variables are not replaced here.";
constexpr std::string_view kBranch = "Delete it: a migration runs all of its statements.";
constexpr std::string_view kDump = "Delete it: pg_dump writes it for psql alone.";

constexpr std::array<std::pair<std::string_view, std::string_view>, 32> kRemedies = {{
    {"i", kInclude},           {"ir", kInclude},          {"include", kInclude},    {"include_relative", kInclude},
    {"c", kConnect},           {"connect", kConnect},     {"set", kVariable},       {"unset", kVariable},
    {"gset", kVariable},       {"getenv", kVariable},     {"prompt", kVariable},    {"if", kBranch},
    {"elif", kBranch},         {"else", kBranch},         {"endif", kBranch},       {"g", kSemicolon},
    {"gx", kSemicolon},        {"gexec", kSemicolon},     {"gdesc", kSemicolon},    {"bind", kSemicolon},
    {"crosstabview", kSemicolon}, {";", kSemicolon},      {"restrict", kDump},      {"unrestrict", kDump},
    {"x", kDelete},            {"pset", kDelete},         {"a", kDelete},           {"t", kDelete},
    {"copy", "Write COPY … FROM STDIN; with the data on the lines below it, ended by a line \\."},
    {".", "There is no COPY data here for it to end."},
    {"q", kBranch},            {"quit", kBranch},
}};

std::string_view remedy_for(std::string_view name) {
    const auto* const found =
        std::find_if(kRemedies.begin(), kRemedies.end(), [&](const auto& entry) { return entry.first == name; });
    if (found != kRemedies.end()) return found->second;
    return "Delete it: only \\timing, \\echo and \\set ON_ERROR_STOP are accepted, and ignored.";
}

// The first and only word after the command, without its quotes.
bool takes_one_of(const std::vector<std::string_view>& arguments, size_t at) {
    if (arguments.size() <= at) return true;
    if (arguments.size() > at + 1) return false;
    std::string word = to_lower(arguments[at]);
    if (word.size() >= 2 && word.front() == '\'' && word.back() == '\'') word = word.substr(1, word.size() - 2);
    constexpr std::array<std::string_view, 8> kValues = {"on", "off", "true", "false", "yes", "no", "1", "0"};
    return std::find(kValues.begin(), kValues.end(), word) != kValues.end();
}

}  // namespace

Result<std::string> judge_psql_command(const PsqlCommand& command) {
    const std::string_view text = trim(std::string_view(command.text).substr(1));
    const std::vector<std::string_view> words = split_any(text, " \t\r\f\v");
    const std::string_view name = words.empty() ? std::string_view() : words[0];
    if (command.inside && (name == "timing" || name == "echo" || name == "set")) {
        return fail(make_error(ErrorCode::kInvalidInput, fmt::format("psql's \\{} in the middle of a statement", name))
                        .with_remedy("End the statement before it with `;`, or delete it."));
    }
    if (name == "timing" && takes_one_of(words, 1)) return "\\timing is ignored";
    if (name == "echo") return fmt::format("\\echo is ignored");
    if (name == "set" && words.size() >= 2 && equal_ignoring_case(words[1], "ON_ERROR_STOP") && takes_one_of(words, 2)) {
        return "\\set ON_ERROR_STOP is ignored: a migration always stops at its first error";
    }
    return fail(make_error(ErrorCode::kInvalidInput, fmt::format("psql's \\{} is not accepted in a migration", printable(name)))
                    .with_remedy(std::string(remedy_for(name))));
}

}  // namespace godwit
