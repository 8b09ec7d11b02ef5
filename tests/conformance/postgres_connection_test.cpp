// Settings from a URL, the pool, and the module as the program loads it.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "conformance/postgres_case.h"
#include "target/postgres/pool.h"
#include "target/registry.h"

namespace godwit::test {
namespace {

using std::chrono::milliseconds;
using postgres::Connection;
using postgres::ConnectionPool;
using postgres::ConnectionSettings;
using postgres::Keywords;
using postgres::PooledConnection;
using postgres::StartupOptions;
using Rows = std::vector<std::string>;

Result<ConnectionSettings> settings_of(const std::string& url) {
    TargetConfig config;
    config.url = TRY(parse_database_url(url));
    config.owner = "tester@here pid 1";
    return ConnectionSettings::make(config);
}

// "name=value" of those that come from the URL.
std::string keywords_of(const ConnectionSettings& settings, size_t attempt = 0) {
    std::string text;
    for (const auto& [name, value] : settings.keywords(attempt, StartupOptions::kSend)) {
        if (name.starts_with("keepalives") || name == "tcp_user_timeout" || name == "client_encoding") continue;
        if (name == "application_name" && value.starts_with("godwit tester")) continue;
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, value);
    }
    return text;
}

TEST(PostgresSettings, FromUrls) {
    struct Case {
        std::string url;
        std::string keywords;
    };
    const std::vector<Case> cases = {
        {"postgresql://u:s3cret@db:6543/app", "host=db port=6543 user=u password=s3cret dbname=app"},
        {"postgresql+asyncpg://u@db/app?sslmode=require", "host=db user=u dbname=app sslmode=require"},
        {"postgresql:///app?host=/run/x&user=me", "host=/run/x user=me dbname=app"},
        {"postgresql://db/app?ssl=true", "host=db dbname=app sslmode=require"},
        {"postgresql://db/app?ssl=verify-full&sslrootcert=/x.pem", "host=db dbname=app sslmode=verify-full sslrootcert=/x.pem"},
        {"postgresql://db/app?application_name=x", "host=db dbname=app application_name=x"},
        {"postgresql://db/app?search_path=a,%20b", "host=db dbname=app options= -c search_path=a,\\ b"},
        {"postgresql://db/app?options=-c%20work_mem%3D1MB&search_path=a", "host=db dbname=app options=-c work_mem=1MB -c search_path=a"},
        {"postgresql://[::1]:5433/app", "host=::1 port=5433 dbname=app"},
        {"postgresql://db/a%20%27b?target_session_attrs=read-write", "host=db target_session_attrs=read-write dbname=a 'b"},
    };
    for (const Case& c : cases) {
        const auto settings = settings_of(c.url);
        ASSERT_DONE(settings);
        EXPECT_EQ(keywords_of(*settings), c.keywords) << c.url;
    }
}

TEST(PostgresSettings, EachHostOfAListIsAnAttempt) {
    const auto list = settings_of("postgresql://a:1,b:2/app?target_session_attrs=primary");
    ASSERT_DONE(list);
    ASSERT_EQ(list->attempts(), 2u);
    EXPECT_EQ(keywords_of(*list, 0), "host=a port=1 target_session_attrs=primary dbname=app");
    EXPECT_EQ(keywords_of(*list, 1), "host=b port=2 target_session_attrs=primary dbname=app");
    const auto standby = settings_of("postgresql://a,b/app?target_session_attrs=prefer-standby&port=7");
    ASSERT_DONE(standby);
    ASSERT_EQ(standby->attempts(), 4u);
    EXPECT_EQ(keywords_of(*standby, 1), "host=b port=7 target_session_attrs=standby dbname=app");
    EXPECT_EQ(keywords_of(*standby, 2), "host=a port=7 target_session_attrs=any dbname=app");
    EXPECT_FAILS(settings_of("postgresql:///app?host=a,b,c&port=1,2"), ErrorCode::kInvalidInput);
}

TEST(PostgresSettings, UnknownParametersNameTheNearest) {
    const auto slip = settings_of("postgresql://db/app?sslmod=require");
    EXPECT_FAILS(slip, ErrorCode::kInvalidInput);
    EXPECT_EQ(slip.error().message, "unknown parameter sslmod in the database URL");
    EXPECT_EQ(slip.error().remedy, "Did you mean sslmode?");
    for (const char* parameter : {"foo=1", "client_encoding=LATIN1", "replication=database", "port=0", "port=x", "connect_timeout=soon"}) {
        EXPECT_FAILS(settings_of(std::string("postgresql://db/app?") + parameter), ErrorCode::kInvalidInput);
    }
}

TEST(PostgresSettings, AFailureNamesEverythingButThePassword) {
    const auto settings = settings_of("postgresql://some_user:s3cret-word@127.0.0.1:1,localhost:1/some_db?connect_timeout=5");
    ASSERT_DONE(settings);
    const auto failed = Connection::open(*settings, nullptr);
    EXPECT_FAILS(failed, ErrorCode::kUnavailable);
    EXPECT_EQ(failed.error().message, "cannot connect to 127.0.0.1:1 as some_user to database \"some_db\": Connection refused");
    ASSERT_EQ(failed.error().details.size(), 1u);
    EXPECT_EQ(failed.error().details[0], "cannot connect to localhost:1 as some_user to database \"some_db\": Connection refused");
    EXPECT_EQ(settings->describe(), "some_user@127.0.0.1:1/some_db");
}

// Takes connections and never says a word.
class SilentServer {
public:
    SilentServer() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* where = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(bind(socket_, where, size), 0);
        EXPECT_EQ(listen(socket_, 5), 0);
        EXPECT_EQ(getsockname(socket_, where, &size), 0);
        port_ = ntohs(address.sin_port);
    }
    ~SilentServer() { close(socket_); }
    SilentServer(const SilentServer&) = delete;
    SilentServer& operator=(const SilentServer&) = delete;
    int port() const { return port_; }

private:
    int socket_;
    int port_ = 0;
};

