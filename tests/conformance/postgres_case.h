// What the tests special to PostgreSQL share: a fresh database on a real server,
// and the module's own parts.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "conformance/conformance.h"
#include "target/postgres/connection.h"
#include "target/postgres/postgres_target.h"
#include "target/postgres/settings.h"

namespace godwit::test {

class PostgresTest : public testing::Test {
protected:
    virtual const char* server_variable() const { return "GODWIT_TEST_POSTGRESQL"; }

    void SetUp() override {
        auto made = make_postgres_fixture(server_variable());
        if (made) {
            fixture_ = std::move(*made);
        } else if (servers_are_required()) {
            FAIL() << made.error().message;
        } else {
            GTEST_SKIP() << "NO SERVER: " << made.error().message;
        }
    }

    TargetFixture& fixture() { return *fixture_; }
    std::vector<std::string> sql(const std::string& text) { return fixture_->sql(text); }
    // Until the server says so, for half a minute at most. What it reports of
    // other sessions stays the same within a transaction, unless it is cleared.
    void wait_until(const std::string& condition) {
        for (int turn = 0; turn < 3'000; ++turn) {
            sql("SELECT pg_stat_clear_snapshot()");
            if (sql("SELECT " + condition).front() == "t") return;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        ADD_FAILURE() << "never came true: " << condition;
    }

    TargetConfig config() {
        TargetConfig config = fixture_->config();
        config.listener = &words_;
        return config;
    }
    std::unique_ptr<Target> open(const TargetConfig& config) {
        auto target = postgres::open_target(config);
        EXPECT_TRUE(target.has_value()) << outcome(target);
        return target ? std::move(*target) : nullptr;
    }
    // With its history created.
    std::unique_ptr<Target> open_ready() { return open_ready(config()); }
    std::unique_ptr<Target> open_ready(const TargetConfig& config) {
        auto target = open(config);
        EXPECT_DONE(target->create_ledger());
        return target;
    }
    std::unique_ptr<postgres::Connection> connect() {
        const auto settings = postgres::ConnectionSettings::make(config());
        auto connection = postgres::Connection::open(*settings, nullptr);
        EXPECT_TRUE(connection.has_value()) << outcome(connection);
        return connection ? std::move(*connection) : nullptr;
    }

    Body script(const std::string& text) { return fixture_->write_text(text); }
    Migration migration(const std::string& text, TransactionWish wish = TransactionWish::kAuto) {
        Migration made;
        made.id = {"main", "1"};
        made.where = {"0001_case.sql", 1, 1, 0};
        made.up = script(text);
        made.options.transaction = wish;
        return made;
    }

    // The script and its record in one transaction.
    Result<void> migrate(Target& target, const std::string& text, const std::string& version = "1",
                         const Execution& execution = {}) {
        const Body body = script(text);
        return target.in_transaction(execution, [&]() -> Result<void> {
            CHECK(apply_all(target, body));
            return target.record(applied(version));
        });
    }
    static Result<void> apply_all(Target& target, const Body& body) {
        const auto reader = TRY(target.read_steps(body));
        while (const ReadStep* step = TRY(reader->next())) {
            if (step->kind == StepKind::kBegin || step->kind == StepKind::kCommit) continue;
            CHECK(target.apply(*step));
        }
        return {};
    }
    Result<void> alone(Target& target, const std::string& statement, const Execution& execution = {}) {
        const Body body = script(statement);
        const auto reader = TRY(target.read_steps(body));
        return target.apply_alone(*TRY(reader->next()), execution);
    }
    Result<Effect> effect(Target& target, const std::string& statement) {
        const Body body = script(statement);
        const auto reader = TRY(target.read_steps(body));
        return target.effect_of(*TRY(reader->next()));
    }

    const KeptWords& words() const { return words_; }

private:
    std::unique_ptr<TargetFixture> fixture_;
    KeptWords words_;
};

inline bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

inline bool any_contains(const std::vector<std::string>& texts, std::string_view part) {
    for (const std::string& text : texts) {
        if (contains(text, part)) return true;
    }
    return false;
}

}  // namespace godwit::test
