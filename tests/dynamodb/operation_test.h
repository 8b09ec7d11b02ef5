// What the tests of DynamoDB's operations share: a client of a server, real or fake,
// and a listener that keeps what it is told.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.h"
#include "net/surroundings.h"
#include "support/fake_server.h"
#include "target/dynamodb/names.h"
#include "target/dynamodb/operation.h"
#include "target/dynamodb/request.h"

namespace godwit::dynamodb {

class KeptWords final : public TargetListener {
public:
    void on_statement(std::string_view) override {}
    void on_notice(std::string_view, std::string_view) override {}
    void on_remark(std::string_view text) override { remarks.emplace_back(text); }
    void on_progress(std::string_view what, int64_t done, int64_t total) override {
        progress.push_back(std::string(what) + " " + std::to_string(done) + "/" + std::to_string(total));
    }
    std::vector<std::string> remarks, progress;
};

// Elements from memory, each at a line of its own: the first at line 10.
class KeptItems final : public ItemReader {
public:
    explicit KeptItems(const std::vector<std::string>& items) : items_(items) {}
    Result<std::string_view> next() override {
        return at_ < items_.size() ? std::string_view(items_[at_++]) : std::string_view();
    }
    SourceSpan where() const override { return {"items.json", static_cast<int32_t>(9 + at_), 5, -1}; }

private:
    const std::vector<std::string>& items_;
    size_t at_ = 0;
};

inline ItemSource source_of(const std::vector<std::string>& items) {
    return [&items]() -> Result<std::unique_ptr<ItemReader>> { return std::make_unique<KeptItems>(items); };
}

inline Step step_of(const std::string& json) {
    return {text_of(members_of(json), "type"), json, {"m.json", 3, 7, 40}};
}

class OperationTest : public testing::Test {
protected:
    // Nothing waits for ever for what never comes.
    OperationTest() { cancellation.set_deadline(Cancellation::Clock::now() + std::chrono::seconds(60)); }

    void open(const std::string& url, net::TimeSource* time = nullptr) {
        world.environment["AWS_ENDPOINT_URL"] = url;
        world.environment["AWS_ACCESS_KEY_ID"] = "local" + random_hex(4);
        world.environment["AWS_SECRET_ACCESS_KEY"] = "barnacle";
        net::Surroundings surroundings = world.surroundings();
        surroundings.time = time != nullptr ? time : &net::system_time();
        client = std::make_unique<net::AwsClient>(*net::AwsSession::open({}, surroundings));
        TargetConfig config;
        config.name_template = "{name}-" + suffix;
        auto made = TableNames::make(config);
        ASSERT_TRUE(made) << made.error().message;
        names = std::make_unique<TableNames>(*std::move(made));
    }

    // The server that an environment variable names.
    void use(const char* variable) {
        const auto url = environment_variable(variable);
        if (!url) GTEST_SKIP() << variable << " is not set: script/servers start dynamodb moto moto@iam";
        open(*url);
    }

    Service service() {
        return {*client, *names, &words, &cancellation, guard, checkpoint};
    }

    Result<void> apply(const std::string& json, const ItemSource& items = {}) {
        auto operation = parse_operation(step_of(json));
        if (!operation) return fail(operation.error());
        Service on = service();
        return (*operation)->apply(on, items);
    }
    std::string inverse(const std::string& json, const ItemSource& items = {}) {
        auto operation = parse_operation(step_of(json));
        Service on = service();
        auto text = operation ? (*operation)->inverse(on, items) : Result<std::string>(fail(operation.error()));
        return text ? *text : "error: " + text.error().message;
    }
    std::string effect(const std::string& json) {
        auto operation = parse_operation(step_of(json));
        Service on = service();
        const auto found = operation ? (*operation)->effect(on) : Result<Effect>(fail(operation.error()));
        if (!found) return "error: " + found.error().message;
        return *found == Effect::kPresent ? "present" : *found == Effect::kAbsent ? "absent" : "unknowable";
    }
    std::string call(const std::string& action, const std::string& body) {
        const auto reply = client->call("dynamodb", action, body);
        return reply ? *reply : "error: " + reply.error().message;
    }
    // "done", or the error's message.
    static std::string outcome(const Result<void>& result) { return result ? "done" : result.error().message; }

    const std::string suffix = random_hex(6);
    net::FakeWorld world;
    std::unique_ptr<net::AwsClient> client;
    std::unique_ptr<TableNames> names;
    KeptWords words;
    Cancellation cancellation;
    std::function<Result<void>()> guard;
    Checkpoint* checkpoint = nullptr;
};

inline const std::string kNotesTable =
    R"({"type":"create_table","TableName":"Notes","KeySchema":[{"AttributeName":"user","KeyType":"HASH"},)"
    R"({"AttributeName":"at","KeyType":"RANGE"}],"AttributeDefinitions":[{"AttributeName":"user","AttributeType":"S"},)"
    R"({"AttributeName":"at","AttributeType":"N"}],"BillingMode":"PAY_PER_REQUEST"})";

}  // namespace godwit::dynamodb
