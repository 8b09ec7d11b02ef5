// How to reach the server: libpq's keywords, made from a TargetConfig.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "target/target.h"

namespace godwit::postgres {

// Keyword and value, in the order in which they are handed to libpq.
using Keywords = std::vector<std::pair<std::string, std::string>>;

// Whether session settings may travel with the connection request. PgBouncer
// before 1.21 refuses that, so there they are set in each transaction.
enum class StartupOptions : uint8_t { kSend, kLeaveOut };

class ConnectionSettings {
public:
    // kInvalidInput, naming the nearest known one, for a parameter that libpq does
    // not know, and for a port that is none. Beyond libpq's own parameters there
    // are `search_path` and, as other drivers have it, `ssl`.
    static Result<ConnectionSettings> make(const TargetConfig& config);

    // libpq tries the hosts of a list one after another, but with a limit of time
    // only when it may block; so each host is an attempt of its own.
    size_t attempts() const { return hosts_.size(); }
    // With the password, so only ever for libpq.
    Keywords keywords(size_t attempt, StartupOptions options) const;

    std::chrono::milliseconds connect_timeout() const { return connect_timeout_; }
    const std::string& application_name() const { return application_name_; }
    const std::string& search_path() const { return search_path_; }
    const Secret& password() const { return password_; }

    // "user@host:5432/app", as far as the configuration says.
    std::string describe() const;
    // `host:5432 as user to database "app"`.
    std::string describe_attempt(size_t attempt) const;

private:
    struct Host {
        std::string name;     // Empty: libpq's own default.
        std::string address;  // hostaddr.
        std::string port;
        std::string session_attributes;  // target_session_attrs; empty: not given.
    };

    Result<void> read_parameters(const TargetConfig& config);
    Result<void> read_hosts(const DatabaseUrl& url);

    std::vector<Host> hosts_;
    Keywords common_;
    std::string host_list_;
    std::string address_list_;
    std::string port_list_;
    std::string session_attributes_;
    std::string user_;
    std::string database_;
    std::string application_name_;
    std::string search_path_;
    std::string options_;
    Secret password_;
    std::chrono::milliseconds connect_timeout_{0};
};

}  // namespace godwit::postgres
