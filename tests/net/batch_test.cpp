#include "net/batch.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "net/json_text.h"
#include "support/fake_server.h"
#include "surroundings.h"

namespace godwit::net {
namespace {

using test::FakeReply;
using test::FakeRequest;
using test::FakeServer;

std::string write_of(int number) {
    return R"({"PutRequest":{"Item":{"id":{"N":")" + std::to_string(number) + R"("},"t":{"S":"a\"]}"}}}})";
}

std::string batch_of(int from, int count) {
    std::string items;
    for (int i = from; i < from + count; i++) items += (items.empty() ? "" : ",") + write_of(i);
    return R"({"ReturnConsumedCapacity":"TOTAL", "RequestItems": {"T-dev":[)" + items + "]} }";
}

std::vector<std::string> items_of(const std::string& request_items) {
    std::vector<std::string> items;
    const auto tables = json_members(request_items).value_or(std::vector<JsonPart>());
    for (const JsonPart& table : tables) {
        const auto elements = json_elements(table.raw).value_or(std::vector<std::string_view>());
        items.insert(items.end(), elements.begin(), elements.end());
    }
    return items;
}

std::string join_items(const std::vector<std::string>& items) {
    std::string text;
    for (const std::string& item : items) text += (text.empty() ? "" : ",") + item;
    return items.empty() ? "{}" : R"({"T-dev":[)" + text + "]}";
}

// A table that takes what it likes, fails as it likes, and remembers.
class Table {
public:
    explicit Table(unsigned seed) : random_(seed) {}

    FakeReply answer(const FakeRequest& request) {
        FakeReply reply;
        const auto choice = random_() % 10;
        if (choice == 0) return refuse(400, "ProvisionedThroughputExceededException");
        if (choice == 1) return refuse(500, "InternalServerError");
        const auto members = json_members(request.body).value_or(std::vector<JsonPart>());
        EXPECT_EQ(json_text(members, {"ReturnConsumedCapacity"}), "TOTAL");
        std::vector<std::string> left;
        for (std::string& item : items_of(std::string(json_raw(members, "RequestItems")))) {
            if (random_() % 3 == 0)
                left.push_back(std::move(item));
            else
                stored.insert(std::move(item));
        }
        reply.body = R"({"UnprocessedItems":)" + join_items(left) + "}";
        if (choice == 2) return refuse(500, "InternalServerError");  // Taken all the same.
        if (choice == 3) reply.cut_after = 80;
        return reply;
    }

    std::set<std::string> stored;

private:
    static FakeReply refuse(int status, const std::string& name) {
        FakeReply reply;
        reply.status = status;
        reply.body = R"({"__type":"x#)" + name + "\"}";
        return reply;
    }
    std::mt19937 random_;
};

TEST(Batch, IsFinishedThroughAllTrouble) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    Table table(seed);
    FakeServer server([&](const FakeRequest& request) { return table.answer(request); });
    FakeWorld world;
    world.set_keys();
    world.environment["AWS_ENDPOINT_URL"] = server.url();
    AwsClientOptions options;
    options.max_in_flight = 8;
    options.retry.max_attempts = 100;
    AwsClient client(*world.session(), options);
    int done = 0;
    for (int batch = 0; batch < 40; batch++) {
        start_batch(client, "BatchWriteItem", batch_of(batch * 25, 25), nullptr,
                    [&](const BatchOutcome& outcome) {
                        EXPECT_TRUE(outcome.result) << outcome.result.error().message;
                        EXPECT_EQ(outcome.left, "");
                        done++;
                    });
    }
    client.finish_all();
    EXPECT_EQ(done, 40);
    server.locked([&] {
        EXPECT_EQ(table.stored.size(), 1000U);
        for (int i = 0; i < 1000; i++) EXPECT_EQ(table.stored.count(write_of(i)), 1U) << i;
    });
}

TEST(Batch, SaysWhatIsLeftWhenItMustGiveUp) {
    FakeServer server([](const FakeRequest&) {
        FakeReply reply;
        reply.body = R"({"UnprocessedItems":{"T-dev":[)" + write_of(7) + "," + write_of(9) + "]}}";
        return reply;
    });
    FakeWorld world;
    world.set_keys();
    world.environment["AWS_ENDPOINT_URL"] = server.url();
    AwsClient client(*world.session());
    const BatchOutcome outcome = send_batch(client, "BatchWriteItem", batch_of(0, 25));
    ASSERT_FALSE(outcome.result);
    EXPECT_EQ(outcome.result.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(outcome.left_count, 2U);
    EXPECT_EQ(items_of(outcome.left), (std::vector<std::string>{write_of(7), write_of(9)}));
    EXPECT_GT(outcome.rounds, 10);
    EXPECT_LE(world.time.steady_ms(), 310'000);
}

TEST(Batch, SaysThatAllIsLeftWhenItIsRefused) {
    FakeServer server([](const FakeRequest&) {
        FakeReply reply;
        reply.status = 400;
        reply.body = R"({"__type":"x#ValidationException","message":"bad item"})";
        return reply;
    });
    FakeWorld world;
    world.set_keys();
    world.environment["AWS_ENDPOINT_URL"] = server.url();
    AwsClient client(*world.session());
    const BatchOutcome outcome = send_batch(client, "BatchWriteItem", batch_of(0, 3));
    ASSERT_FALSE(outcome.result);
    EXPECT_EQ(outcome.result.error().code, ErrorCode::kRejected);
    EXPECT_EQ(outcome.fault.name, "ValidationException");
    EXPECT_EQ(outcome.left_count, 3U);
    EXPECT_EQ(outcome.result.error().details.back(), "3 items of this batch not known to be done");
}

TEST(Batch, GathersAllThatIsRead) {
    int round = 0;
    std::string second;
    FakeServer server([&](const FakeRequest& request) {
        FakeReply reply;
        if (++round == 1) {
            reply.body =
                R"({"Responses":{"T":[{"id":{"N":"1"}}]},"UnprocessedKeys":{"T":{"Keys":[{"id":{"N":"2"}}],"ConsistentRead":true}}})";
        } else {
            second = request.body;
            reply.body = R"({"Responses":{"T":[{"id":{"N":"2"}}]},"UnprocessedKeys":{}})";
        }
        return reply;
    });
    FakeWorld world;
    world.set_keys();
    world.environment["AWS_ENDPOINT_URL"] = server.url();
    AwsClient client(*world.session());
    const BatchOutcome outcome = send_batch(
        client, "BatchGetItem",
        R"({"RequestItems":{"T":{"Keys":[{"id":{"N":"1"}},{"id":{"N":"2"}}],"ConsistentRead":true}}})");
    ASSERT_TRUE(outcome.result);
    EXPECT_EQ(outcome.responses,
              (std::vector<std::string>{R"({"T":[{"id":{"N":"1"}}]})", R"({"T":[{"id":{"N":"2"}}]})"}));
    server.locked([&] {
        EXPECT_EQ(second, R"({"RequestItems":{"T":{"Keys":[{"id":{"N":"2"}}],"ConsistentRead":true}}})");
    });
}

}  // namespace
}  // namespace godwit::net
