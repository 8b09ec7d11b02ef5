#include "target/dynamodb/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"

namespace godwit::dynamodb {
namespace {

constexpr std::string_view kName = "{name}";
constexpr std::string_view kEnvironment = "{environment}";

Error bad_template(const TargetConfig& config, std::string_view what) {
    return make_error(ErrorCode::kInvalidInput, fmt::format("the name_template of {}, {}, {}",
                                                            printable(config.database),
                                                            printable(config.name_template), what));
}

// What may stand in braces is {name}, to be filled in later, and {environment}.
Result<std::string> fill_in(const TargetConfig& config) {
    std::string text;
    std::string_view rest = config.name_template;
    while (!rest.empty()) {
        if (rest.starts_with(kName)) {
            text += kName;
            rest.remove_prefix(kName.size());
        } else if (rest.starts_with(kEnvironment)) {
            if (config.environment.empty()) {
                return fail(bad_template(config, "needs an environment, and none is chosen")
                                .with_remedy("Choose one: -e NAME, GODWIT_ENVIRONMENT, or default_environment "
                                             "in godwit.toml."));
            }
            text += config.environment;
            rest.remove_prefix(kEnvironment.size());
        } else if (rest.front() == '{' || rest.front() == '}') {
            return fail(bad_template(config, "holds a word in braces that is not known")
                            .with_remedy("Known are {name} and {environment}."));
        } else {
            text += rest.front();
            rest.remove_prefix(1);
        }
    }
    if (text.find(kName) == std::string::npos) {
        return fail(bad_template(config, "would give all tables one name")
                        .with_remedy("Write {name} where the name of the table belongs, as in "
                                     "\"{name}-{environment}\"."));
    }
    return text;
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
}

}  // namespace

Result<void> check_name(std::string_view real) {
    const bool fits = real.size() >= 3 && real.size() <= 255;
    if (fits && std::all_of(real.begin(), real.end(), is_name_character)) return {};
    return fail(make_error(ErrorCode::kInvalidInput,
                           fmt::format("DynamoDB takes no table of the name {}",
                                       real.empty() ? "\"\"" : printable(real)))
                    .with_remedy("Names have 3 to 255 letters, digits, underscores, dots and hyphens."));
}

Result<TableNames> TableNames::make(const TargetConfig& config) {
    TableNames names;
    names.template_ = kName;
    if (!config.name_template.empty()) names.template_ = TRY(fill_in(config));
    std::set<std::string> used;
    for (const auto& [logical, real] : config.names) {
        if (real.empty()) continue;  // As from "${TABLE:-}": by the template.
        if (!real.starts_with("arn:")) CHECK(check_name(real));
        if (!used.insert(real).second) {
            return fail(make_error(ErrorCode::kInvalidInput,
                                   fmt::format("two names of {} stand for one table, {}",
                                               printable(config.database), printable(real)))
                            .with_remedy("Give each of its names a table of its own."));
        }
        names.names_.emplace(logical, real);
    }
    return names;
}

std::string TableNames::real(std::string_view logical) const {
    if (const auto named = names_.find(logical); named != names_.end()) return named->second;
    if (logical.starts_with("arn:")) return std::string(logical);
    std::string real = template_;
    for (size_t at = real.find(kName); at != std::string::npos; at = real.find(kName, at + logical.size())) {
        real.replace(at, kName.size(), logical);
    }
    return real;
}

}  // namespace godwit::dynamodb
