#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include "project/project_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/text.h"
#include "project/substitute.h"

namespace godwit {
namespace {

using std::chrono::milliseconds;

const std::vector<std::string> kTopKeys = {"default_environment", "database", "environment"};
const std::vector<std::string> kEnvironmentKeys = {"protected", "database"};
const std::vector<std::string> kDatabaseKeys = {"url",
                                                "kind",
                                                "host",
                                                "port",
                                                "user",
                                                "password",
                                                "dbname",
                                                "sslmode",
                                                "sslrootcert",
                                                "sslcert",
                                                "sslkey",
                                                "migrations",
                                                "seeds",
                                                "history",
                                                "history_layout",
                                                "name_template",
                                                "names",
                                                "lock_timeout",
                                                "statement_timeout",
                                                "connect_timeout"};

class Reader {
public:
    Reader(std::string path, const Environment& environment)
        : path_(std::move(path)), environment_(environment) {
        const size_t slash = path_.rfind('/');
        folder_ = slash == std::string::npos ? "." : path_.substr(0, slash);
    }

    Result<void> read(const std::string& wanted_environment, Settings& settings) {
        toml::parse_result parsed = toml::parse_file(path_);
        if (!parsed) return fail(not_toml(parsed.error()));
        const toml::table& root = parsed.table();
        CHECK(check_keys(root, kTopKeys, ""));
        settings.config_file = path_;
        settings.environment = TRY(current_environment(root, wanted_environment));
        CHECK(read_databases(root, settings));
        return {};
    }

private:
    SourceSpan span(const toml::source_position& at) const {
        return {path_, static_cast<int32_t>(at.line), static_cast<int32_t>(at.column), -1};
    }
    // Of a line that holds a password, or may: without a column it is not shown.
    SourceSpan secret_span(const toml::source_position& at) const {
        return {path_, static_cast<int32_t>(at.line), 0, -1};
    }
    SourceSpan secret_span(const toml::node& node) const { return secret_span(node.source().begin); }

    Error not_toml(const toml::parse_error& error) const {
        std::string what(error.description());
        if (!what.empty()) what.front() = to_lower(what.substr(0, 1)).front();
        const toml::source_position at = error.source().begin;
        return make_error(ErrorCode::kInvalidInput, what)
            .at(may_hold_secret(at.line) ? secret_span(at) : span(at))
            .with_remedy(
                "The project file is TOML: texts stand in quotes, and the names of tables in [brackets].");
    }

    // Where the file is not as it should be, nothing says for sure which of its
    // texts is a password.
    bool may_hold_secret(uint32_t line) const {
        std::ifstream file(path_, std::ios::binary);
        std::string text;
        bool open_text = false;
        for (uint32_t number = 1; number <= line && std::getline(file, text); ++number) {
            open_text = open_text || text.find("\"\"\"") != std::string::npos ||
                        text.find("'''") != std::string::npos;
        }
        const std::string lower = to_lower(text);
        const auto holds = [&](std::string_view word) { return lower.find(word) != std::string::npos; };
        return open_text || holds("passw") || holds("://") || holds("@");
    }
    SourceSpan span(const toml::node& node) const { return span(node.source().begin); }

    Result<void> check_keys(const toml::table& table, const std::vector<std::string>& known,
                            const std::string& where) const {
        for (const auto& [key, node] : table) {
            const std::string name(key.str());
            if (std::find(known.begin(), known.end(), name) != known.end()) continue;
            const auto close = nearest(name, known);
            return fail(make_error(ErrorCode::kInvalidInput, "unknown key " + printable(name) +
                                                                 (where.empty() ? "" : " in [" + where + "]"))
                            .at(may_hold_secret(key.source().begin.line) ? secret_span(key.source().begin)
                                                                         : span(key.source().begin))
                            .with_remedy(close ? "Did you mean " + *close + "?"
                                               : "Known are " + join(known, ", ") + "."));
        }
        return {};
    }

    Error wrong_type(const toml::node& node, std::string_view key, std::string_view type) const {
        const bool secret = may_hold_secret(node.source().begin.line);
        return make_error(ErrorCode::kInvalidInput, fmt::format("{} takes {}", key, type))
            .at(secret ? secret_span(node) : span(node));
    }

    // A text, or a number or truth value read as its text, with ${…} replaced.
    Result<std::string> text_of(const toml::node& node, std::string_view key) const {
        std::string raw;
        if (const auto* text = node.as_string())
            raw = text->get();
        else if (const auto* number = node.as_integer())
            raw = std::to_string(number->get());
        else
            return fail(wrong_type(node, key, "a text"));
        Result<std::string> text = substitute(raw, environment_);
        const bool secret = key == "password" || raw.find('@') != std::string::npos;
        if (!text) return fail(std::move(text).error().at(secret ? secret_span(node) : span(node)));
        return text;
    }

