#include "project/settings.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "project/project_file.h"

namespace godwit {
namespace {

constexpr std::string_view kDefaultUrl = "sqlite:godwit.db";

Error from_variable(Error error, const std::string& name) {
    error.message = name + ": " + error.message;
    return error;
}

// DB_HOST and its like, or nothing when DB_HOST is not set.
Result<std::optional<DatabaseUrl>> url_from_parts(const Environment& environment) {
    const auto host = environment("DB_HOST");
    if (!host) return std::nullopt;
    DatabaseUrl url;
    url.scheme = "postgresql";
    url.host = *host;
    url.port = environment("DB_PORT").value_or("");
    if (!url.port.empty() && !is_port(url.port)) {
        return fail(make_error(ErrorCode::kInvalidInput,
                               "the environment variable DB_PORT takes a number from 1 to 65535, not " +
                                   printable(url.port))
                        .with_remedy("Correct it, or unset it for the usual port."));
    }
    url.name = environment("DB_NAME").value_or("");
    url.user = environment("DB_USER").value_or("");
    url.password = Secret(environment("DB_PASSWORD").value_or(""));
    return url;
}

Result<bool> read_flag(const Environment& environment, const char* name) {
    const auto text = environment(name);
    if (!text) return false;
    for (const char* yes : {"true", "1", "yes", "on"}) {
        if (equal_ignoring_case(*text, yes)) return true;
    }
    for (const char* no : {"false", "0", "no", "off"}) {
        if (equal_ignoring_case(*text, no)) return false;
    }
    return fail(make_error(ErrorCode::kInvalidInput,
                           fmt::format("the environment variable {} takes true or false, not {}", name,
                                       printable(*text)))
                    .with_remedy("Correct it, or unset it."));
}

Result<std::optional<int64_t>> read_number(const Environment& environment, const char* name, int64_t least) {
    const auto text = environment(name);
    if (!text) return std::nullopt;
    const bool digits = !text->empty() && text->size() <= 9 &&
                        std::all_of(text->begin(), text->end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || std::stoll(*text) < least) {
        return fail(
            make_error(ErrorCode::kInvalidInput,
                       fmt::format("the environment variable {} takes a whole number of at least {}, not {}",
                                   name, least, printable(*text)))
                .with_remedy("Correct it, or unset it."));
    }
    return std::stoll(*text);
}

Result<void> read_variables(const Environment& environment, Settings& settings) {
    settings.echo_sql = TRY(read_flag(environment, "DB_ECHO_SQL"));
    if (const auto size = TRY(read_number(environment, "DB_POOL_SIZE", 1)))
        settings.pool.size = static_cast<int32_t>(*size);
    if (const auto more = TRY(read_number(environment, "DB_MAX_OVERFLOW", 0)))
        settings.pool.max_overflow = static_cast<int32_t>(*more);
    if (const auto wait = TRY(read_number(environment, "DB_POOL_TIMEOUT", 0)))
        settings.pool.timeout = std::chrono::seconds(*wait);
    if (const auto limit = TRY(read_number(environment, "DB_MIGRATION_TIMEOUT", 1)))
        settings.timeout = std::chrono::seconds(*limit);
    return {};
}

// The one database that a URL without a name can mean.
DatabaseSettings* only_or_main(std::vector<DatabaseSettings>& databases) {
    if (databases.size() == 1) return &databases.front();
    const auto main =
        std::find_if(databases.begin(), databases.end(), [](const auto& d) { return d.name == "main"; });
    return main == databases.end() ? nullptr : &*main;
}

Result<void> apply_url(const SettingsRequest& request, const Environment& environment, Settings& settings,
                       bool from_file) {
    const auto variable = environment("DATABASE_URL");
    if (!request.url.empty()) {
        DatabaseSettings* database = only_or_main(settings.databases);
        for (DatabaseSettings& each : settings.databases) {
            if (request.databases.size() == 1 && each.name == request.databases.front()) database = &each;
        }
        if (database == nullptr) {
            return fail(make_error(ErrorCode::kInvalidInput,
                                   "--url does not say which of the project's databases it is for")
                            .with_remedy("Add --databases NAME."));
        }
        auto url = parse_database_url(request.url);
        if (!url) return fail(from_variable(std::move(url).error(), "--url"));
        database->url = std::move(*url);
    } else if (variable && only_or_main(settings.databases) != nullptr) {
        auto url = parse_database_url(*variable);
        if (!url) return fail(from_variable(std::move(url).error(), "DATABASE_URL"));
        only_or_main(settings.databases)->url = std::move(*url);
    } else if (!from_file) {
        if (auto url = TRY(url_from_parts(environment))) {
            settings.databases.front().url = std::move(*url);
        } else {
            settings.databases.front().url = TRY(parse_database_url(kDefaultUrl));
            settings.remark =
                fmt::format("no database is named (--url, DATABASE_URL, godwit.toml): using {}", kDefaultUrl);
        }
    }
    return {};
}

// A run locks all of its databases at once, and would wait for itself.
Result<void> check_distinct(const std::vector<DatabaseSettings>& databases) {
    for (size_t i = 0; i < databases.size(); ++i) {
        for (size_t k = 0; k < i; ++k) {
            const DatabaseUrl& a = databases[k].url;
            const DatabaseUrl& b = databases[i].url;
            const bool file = a.scheme == "sqlite" && a.name != ":memory:";
            if (a.scheme != b.scheme || a.display() != b.display() || a.name == ":memory:") continue;
            if (!file && (databases[k].history != databases[i].history || a.parameters != b.parameters))
                continue;
            return fail(
                make_error(ErrorCode::kInvalidInput, fmt::format("the databases {} and {} are the same: {}",
                                                                 printable(databases[k].name),
                                                                 printable(databases[i].name), b.display()))
                    .with_remedy(file ? "Give each a file of its own."
                                      : "Give each an address or a history table of its own."));
        }
    }
    return {};
}

Result<void> select(const SettingsRequest& request, Settings& settings) {
    const std::vector<DatabaseName> databases = settings.names();
    std::vector<std::string> names;
    for (const DatabaseName& database : databases) names.push_back(database.name);
    std::set<std::string> chosen;
    for (const std::string& word : request.databases) {
        const std::vector<std::string> meant = databases_meant(word, databases);
        chosen.insert(meant.begin(), meant.end());
        if (!meant.empty()) continue;
        const auto close = nearest(word, names);
        return fail(
            make_error(ErrorCode::kInvalidInput, "no database of this project is called " + printable(word))
                .with_remedy((close ? "Did you mean " + *close + "? " : "") + "It has " + join(names, ", ") +
                             "."));
    }
    settings.selected =
        request.databases.empty() ? names : std::vector<std::string>(chosen.begin(), chosen.end());
    return {};
}

}  // namespace

std::vector<DatabaseName> Settings::names() const {
    std::vector<DatabaseName> names;
    for (const DatabaseSettings& database : databases) {
        names.push_back({database.name, database.kind()});
    }
    return names;
}

Result<Settings> read_settings(const SettingsRequest& request, const Environment& environment) {
    Settings settings;
    CHECK(read_variables(environment, settings));
    const std::optional<std::string> file = TRY(find_project_file(request.folder, request.config));
    if (file) {
        CHECK(read_project_file(*file, request.environment, environment, settings));
    } else {
        if (!request.environment.empty())
            settings.environment = request.environment;
        else
            settings.environment = environment("GODWIT_ENVIRONMENT").value_or("");
        DatabaseSettings database;
        database.migrations = request.folder == "." ? "migrations" : request.folder + "/migrations";
        settings.databases.push_back(std::move(database));
    }
    CHECK(apply_url(request, environment, settings, file.has_value()));
    CHECK(select(request, settings));
    const bool one = settings.databases.size() == 1 || settings.selected.size() == 1;
    for (const auto& [option, value] :
         {std::pair{"--migrations", &request.migrations}, {"--history", &request.history}, {"--seeds", &request.seeds}}) {
        if (one || value->empty()) continue;
        return fail(
            make_error(ErrorCode::kInvalidInput,
                       std::string(option) + " does not say which of the project's databases it is for")
                .with_remedy("Add --databases NAME."));
    }
    for (DatabaseSettings& database : settings.databases) {
        const bool meant =
            settings.databases.size() == 1 || settings.selected == std::vector<std::string>{database.name};
        if (!request.migrations.empty() && meant) database.migrations = request.migrations;
        if (!request.history.empty() && meant) database.history = request.history;
        if (!request.seeds.empty() && meant) database.seeds = request.seeds;
        if (database.history.empty()) {
            database.history =
                database.layout == HistoryLayout::kAlembic ? "alembic_version" : "schema_migrations";
        }
    }
    CHECK(check_distinct(settings.databases));
    return settings;
}

}  // namespace godwit
