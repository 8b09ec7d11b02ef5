#include <libpq-fe.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fmt/format.h>
#include <stdexcept>
#include <unistd.h>

#include "support/sql_fixture.h"
#include "target/registry.h"

namespace godwit::test {
namespace {

struct CloseConnection {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;

struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};

Connection connect(const std::string& url, const std::string& database) {
    const char* const keywords[] = {"dbname", "application_name", "client_encoding", nullptr, nullptr};
    const char* const values[] = {url.c_str(), "godwit test fixture", "UTF8", nullptr, nullptr};
    Connection connection(PQconnectdbParams(keywords, values, 1));
    if (PQstatus(connection.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
    if (database.empty()) return connection;
    // The URL with another database: what the first connection settled on.
    const char* const names[] = {"host", "port", "user", "password", "dbname", "application_name", nullptr};
    const char* const texts[] = {PQhost(connection.get()), PQport(connection.get()), PQuser(connection.get()),
                                 PQpass(connection.get()), database.c_str(), "godwit test fixture", nullptr};
    Connection other(PQconnectdbParams(names, texts, 0));
    if (PQstatus(other.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(other.get()));
    return other;
}

std::vector<std::string> query(PGconn* connection, const std::string& text) {
    const std::unique_ptr<PGresult, ClearResult> result(PQexec(connection, text.c_str()));
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        throw std::runtime_error(PQerrorMessage(connection) + text);
    }
    std::vector<std::string> rows;
    for (int row = 0; row < PQntuples(result.get()); ++row) {
        std::string line;
        for (int column = 0; column < PQnfields(result.get()); ++column) {
            const bool null = PQgetisnull(result.get(), row, column) != 0;
            line += fmt::format("{}{}", column == 0 ? "" : "|", null ? "NULL" : PQgetvalue(result.get(), row, column));
        }
        rows.push_back(std::move(line));
    }
    return rows;
}

// Unlike any other test's, also of other processes.
std::string fresh_name() {
    static std::atomic<int32_t> count{0};
    return fmt::format("godwit_test_{}_{}", getpid(), ++count);
}

constexpr const char* kOwn =
    "(c.relname IN ('schema_migrations', 'other_migrations', 'alembic_version') OR c.relname LIKE 'godwit\\_%')";

class PostgresFixture final : public SqlFixture {
public:
    explicit PostgresFixture(std::string url) : url_(std::move(url)), admin_(connect(url_, "")), database_(fresh_name()) {
        query(admin_.get(), "CREATE DATABASE " + database_);
        own_ = connect(url_, database_);
        query(own_.get(), "SET client_min_messages = error");
    }
    ~PostgresFixture() override {
        own_.reset();
        try {
            query(admin_.get(), "DROP DATABASE IF EXISTS " + database_ + " WITH (FORCE)");
        } catch (const std::runtime_error& problem) {
            std::fprintf(stderr, "cannot drop %s: %s\n", database_.c_str(), problem.what());
        }
    }

    bool can(Ability ability) const override { return ability != Ability::kFile && ability != Ability::kInverses; }

    TargetConfig config() const override {
        TargetConfig config;
        config.url.scheme = "postgresql";
        config.url.host = PQhost(own_.get());
        config.url.port = PQport(own_.get());
        config.url.user = PQuser(own_.get());
        const std::string password = PQpass(own_.get());
        config.url.password = Secret(password.empty() ? "not-asked-for" : password);
        config.url.name = database_;
        config.owner = "tester@here pid 1";
        return config;
    }
    std::unique_ptr<Target> open(const TargetConfig& config) override {
        setenv("GODWIT_MODULE_PATH", GODWIT_BINARY_DIR "/lib/godwit", 1);
        Result<std::unique_ptr<Target>> target = open_module_target(config);
        if (!target) throw std::runtime_error(target.error().message);
        return std::move(target).value();
    }
    void reset() override {
        // A handle that was dropped may still have a session that ends.
        disconnect_all();
        query(own_.get(), "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    }

    std::string alone(const std::string& name) const override {
        return fmt::format("CREATE INDEX CONCURRENTLY {0}_index ON {0} (value);", name);
    }
    std::string undo_alone(const std::string& name) const override {
        return fmt::format("DROP INDEX CONCURRENTLY {}_index;", name);
    }
    std::string load(const std::string& name, const std::vector<std::string>& rows) const override {
        return fmt::format("COPY {} FROM stdin;\n{}\n\\.", name, fmt::join(rows, "\n"));
    }
    std::string slow(int32_t seconds) const override { return fmt::format("SELECT pg_sleep({});", seconds); }
    std::string notice(const std::string& text) const override {
        return fmt::format("DO $$ BEGIN RAISE NOTICE '{}'; END $$;", text);
    }

    std::string contents() override {
        std::string text;
        for (const std::string& column :
             sql("SELECT c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull"
                 " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
                 " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p') AND NOT " +
                 std::string(kOwn) + " ORDER BY 1, 2")) {
            text += column + "\n";
        }
        for (const std::string& index :
             sql("SELECT pg_get_indexdef(i.indexrelid), i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
                 " WHERE c.relnamespace = 'public'::regnamespace AND NOT " + std::string(kOwn) + " ORDER BY 1")) {
            text += index + "\n";
        }
        for (const std::string& table :
             sql("SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
                 " AND c.relkind IN ('r', 'p') AND NOT " + std::string(kOwn) + " ORDER BY 1")) {
            std::vector<std::string> rows = sql("SELECT t::text FROM \"" + table + "\" t");
            std::sort(rows.begin(), rows.end());
            for (const std::string& row : rows) text += fmt::format("{}: {}\n", table, row);
        }
        return text;
    }
    std::vector<std::string> own_tables() override {
        return sql("SELECT c.relname FROM pg_class c WHERE c.relnamespace NOT IN ('pg_catalog'::regnamespace,"
                   " 'information_schema'::regnamespace, 'pg_toast'::regnamespace) AND c.relkind = 'r' AND " +
                   std::string(kOwn) + " ORDER BY 1");
    }
    std::vector<std::string> audit_rows() override {
        return sql("SELECT command, os_user, host, pid, result, coalesce(error, '') FROM godwit_audit ORDER BY started_at");
    }
    std::vector<std::string> sql(const std::string& text) override { return query(own_.get(), text); }
    std::vector<std::string> columns(const std::string& table) override {
        return sql(fmt::format("SELECT attname FROM pg_attribute WHERE attrelid = '{}'::regclass AND attnum > 0"
                               " AND NOT attisdropped ORDER BY attnum",
                               table));
    }

    void disconnect_all() override {
        query(admin_.get(), fmt::format("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"
                                        " AND pid <> {}",
                                        database_, PQbackendPID(own_.get())));
        const std::string others = fmt::format("SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND pid <> {}"
                                               " AND backend_type = 'client backend'",
                                               database_, PQbackendPID(own_.get()));
        while (query(admin_.get(), others).front() != "0") usleep(5'000);
    }
    std::optional<TargetConfig> unreachable() const override {
        TargetConfig config = PostgresFixture::config();
        config.url.host = "127.0.0.1";
        config.url.port = "1";  // tcpmux: nobody listens there.
        return config;
    }

private:
    std::string url_;
    Connection admin_;
    std::string database_;
    Connection own_;
};

}  // namespace

Result<std::unique_ptr<TargetFixture>> make_postgres_fixture(const char* variable) {
    const char* url = std::getenv(variable);
    if (url == nullptr || *url == '\0') {
        return fail(ErrorCode::kUnavailable, fmt::format("{} is not set (script/servers starts a server and prints it)", variable));
    }
    try {
        return std::make_unique<PostgresFixture>(url);
    } catch (const std::runtime_error& problem) {
        return fail(ErrorCode::kUnavailable, fmt::format("{}: {}", variable, problem.what()));
    }
}

}  // namespace godwit::test