    Result<std::string> current_environment(const toml::table& root, const std::string& wanted) const {
        const toml::node* node = root.get("default_environment");
        const std::string usual =
            node == nullptr ? std::string() : TRY(text_of(*node, "default_environment"));
        std::string named = !wanted.empty() ? wanted : environment_("GODWIT_ENVIRONMENT").value_or(usual);
        if (named.empty() || (node != nullptr && named == written_default(*node))) return named;
        CHECK(check_named(root, named));
        return named;
    }

    // The default that the file itself spells out, "dev" in "${STAGE:-dev}": it
    // needs no table, since the tables of the databases are meant for it.
    static std::string written_default(const toml::node& node) {
        const auto* text = node.as_string();
        const Environment nothing_set = [](const std::string&) -> std::optional<std::string> {
            return std::nullopt;
        };
        return text == nullptr ? std::string() : substitute(text->get(), nothing_set).value_or(std::string());
    }

    // A slip of the pen, as in `-e prdo`, must not make a protected database an
    // unprotected one. A project without environments may be told any name.
    Result<void> check_named(const toml::table& root, const std::string& named) const {
        const toml::node* node = root.get("environment");
        const toml::table* environments = node == nullptr ? nullptr : node->as_table();
        if (environments == nullptr || environments->contains(named)) return {};
        std::vector<std::string> names;
        for (const auto& [key, table] : *environments) names.emplace_back(key.str());
        const auto close = nearest(named, names);
        return fail(make_error(ErrorCode::kInvalidInput, "unknown environment " + printable(named))
                        .at({path_, 0, 0, -1})
                        .with_remedy(close ? "Did you mean " + *close + "?"
                                           : "Known are " + join(names, ", ") + "."));
    }

    Result<const toml::table*> table_at(const toml::table& parent, std::string_view key,
                                        const std::string& where) const {
        const toml::node* node = parent.get(key);
        if (node == nullptr) return nullptr;
        if (!node->is_table()) return fail(wrong_type(*node, key, "a table: write [" + where + "]"));
        return node->as_table();
    }

    Result<void> read_databases(const toml::table& root, Settings& settings) {
        const toml::table* databases = TRY(table_at(root, "database", "database.main"));
        const toml::table* environments = TRY(table_at(root, "environment", "environment.dev"));
        CHECK(check_environments(environments, databases));
        const toml::table* overrides = TRY(environment_table(environments, settings));
        if (databases == nullptr || databases->empty()) {
            return fail(make_error(ErrorCode::kInvalidInput, "no database is defined")
                            .at({path_, 1, 1, 0})
                            .with_remedy("Add a table such as [database.main] with a url."));
        }
        for (const auto& [key, node] : *databases) {
            const std::string name(key.str());
            if (!node.is_table())
                return fail(wrong_type(node, name, "a table: write [database." + name + "]"));
            const toml::table* own = overrides == nullptr ? nullptr : TRY(table_at(*overrides, name, name));
            settings.databases.push_back(TRY(read_database(name, *node.as_table(), own)));
        }
        return {};
    }

    Result<void> check_environments(const toml::table* environments, const toml::table* databases) const {
        if (environments == nullptr) return {};
        for (const auto& [key, node] : *environments) {
            const std::string where = "environment." + std::string(key.str());
            if (!node.is_table()) return fail(wrong_type(node, key.str(), "a table: write [" + where + "]"));
            CHECK(check_keys(*node.as_table(), kEnvironmentKeys, where));
            const toml::node* flag = node.as_table()->get("protected");
            if (flag != nullptr && !flag->is_boolean())
                return fail(wrong_type(*flag, "protected", "true or false"));
            const toml::table* overrides =
                TRY(table_at(*node.as_table(), "database", where + ".database.main"));
            if (overrides == nullptr) continue;
            for (const auto& [name, table] : *overrides) {
                const std::string inner = where + ".database." + std::string(name.str());
                if (!table.is_table())
                    return fail(wrong_type(table, name.str(), "a table: write [" + inner + "]"));
                CHECK(check_keys(*table.as_table(), kDatabaseKeys, inner));
                if (databases != nullptr && databases->contains(name.str())) continue;
                return fail(make_error(ErrorCode::kInvalidInput, "[" + where + ".database." +
                                                                     std::string(name.str()) +
                                                                     "] names a database that is not defined")
                                .at(span(name.source().begin))
                                .with_remedy("Define [database." + std::string(name.str()) + "] first."));
            }
        }
        return {};
    }

