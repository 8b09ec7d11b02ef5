// What the tests special to DynamoDB share: a fresh set of tables on a real server,
// the module's own parts, and a relay on the way that can lose what passes.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "conformance/conformance.h"
#include "net/http.h"
#include "support/dynamodb_fixture.h"
#include "support/fake_server.h"

namespace godwit::test {

enum class Fate : uint8_t {
    kPass,
    kLoseReply,  // The server carries it out; the client never learns.
    kDrop,       // The server never sees it.
};

// Stands between a target and the server. A rule decides over each request by its
// action ("UpdateItem").
class Relay {
public:
    using Rule = std::function<Fate(const std::string& action)>;

    explicit Relay(std::string server)
        : server_(std::move(server)), front_([this](const FakeRequest& request) { return answer(request); }) {}

    int port() const { return front_.port(); }
    void decide(Rule rule) {
        front_.locked([&] { rule_ = std::move(rule); });
    }
    // What reached the server since the last call.
    std::vector<std::string> passed() {
        std::vector<std::string> actions;
        front_.locked([&] { actions.swap(passed_); });
        return actions;
    }

private:
    static std::string action_of(const FakeRequest& request) {
        const auto target = request.headers.find("x-amz-target");
        const std::string name = target == request.headers.end() ? "" : target->second;
        return name.substr(name.find('.') + 1);
    }

    FakeReply answer(const FakeRequest& request) {
        FakeReply lost;
        lost.cut_after = 0;
        lost.close = true;
        const std::string action = action_of(request);
        const Fate fate = rule_ ? rule_(action) : Fate::kPass;
        if (fate == Fate::kDrop) return lost;
        passed_.push_back(action);
        net::HttpRequest onward;
        onward.method = request.method;
        onward.url = server_ + request.target;
        onward.body = request.body;
        for (const char* name : {"x-amz-target", "content-type", "authorization", "x-amz-date"}) {
            const auto header = request.headers.find(name);
            if (header != request.headers.end()) onward.headers.emplace_back(name, header->second);
        }
        const net::HttpOutcome outcome = http_.send(std::move(onward));
        if (!outcome || fate == Fate::kLoseReply) return lost;
        FakeReply reply;
        reply.status = outcome->status;
        reply.headers = {{"Content-Type", "application/x-amz-json-1.0"}};
        reply.body = outcome->body;
        return reply;
    }

    const std::string server_;
    net::HttpClient http_;
    Rule rule_;
    std::vector<std::string> passed_;
    FakeServer front_;  // Last: it answers from its first moment on.
};

class DynamodbTest : public testing::Test {
protected:
    void SetUp() override {
        auto made = make_dynamodb_fixture();
        if (made) {
            fixture_ = std::move(*made);
        } else if (servers_are_required()) {
            FAIL() << made.error().message;
        } else {
            GTEST_SKIP() << "NO SERVER: " << made.error().message;
        }
    }

    DynamodbFixture& fixture() { return *fixture_; }
    std::string history() { return fixture_->real(fixture_->config().history); }

    TargetConfig config(const std::string& lease = "20s") {
        TargetConfig config = fixture_->config();
        config.url.parameters["lease"] = lease;
        return config;
    }
    // The server as `relay` shows it.
    TargetConfig through(const Relay& relay, const std::string& lease = "20s") {
        TargetConfig relayed = config(lease);
        relayed.url.port = std::to_string(relay.port());
        return relayed;
    }
    std::string server() const {
        const DatabaseUrl url = fixture_->config().url;
        return "http://" + url.host + ":" + url.port;
    }

    std::unique_ptr<Target> open_ready(const TargetConfig& config) {
        auto target = fixture_->open(config);
        EXPECT_DONE(target->create_ledger());
        return target;
    }

    // Until it is so, for half a minute at most.
    template <typename Condition>
    void wait_until(const char* what, Condition condition) {
        for (int turn = 0; turn < 600; ++turn) {
            if (condition()) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        ADD_FAILURE() << "never came true: " << what;
    }

    void put(const std::string& item) {
        fixture_->call("PutItem", "{\"TableName\":\"" + history() + "\",\"Item\":" + item + "}");
    }
    Result<void> carry_out(Target& target, const std::string& statement) {
        const WrittenBody written = fixture_->write({statement});
        const auto reader = TRY(target.read_steps(written.body));
        return target.apply_alone(*TRY(reader->next()), Execution{});
    }

private:
    std::unique_ptr<DynamodbFixture> fixture_;
};

}  // namespace godwit::test
