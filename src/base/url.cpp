#include "base/url.h"

#include <algorithm>

#include "base/text.h"

namespace godwit {
namespace {

Error malformed(const std::string& what) {
    return make_error(ErrorCode::kInvalidInput, "the database URL is malformed: " + what)
        .with_remedy("It reads scheme://user:password@host:port/name?key=value, or sqlite:path; special "
                     "characters in a password are percent-encoded (@ is %40, : is %3A, / is %2F, # is %23).");
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

Result<std::string> decode(std::string_view text, const char* part) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out.push_back(text[i]);
            continue;
        }
        const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
        if (high < 0 || low < 0) return fail(malformed(std::string("a % in its ") + part + " is not followed by two hexadecimal digits"));
        out.push_back(static_cast<char>(high * 16 + low));
        i += 2;
    }
    if (out.find('\0') != std::string::npos) return fail(malformed(std::string("its ") + part + " holds a NUL"));
    return out;
}

Result<void> read_query(std::string_view query, DatabaseUrl& url) {
    for (const std::string_view pair : split_any(query, "&")) {
        const size_t equals = pair.find('=');
        if (equals == std::string_view::npos) return fail(malformed("a parameter after ? has no value"));
        const std::string key = TRY(decode(pair.substr(0, equals), "parameters"));
        std::string value = TRY(decode(pair.substr(equals + 1), "parameters"));
        if (key == "password") {
            url.password = Secret(std::move(value));
        } else if (!url.parameters.emplace(key, std::move(value)).second) {
            return fail(malformed("the parameter " + printable(key) + " stands twice"));
        }
    }
    return {};
}

Result<void> read_authority(std::string_view authority, DatabaseUrl& url) {
    const size_t at = authority.rfind('@');
    if (at != std::string_view::npos) {
        const std::string_view login = authority.substr(0, at);
        const size_t colon = login.find(':');
        url.user = TRY(decode(login.substr(0, colon), "user"));
        if (colon != std::string_view::npos) url.password = Secret(TRY(decode(login.substr(colon + 1), "password")));
        authority.remove_prefix(at + 1);
    }
    size_t port_colon = authority.rfind(':');
    if (authority.starts_with('[')) {
        const size_t close = authority.find(']');
        if (close == std::string_view::npos) return fail(malformed("a [ without ] in its host"));
        url.host = std::string(authority.substr(1, close - 1));
        authority.remove_prefix(close + 1);
        if (!authority.empty() && authority.front() != ':') return fail(malformed("text after the ] of its host"));
        port_colon = authority.empty() ? std::string_view::npos : 0;
    } else {
        // host1:1,host2:2 keeps its ports: the client library reads such lists.
        const bool list = authority.find(',') != std::string_view::npos;
        if (list) port_colon = std::string_view::npos;
        url.host = TRY(decode(authority.substr(0, port_colon), "host"));
    }
    if (port_colon == std::string_view::npos) return {};
    url.port = std::string(authority.substr(port_colon + 1));
    if (!url.port.empty() && !is_port(url.port)) {
        url.port.clear();
        return fail(malformed("its port is not a number from 1 to 65535"));
    }
    return {};
}

// SQLAlchemy writes sqlite:///relative and sqlite:////absolute; the rest of the
// world sqlite:relative and sqlite:/absolute.
Result<void> read_sqlite_path(std::string_view rest, DatabaseUrl& url) {
    if (rest.starts_with("//")) {
        rest.remove_prefix(2);
        if (!rest.empty() && rest.front() != '/' && rest != ":memory:") {
            return fail(make_error(ErrorCode::kInvalidInput, "the SQLite URL names a host")
                            .with_remedy("Write sqlite:path, sqlite:///relative/path or sqlite:////absolute/path."));
        }
        if (!rest.empty() && rest.front() == '/') rest.remove_prefix(1);
    }
    url.name = TRY(decode(rest, "path"));
    if (url.name.empty()) url.name = ":memory:";
    return {};
}

std::string_view canonical_scheme(std::string_view scheme) {
    return scheme == "postgres" || scheme == "psql" ? "postgresql" : scheme == "sqlite3" ? "sqlite" : scheme;
}

bool keeps_suffix(std::string_view suffix) {
    return suffix == "srv" || suffix == "http" || suffix == "https";
}

}  // namespace

bool is_port(std::string_view text) {
    const auto is_one = [](std::string_view port) {
        const bool digits = std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (!digits || port.empty() || port.size() > 5) return false;
        const int number = std::stoi(std::string(port));
        return number >= 1 && number <= 65535;
    };
    const auto ports = split(text, ',');
    return std::all_of(ports.begin(), ports.end(), is_one);
}

Result<DatabaseUrl> parse_database_url(std::string_view text) {
    text = trim(text);
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) return fail(malformed("it has no scheme"));
    std::string scheme = to_lower(text.substr(0, colon));
    const bool valid = std::all_of(scheme.begin(), scheme.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.' || c == '_';
    });
    if (!valid) return fail(malformed("it has no scheme"));
    DatabaseUrl url;
    const size_t plus = scheme.find('+');
    url.scheme = canonical_scheme(scheme.substr(0, plus));
    if (plus != std::string::npos && keeps_suffix(scheme.substr(plus + 1))) url.scheme += scheme.substr(plus);

    std::string_view rest = text.substr(colon + 1);
    const size_t hash = url.scheme == "sqlite" ? std::string_view::npos : rest.find('#');
    if (hash != std::string_view::npos) return fail(malformed("it holds a #, which must be written %23"));
    // Behind a / or ? that should have been encoded the rest of a password would
    // be taken for a name, and shown.
    const size_t last_at = url.scheme == "sqlite" ? std::string_view::npos : rest.rfind('@');
    const size_t end_of_host = rest.find_first_of("/?", rest.starts_with("//") ? 2 : 0);
    if (last_at != std::string_view::npos && end_of_host < last_at) {
        return fail(malformed("it holds an @ after its first / or ?"));
    }
    const size_t question = rest.find('?');
    if (question != std::string_view::npos) CHECK(read_query(rest.substr(question + 1), url));
    rest = rest.substr(0, question);
    if (url.scheme == "sqlite") {
        CHECK(read_sqlite_path(rest, url));
        return url;
    }
    if (!rest.starts_with("//")) return fail(malformed("// must follow its scheme"));
    rest.remove_prefix(2);
    const size_t slash = rest.find('/');
    CHECK(read_authority(rest.substr(0, slash), url));
    if (slash != std::string_view::npos) url.name = TRY(decode(rest.substr(slash + 1), "name"));
    return url;
}

std::string DatabaseUrl::display() const {
    if (scheme == "sqlite") return printable(name);
    std::string text = user.empty() ? "" : user + "@";
    text += host.empty() ? "localhost" : host;
    if (!port.empty()) text += ":" + port;
    if (!name.empty()) text += "/" + name;
    return printable(text);
}

}  // namespace godwit