    Result<const toml::table*> environment_table(const toml::table* environments, Settings& settings) const {
        if (settings.environment.empty()) return nullptr;
        const toml::node* node = environments == nullptr ? nullptr : environments->get(settings.environment);
        if (node == nullptr) return nullptr;
        const toml::table& table = *node->as_table();
        if (const toml::node* flag = table.get("protected"))
            settings.is_protected = flag->as_boolean()->get();
        return table_at(table, "database", "environment." + settings.environment + ".database.main");
    }

    Result<DatabaseSettings> read_database(const std::string& name, const toml::table& base,
                                           const toml::table* own) const {
        CHECK(check_keys(base, kDatabaseKeys, "database." + name));
        std::map<std::string, const toml::node*> nodes;
        for (const auto& [key, node] : base) nodes[std::string(key.str())] = &node;
        if (own != nullptr) {
            // Another address replaces the whole address, not a part of it.
            if (own->contains("url")) {
                for (const char* part : {"host", "port", "user", "dbname"}) nodes.erase(part);
            }
            if (own->contains("host")) nodes.erase("url");
            for (const auto& [key, node] : *own) nodes[std::string(key.str())] = &node;
        }
        DatabaseSettings database;
        database.name = name;
        CHECK(read_address(nodes, base, database));
        CHECK(read_rest(nodes, database));
        CHECK(read_names(base, database));
        if (own != nullptr) CHECK(read_names(*own, database));
        return database;
    }

    using Nodes = std::map<std::string, const toml::node*>;

    Result<std::optional<std::string>> optional_text(const Nodes& nodes, const std::string& key) const {
        const auto node = nodes.find(key);
        if (node == nodes.end()) return std::nullopt;
        return TRY(text_of(*node->second, key));
    }

    Result<void> read_address(const Nodes& nodes, const toml::table& base, DatabaseSettings& database) const {
        if (const auto url = TRY(optional_text(nodes, "url"))) {
            auto parsed = parse_database_url(*url);
            if (!parsed) return fail(std::move(parsed).error().at(secret_span(*nodes.at("url"))));
            database.url = std::move(*parsed);
            if (database.url.scheme == "sqlite" && database.url.name != ":memory:" &&
                !database.url.name.starts_with('/')) {
                database.url.name = beside(database.url.name);
            }
        } else if (nodes.contains("host")) {
            const std::string kind = TRY(optional_text(nodes, "kind")).value_or("postgresql");
            if (kind != "postgresql" && kind != "postgres") {
                return fail(make_error(ErrorCode::kInvalidInput,
                                       "a database with a host cannot be of the kind " + printable(kind))
                                .at(span(*nodes.at("kind")))
                                .with_remedy("It takes postgresql; other databases are named by their url."));
            }
            database.url.scheme = "postgresql";
        } else {
            return fail(make_error(ErrorCode::kInvalidInput, "the database " + database.name + " has no url")
                            .at(span(base))
                            .with_remedy("Add url = \"…\", or host, port, user and dbname."));
        }
        for (const auto& [key, field] : {std::pair{"host", &database.url.host},
                                         {"port", &database.url.port},
                                         {"user", &database.url.user},
                                         {"dbname", &database.url.name}}) {
            if (auto value = TRY(optional_text(nodes, key))) *field = std::move(*value);
        }
        if (nodes.contains("port") && !is_port(database.url.port))
            return fail(wrong_type(*nodes.at("port"), "port", "a number from 1 to 65535"));
        for (const char* key : {"sslmode", "sslrootcert", "sslcert", "sslkey"}) {
            if (auto value = TRY(optional_text(nodes, key))) database.url.parameters[key] = std::move(*value);
        }
        if (const auto password = TRY(optional_text(nodes, "password"))) {
            auto secret = resolve_secret(*password, folder_, environment_);
            if (!secret) return fail(std::move(secret).error().at(secret_span(*nodes.at("password"))));
            database.url.password = std::move(*secret);
        }
        return {};
    }