TEST(PostgresSettings, ASilentServerIsGivenUp) {
    const SilentServer silent;
    const auto settings = settings_of(fmt::format("postgresql://u@127.0.0.1:{}/app?connect_timeout=1", silent.port()));
    ASSERT_DONE(settings);
    Cancellation cancellation;
    EXPECT_FAILS(Connection::open(*settings, &cancellation), ErrorCode::kUnavailable);
    cancellation.request(SIGINT);
    EXPECT_FAILS(Connection::open(*settings, &cancellation), ErrorCode::kCancelled);
}

class PostgresPool : public PostgresTest {
protected:
    void SetUp() override {
        PostgresTest::SetUp();
        if (HasFatalFailure() || IsSkipped()) return;
        settings_.emplace(*ConnectionSettings::make(config()));
    }
    ConnectionPool::Open opener() {
        return [this] {
            ++opened_;
            return Connection::open(*settings_, nullptr);
        };
    }
    int opened() const { return opened_; }

private:
    std::optional<ConnectionSettings> settings_;
    std::atomic<int> opened_{0};
};

TEST_F(PostgresPool, KeepsSizeAndClosesOverflow) {
    ConnectionPool pool({2, 1, milliseconds(200)}, opener());
    {
        auto first = pool.acquire();
        auto second = pool.acquire();
        auto third = pool.acquire();
        ASSERT_TRUE(first && second && third);
        EXPECT_EQ(pool.in_use(), 3);
        const auto fourth = pool.acquire();
        EXPECT_FAILS(fourth, ErrorCode::kUnavailable);
        EXPECT_EQ(fourth.error().message, "no database connection became free within 200 ms: 3 of 3 are in use");
        EXPECT_TRUE(contains(fourth.error().remedy, "DB_POOL_SIZE, DB_MAX_OVERFLOW or DB_POOL_TIMEOUT"));
    }
    EXPECT_EQ(pool.in_use(), 0);
    EXPECT_EQ(pool.idle(), 2);
    { EXPECT_TRUE(pool.acquire().has_value()); }
    EXPECT_EQ(opened(), 3);
}

TEST_F(PostgresPool, ReplacesWhatDied) {
    ConnectionPool pool({2, 0, milliseconds(1'000)}, opener());
    { EXPECT_TRUE(pool.acquire().has_value()); }
    fixture().disconnect_all();
    auto fresh = pool.acquire();
    ASSERT_DONE(fresh);
    EXPECT_DONE((*fresh)->query("SELECT 1"));
    EXPECT_EQ(opened(), 2);
    // In the middle of a transaction it is not for others.
    EXPECT_DONE((*fresh)->query("BEGIN"));
    fresh->give_back();
    EXPECT_EQ(pool.idle(), 0);
}

TEST_F(PostgresPool, ServesManyThreads) {
    ConnectionPool pool({2, 2, milliseconds(30'000)}, opener());
    std::atomic<int> done{0};
    std::atomic<int> most{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 8; ++thread) {
        threads.emplace_back([&] {
            for (int round = 0; round < 10; ++round) {
                auto connection = pool.acquire();
                if (!connection) return;
                int before = most.load();
                while (before < pool.in_use() && !most.compare_exchange_weak(before, pool.in_use())) {
                }
                if ((*connection)->query("SELECT 1")) ++done;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(done.load(), 80);
    EXPECT_LE(most.load(), 4);
    EXPECT_EQ(pool.in_use(), 0);
    EXPECT_LE(pool.idle(), 2);
}

class PostgresModule : public PostgresTest {};

TEST_F(PostgresModule, LoadsAndReads) {
    const auto target = fixture().open();  // By the registry, as the program does.
    EXPECT_EQ(target->kind(), "postgresql");
    EXPECT_DONE(target->ping());
    EXPECT_TRUE(target->transactional());
    EXPECT_NE(target->server_version(), "");
    EXPECT_TRUE(contains(target->describe(), fixture().config().url.user + "@")) << target->describe();
}

TEST_F(PostgresModule, AWrongDatabaseSaysSo) {
    TargetConfig wrong = config();
    wrong.url.name = "no such \"db\"";
    const auto target = open(wrong);
    const auto failed = target->ping();
    EXPECT_FAILS(failed, ErrorCode::kUnavailable);
    EXPECT_TRUE(contains(failed.error().message, "database \"no such \"db\"\" does not exist")) << failed.error().message;
    EXPECT_NE(failed.error().remedy, "");
}

}  // namespace
}  // namespace godwit::test
