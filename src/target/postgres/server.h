// The target's main session: connects it, knows what it is, and after a loss
// makes sure that nothing of the old one still works before a new one begins.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/postgres/catalog.h"
#include "target/postgres/connection.h"
#include "target/postgres/pool.h"
#include "target/target.h"

namespace godwit::postgres {

class Server {
public:
    static Result<std::unique_ptr<Server>> make(const TargetConfig& config);

    // The main connection, made at the first call. After a loss: kUnavailable until
    // reconnect(), if something depended on the session (see depend()).
    Result<Connection*> connection();
    // For who wants the history first of all: makes the main connection if there
    // never was one, and reads the history in the message that finds out about the
    // session, where it is as Godwit makes it; shape() is then partial. Null where
    // it is not, or where there is a connection already.
    Result<ResultHandle> connect_and_read();
    // The main connection if it is there and, as far as is known, alive; else null.
    Connection* living_connection() { return main_ && main_->alive() ? &*main_ : nullptr; }
    // Drops what is left of the session and begins another. Waits until the old
    // one's backend is gone, because it may still commit; kUnavailable when it
    // will not go.
    Result<void> reconnect();
    Result<void> ping();

    // Of the connection made last; call connection() first.
    const Session& session() const { return session_; }
    const RecordShape& shape() const { return shape_; }
    // Asks again for the record's tables.
    Result<void> refresh_shape();
    // Asks, where shape() is partial.
    Result<void> complete_shape();

    // Whether a lock rests on the session, so that another one cannot take its place.
    void depend(bool depends) { depended_on_ = depends; }
    // Changes whenever a new session begins.
    int64_t generation() const { return generation_; }

    // Settings that a script has changed for the session, and that therefore are
    // no longer to be set for it.
    void note_script_setting(std::string name) { script_settings_.insert(std::move(name)); }
    bool set_by_script(std::string_view name) const { return script_settings_.count(std::string(name)) != 0; }
    // RESET ALL has been sent.
    void note_session_reset();
    // What is known of the session's settings, to be put back when a transaction
    // that changed them is rolled back.
    struct KnownSettings {
        std::set<std::string> by_script;
        std::map<std::string, std::string, std::less<>> values;
    };
    KnownSettings known_settings() const { return {script_settings_, session_.settings}; }
    void put_back(KnownSettings known);

    // SETs that give a transaction its limits, whatever role, database or pooler
    // would say.
    std::vector<std::string> limits(std::chrono::milliseconds lock_timeout,
                                    std::chrono::milliseconds statement_timeout) const;

    // The same for the session, for a statement that must stand alone; empty when
    // nothing is to be changed. Not for a session behind a pooler.
    std::string session_limits(std::chrono::milliseconds lock_timeout, std::chrono::milliseconds statement_timeout);

    // For pg_stat_activity as `w`: the main session.
    std::string own_session_condition() const;

    // While alive, the server's notices go nowhere.
    class Quiet {
    public:
        explicit Quiet(Server& server) : server_(server) { ++server_.quiet_; }
        ~Quiet() { --server_.quiet_; }
        Quiet(const Quiet&) = delete;
        Quiet& operator=(const Quiet&) = delete;

    private:
        Server& server_;
    };

    ConnectionPool& pool() { return pool_; }
    const ConnectionSettings& settings() const { return settings_; }
    const TableName& history() const { return history_; }
    const std::string& version() const { return version_; }

private:
    Server(const TargetConfig& config, ConnectionSettings settings, TableName history);

    Result<void> begin_session();
    Result<void> connect();
    Result<ResultHandle> read_at_first_sight();
    Result<void> describe();
    Result<void> take_shape(const ResultHandle& columns, const ResultHandle& tables);
    bool reads_strings_otherwise() const;
    std::string along_search_path(std::string sql) const;
    Result<int64_t> count_leftovers(bool terminate);
    Result<void> wait_for_leftovers();

    const TargetConfig config_;
    const ConnectionSettings settings_;
    const TableName history_;
    ConnectionPool pool_;
    PooledConnection main_;
    Session session_;
    Session former_;  // Of the lost session; pid 0: there is none to wait for.
    std::map<std::string, std::string, std::less<>> original_settings_;
    RecordShape shape_;
    std::string version_;
    std::set<std::string> script_settings_;
    int64_t generation_ = 0;
    int quiet_ = 0;
    bool depended_on_ = false;
};

}  // namespace godwit::postgres