    Result<void> read_rest(const Nodes& nodes, DatabaseSettings& database) const {
        const std::string migrations = TRY(optional_text(nodes, "migrations")).value_or("migrations");
        database.migrations = beside(migrations);
        if (const auto seeds = TRY(optional_text(nodes, "seeds"))) database.seeds = beside(*seeds);
        database.history = TRY(optional_text(nodes, "history")).value_or("");
        database.name_template = TRY(optional_text(nodes, "name_template")).value_or("");
        if (const auto layout = TRY(optional_text(nodes, "history_layout"))) {
            if (*layout == "alembic")
                database.layout = HistoryLayout::kAlembic;
            else if (*layout != "schema_migrations") {
                return fail(make_error(ErrorCode::kInvalidInput,
                                       "history_layout " + printable(*layout) + " is not known")
                                .at(span(*nodes.at("history_layout")))
                                .with_remedy("It takes schema_migrations or alembic."));
            }
        }
        for (const auto& [key, field] : {std::pair{"lock_timeout", &database.lock_timeout},
                                         {"statement_timeout", &database.statement_timeout},
                                         {"connect_timeout", &database.connect_timeout}}) {
            const auto text = TRY(optional_text(nodes, key));
            if (!text) continue;
            const auto ms = parse_duration_ms(*text, 1'000);
            if (!ms) return fail(wrong_type(*nodes.at(key), key, "a time such as \"5s\" or \"250ms\""));
            *field = milliseconds(*ms);
        }
        return {};
    }

    // An environment's names come before the database's, one by one.
    Result<void> read_names(const toml::table& table, DatabaseSettings& database) const {
        const toml::node* node = table.get("names");
        if (node == nullptr) return {};
        if (!node->is_table())
            return fail(wrong_type(*node, "names", "a table such as { EchoesTable = \"EchoesTable-dev\" }"));
        for (const auto& [name, value] : *node->as_table()) {
            const std::string key(name.str());
            database.names[key] = TRY(text_of(value, "names." + key));
        }
        return {};
    }

    std::string beside(const std::string& path) const {
        return tidy_path(path.starts_with('/') || folder_ == "." ? path : folder_ + "/" + path);
    }

    std::string path_;
    std::string folder_;
    const Environment& environment_;
};

int errno_of_reading(const std::string& file) { return access(file.c_str(), R_OK) == 0 ? 0 : errno; }

// What a path leads to; of one that is not there yet, its folder.
std::optional<std::pair<dev_t, ino_t>> identity(const std::filesystem::path& path) {
    struct stat facts = {};
    const std::filesystem::path folder =
        path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    if (stat(path.c_str(), &facts) != 0 && stat(folder.c_str(), &facts) != 0) return std::nullopt;
    return std::pair(facts.st_dev, facts.st_ino);
}

}  // namespace

std::string tidy_path(const std::string& path) {
    const std::filesystem::path tidy = std::filesystem::path(path).lexically_normal();
    const auto place = identity(path);
    return place && place == identity(tidy) ? tidy.string() : path;
}

Result<std::optional<std::string>> find_project_file(const std::string& folder, const std::string& config) {
    if (!config.empty()) {
        struct stat facts = {};
        if (stat(config.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode)) {
            return fail(
                make_error(ErrorCode::kInvalidInput, "the project file " + printable(config) + " is a folder")
                    .with_remedy("Name the file: --config FOLDER/godwit.toml."));
        }
        if (access(config.c_str(), R_OK) == 0) return tidy_path(config);
        return fail(make_error(ErrorCode::kInvalidInput, "cannot read the project file " + printable(config))
                        .with_remedy("Check --config, or write one with `godwit init`."));
    }
    char resolved[PATH_MAX];
    if (realpath(folder.c_str(), resolved) == nullptr) return std::nullopt;
    std::string at = resolved;
    std::string prefix = folder == "." ? "" : folder + "/";
    while (true) {
        const std::string file = prefix + "godwit.toml";
        if (access(file.c_str(), R_OK) == 0) return file;
        // Passed over, it would leave the run to another database.
        if (access(file.c_str(), F_OK) == 0) {
            return fail(make_error(ErrorCode::kInvalidInput, "cannot read the project file " +
                                                                 printable(file) + ": " +
                                                                 std::strerror(errno_of_reading(file)))
                            .with_remedy("Give the user who runs godwit the right to read it."));
        }
        if (access((prefix + ".git").c_str(), F_OK) == 0) return std::nullopt;
        const size_t slash = at.rfind('/');
        if (at == "/" || slash == std::string::npos) return std::nullopt;
        at = slash == 0 ? "/" : at.substr(0, slash);
        prefix += "../";
    }
}

Result<void> read_project_file(const std::string& path, const std::string& wanted_environment,
                               const Environment& environment, Settings& settings) {
    return Reader(path, environment).read(wanted_environment, settings);
}

}  // namespace godwit
