#include "target/postgres/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/process.h"
#include "base/text.h"
#include "target/postgres/libpq.h"

namespace godwit::postgres {
namespace {

// NAMEDATALEN - 1: the server cuts longer names off.
constexpr size_t kApplicationNameLimit = 63;

// What is not left to the user: the tool speaks UTF-8 and plain SQL.
const std::vector<std::string> kOwnKeywords = {"client_encoding", "replication", "fallback_application_name"};

// A server that vanished without a word is noticed within a minute or two, not
// after the two hours of the system's default.
const Keywords kKeepalive = {{"keepalives_idle", "30"}, {"keepalives_interval", "10"}, {"keepalives_count", "3"},
                             {"tcp_user_timeout", "60000"}};

// The values that libpq takes, where it has a list of them (PostgreSQL
// documentation, "Parameter Key Words"); it would tell only when connecting.
struct Choice {
    std::string_view parameter;
    std::vector<std::string> values;
};
const std::vector<Choice> kChoices = {
    {"sslmode", {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}},
    {"channel_binding", {"disable", "prefer", "require"}},
    {"gssencmode", {"disable", "prefer", "require"}},
    {"target_session_attrs", {"any", "read-write", "read-only", "primary", "standby", "prefer-standby"}},
    {"ssl_min_protocol_version", {"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}},
    {"ssl_max_protocol_version", {"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}},
    {"sslsni", {"0", "1"}},
    {"sslcompression", {"0", "1"}},
};
const std::vector<std::string> kWholeNumbers = {"keepalives", "keepalives_idle", "keepalives_interval",
                                                "keepalives_count", "tcp_user_timeout"};

tl::unexpected<Error> not_understood(const std::string& name, const std::string& value,
                                     const std::string& remedy) {
    return fail(
        make_error(ErrorCode::kInvalidInput,
                   fmt::format("the value {} of the parameter {} in the database URL is not understood",
                               value.empty() ? "\"\"" : printable(value), name))
            .with_remedy(remedy));
}

bool is_whole_number(std::string_view text) {
    const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    return digits && !text.empty() && text.size() <= 9;
}

Result<void> check_value(const std::string& name, const std::string& value) {
    const bool number = std::find(kWholeNumbers.begin(), kWholeNumbers.end(), name) != kWholeNumbers.end();
    if (number && !is_whole_number(value)) return not_understood(name, value, "It takes a whole number.");
    for (const auto& [parameter, values] : kChoices) {
        if (parameter != name || std::find(values.begin(), values.end(), value) != values.end()) continue;
        const std::vector<std::string> others(values.begin(), values.end() - 1);
        return not_understood(name, value, "It takes " + join(others, ", ") + " or " + values.back() + ".");
    }
    return {};
}

// As other drivers have it: true, false, or a mode.
Result<std::string> ssl_mode(const std::string& value) {
    if (value == "true") return std::string("require");
    if (value == "false") return std::string("disable");
    if (!check_value("sslmode", value)) {
        return not_understood("ssl", value,
                              "It takes true, false, or what sslmode takes: disable, allow, prefer, "
                              "require, verify-ca or verify-full.");
    }
    return value;
}

std::vector<std::string> known_keywords() {
    std::vector<std::string> names = {"search_path", "ssl"};
    PQconninfoOption* options = PQconndefaults();
    if (options == nullptr) return names;
    for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
        const std::string name = option->keyword;
        if (std::find(kOwnKeywords.begin(), kOwnKeywords.end(), name) == kOwnKeywords.end()) names.push_back(name);
    }
    PQconninfoFree(options);
    return names;
}

Error unknown_parameter(const std::string& name, const std::vector<std::string>& known) {
    Error error = make_error(ErrorCode::kInvalidInput, "unknown parameter " + printable(name) + " in the database URL");
    if (name == "client_encoding") return std::move(error).with_remedy("Leave it out: the encoding is always UTF-8.");
    const auto close = nearest(name, known);
    return std::move(error).with_remedy(close ? "Did you mean " + *close + "?"
                                              : "Parameters are those of libpq, and search_path.");
}

std::string default_application_name(const std::string& owner) {
    std::string name = owner.empty() ? "godwit" : "godwit " + owner;
    // The server would show anything else as a question mark.
    std::replace_if(name.begin(), name.end(), [](char c) { return c < 32 || c > 126; }, '?');
    return name.substr(0, kApplicationNameLimit);
}

bool valid_port(std::string_view port) {
    if (port.empty()) return true;
    const bool digits = std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || port.size() > 5) return false;
    const int number = std::stoi(std::string(port));
    return number >= 1 && number <= 65535;
}

// The n-th of a list that has one value for all or one for each.
std::string nth(const std::vector<std::string_view>& values, size_t index) {
    if (values.empty()) return "";
    return std::string(values.size() == 1 ? values[0] : values[index]);
}

// As a word of libpq's `options`, where blanks separate.
std::string escape_option(std::string_view value) {
    std::string out;
    for (const char c : value) {
        if (c == ' ' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

std::string or_environment(const std::string& value, const char* name, std::string_view otherwise) {
    if (!value.empty()) return value;
    return environment_variable(name).value_or(std::string(otherwise));
}

}  // namespace

Result<ConnectionSettings> ConnectionSettings::make(const TargetConfig& config) {
    ConnectionSettings settings;
    const DatabaseUrl& url = config.url;
    settings.user_ = url.user;
    settings.password_ = url.password;
    settings.database_ = url.name;
    settings.host_list_ = url.host;
    settings.port_list_ = url.port;
    settings.application_name_ = default_application_name(config.owner);
    settings.connect_timeout_ = config.connect_timeout;
    CHECK(settings.read_parameters(config));
    CHECK(settings.read_hosts(url));
    return settings;
}

Result<void> ConnectionSettings::read_parameters(const TargetConfig& config) {
    const std::map<std::string, std::string*> own = {
        {"host", &host_list_},     {"hostaddr", &address_list_}, {"port", &port_list_}, {"user", &user_},
        {"dbname", &database_},    {"target_session_attrs", &session_attributes_},
        {"search_path", &search_path_}, {"options", &options_}, {"application_name", &application_name_}};
    std::vector<std::string> known;
    for (const auto& [name, value] : config.url.parameters) {
        if (known.empty()) known = known_keywords();
        if (std::find(known.begin(), known.end(), name) == known.end()) return fail(unknown_parameter(name, known));
        CHECK(check_value(name, value));
        if (name == "connect_timeout") {
            const auto limit = parse_duration_ms(value, 1'000);
            if (!limit) return fail(ErrorCode::kInvalidInput, "connect_timeout in the database URL is not a number of seconds");
            connect_timeout_ = std::chrono::milliseconds(*limit);
        } else if (name == "password") {
            password_ = Secret(value);
        } else if (name == "ssl") {
            common_.emplace_back("sslmode", TRY(ssl_mode(value)));
        } else if (const auto place = own.find(name); place != own.end()) {
            *place->second = value;
        } else {
            common_.emplace_back(name, value);
        }
    }
    return {};
}

Result<void> ConnectionSettings::read_hosts(const DatabaseUrl& url) {
    const auto list = [](const std::string& text) {
        return text.empty() ? std::vector<std::string_view>{} : split(text, ',');
    };
    const auto names = list(host_list_);
    const auto addresses = list(address_list_);
    const auto ports = list(port_list_);
    const size_t count = std::max<size_t>({names.size(), addresses.size(), 1});
    const bool matches = (addresses.empty() || names.empty() || addresses.size() == names.size()) &&
                         (ports.size() <= 1 || ports.size() == count);
    if (!matches) return fail(ErrorCode::kInvalidInput, "the database URL does not name as many ports as hosts");
    for (size_t i = 0; i < count; ++i) {
        Host host{nth(names, i), nth(addresses, i), nth(ports, i), session_attributes_};
        // In a list, each host may bring its own port; [::1] is an IPv6 address.
        const bool from_url = host_list_ == url.host && names.size() > 1;
        const size_t colon = host.name.rfind(':');
        if (from_url && colon != std::string::npos && host.name.find(']', colon) == std::string::npos) {
            host.port = host.name.substr(colon + 1);
            host.name.resize(colon);
        }
        if (host.name.starts_with('[') && host.name.ends_with(']')) host.name = host.name.substr(1, host.name.size() - 2);
        if (!valid_port(host.port)) {
            return fail(ErrorCode::kInvalidInput, "the port " + printable(host.port) + " in the database URL is not a number from 1 to 65535");
        }
        hosts_.push_back(std::move(host));
    }
    // libpq looks through the whole list twice: for a standby, then for anything.
    if (session_attributes_ == "prefer-standby" && hosts_.size() > 1) {
        const std::vector<Host> once = hosts_;
        for (Host& host : hosts_) host.session_attributes = "standby";
        for (Host host : once) {
            host.session_attributes = "any";
            hosts_.push_back(std::move(host));
        }
    }
    return {};
}

Keywords ConnectionSettings::keywords(size_t attempt, StartupOptions startup) const {
    const Host& host = hosts_[attempt];
    Keywords all;
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) all.emplace_back(name, value);
    };
    add("host", host.name);
    add("hostaddr", host.address);
    add("port", host.port);
    add("target_session_attrs", host.session_attributes);
    add("user", user_);
    add("password", password_.expose());
    add("dbname", database_);
    add("application_name", application_name_);
    all.emplace_back("client_encoding", "UTF8");
    const bool with_path = startup == StartupOptions::kSend && !search_path_.empty();
    add("options", with_path ? options_ + " -c search_path=" + escape_option(search_path_) : options_);
    for (const auto& [name, value] : kKeepalive) all.emplace_back(name, value);
    // Later ones win, so what the user says about keepalives holds.
    for (const auto& [name, value] : common_) all.emplace_back(name, value);
    return all;
}

std::string ConnectionSettings::describe() const {
    const Host& host = hosts_.front();
    const std::string name = host.name.empty() ? host.address : host.name;
    const std::string user = or_environment(user_, "PGUSER", user_name());
    return printable(fmt::format("{}@{}:{}/{}", user, or_environment(name, "PGHOST", "local"),
                                 or_environment(host.port, "PGPORT", "5432"),
                                 or_environment(database_, "PGDATABASE", user)));
}

std::string ConnectionSettings::describe_attempt(size_t attempt) const {
    const Host& host = hosts_[attempt];
    const std::string name = host.name.empty() ? host.address : host.name;
    const std::string user = or_environment(user_, "PGUSER", user_name());
    return printable(fmt::format("{}:{} as {} to database \"{}\"", or_environment(name, "PGHOST", "local socket"),
                                 or_environment(host.port, "PGPORT", "5432"), user,
                                 or_environment(database_, "PGDATABASE", user)));
}

}  // namespace godwit::postgres
