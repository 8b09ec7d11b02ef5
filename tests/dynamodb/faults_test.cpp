// What the emulators never do: throttle, fail, leave items over, fill an index slowly.
#include <algorithm>
#include <deque>
#include <map>

#include "operation_test.h"

namespace godwit::dynamodb {
namespace {

using test::FakeReply;
using test::FakeRequest;

FakeReply fault(int status, const std::string& name, const std::string& message = "no") {
    FakeReply reply;
    reply.status = status;
    reply.body = R"({"__type":"com.amazonaws.dynamodb.v20120810#)" + name + R"(","message":")" + message + R"("})";
    return reply;
}
FakeReply good(const std::string& body) {
    FakeReply reply;
    reply.body = body;
    return reply;
}

// Notes in some state; `indexes` are descriptions.
std::string notes(const std::string& status, const std::string& indexes = "", const std::string& more = "") {
    return R"({"Table":{"TableStatus":")" + status +
           R"(","KeySchema":[{"AttributeName":"user","KeyType":"HASH"},{"AttributeName":"at","KeyType":"RANGE"}],)"
           R"("AttributeDefinitions":[{"AttributeName":"user","AttributeType":"S"},{"AttributeName":"at","AttributeType":"N"}],)"
           R"("BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},"ItemCount":400,"TableArn":"arn:t",)"
           R"("GlobalSecondaryIndexes":[)" + indexes + "]" + more + "}}";
}
std::string mood_index(const std::string& status, const std::string& more = "") {
    return R"({"IndexName":"mood-index","KeySchema":[{"AttributeName":"mood","KeyType":"HASH"}],)"
           R"("Projection":{"ProjectionType":"ALL"},"IndexStatus":")" + status + "\"" + more + "}";
}
const std::string kMoodIndex =
    R"({"type":"create_index","TableName":"Notes","AttributeDefinitions":[{"AttributeName":"mood","AttributeType":"S"}],)"
    R"("GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"mood-index","KeySchema":[{"AttributeName":"mood","KeyType":"HASH"}],)"
    R"("Projection":{"ProjectionType":"ALL"}}}]})";
const std::string kPut = R"({"type":"put_items","TableName":"Notes","Items":[]})";
const std::string kMissing = "";  // Of the states of a table: it is not there.

class Faults : public OperationTest {
protected:
    void SetUp() override { open(server.url(), &world.time); }

    FakeReply answer(const FakeRequest& request) {
        const std::string target = request.headers.at("x-amz-target");
        const std::string action = target.substr(target.find('.') + 1);
        actions.push_back(action);
        if (action == "DescribeTable") {
            const std::string state = states.front();
            if (states.size() > 1) states.pop_front();
            return state == kMissing ? fault(400, "ResourceNotFoundException") : good(state);
        }
        auto& scripted = replies[action];
        if (scripted.empty()) return good("{}");
        const FakeReply reply = scripted.front();
        scripted.pop_front();
        return reply;
    }
    int64_t sent(const std::string& action) {
        int64_t count = 0;
        server.locked([&] { count = std::count(actions.begin(), actions.end(), action); });
        return count;
    }
    static std::vector<std::string> items(int count) {
        std::vector<std::string> made;
        for (int i = 0; i < count; i++)
            made.push_back(R"({"user":{"S":"u"},"at":{"N":")" + std::to_string(i) + R"("}})");
        return made;
    }

    std::deque<std::string> states{notes("ACTIVE")};  // The last one stays.
    std::map<std::string, std::deque<FakeReply>> replies;
    std::vector<std::string> actions;
    test::FakeServer server{[this](const FakeRequest& request) { return answer(request); }};
};

TEST_F(Faults, IndexesAreWaitedForWithTheirProgress) {
    states = {notes("ACTIVE"), notes("ACTIVE"), notes("UPDATING", mood_index("CREATING", R"(,"Backfilling":false)")),
              notes("UPDATING", mood_index("CREATING", R"(,"Backfilling":true,"ItemCount":100)")),
              notes("UPDATING", mood_index("CREATING", R"(,"Backfilling":true,"ItemCount":300)")),
              notes("ACTIVE", mood_index("ACTIVE"))};
    ASSERT_EQ(outcome(apply(kMoodIndex)), "done");
    const std::vector<std::string> told{"index mood-index of Notes: CREATING 0/0",
                                        "index mood-index of Notes: being filled 100/400",
                                        "index mood-index of Notes: being filled 300/400"};
    EXPECT_EQ(words.progress, told);
    EXPECT_EQ(sent("UpdateTable"), 1);
}

TEST_F(Faults, AWaitGoesOnWhereARunBrokeOff) {
    states = {notes("UPDATING", mood_index("CREATING", R"(,"Backfilling":true,"ItemCount":100)"))};
    EXPECT_EQ(effect(kMoodIndex), "absent") << "not all of it is there";
    server.locked([&] { states.push_back(notes("ACTIVE", mood_index("ACTIVE"))); });
    ASSERT_EQ(outcome(apply(kMoodIndex)), "done");
    EXPECT_EQ(sent("UpdateTable"), 0) << "it is being made already";
}

TEST_F(Faults, AWaitEndsOnRequest) {
    states = {notes("UPDATING")};
    struct Stopper final : TargetListener {
        explicit Stopper(Cancellation& stop) : cancellation(stop) {}
        void on_statement(std::string_view) override {}
        void on_notice(std::string_view, std::string_view) override {}
        void on_remark(std::string_view) override {}
        void on_progress(std::string_view, int64_t, int64_t) override {
            if (++seen == 3) cancellation.request(2);
        }
        Cancellation& cancellation;
        int seen = 0;
    } stopper(cancellation);
    auto operation = parse_operation(step_of(kMoodIndex));
    Service on = service();
    on.listener = &stopper;
    const auto stopped = (*operation)->apply(on, {});
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
    ASSERT_FALSE(stopped.error().details.empty());
    EXPECT_NE(stopped.error().details.back().find("it waited for table Notes"), std::string::npos) << stopped.error().details.back();
}

TEST_F(Faults, ATableThatIsBusyIsTriedAgain) {
    states = {notes("ACTIVE"), notes("ACTIVE"), notes("UPDATING"), notes("ACTIVE"), notes("ACTIVE", mood_index("ACTIVE"))};
    replies["UpdateTable"] = {fault(400, "ResourceInUseException")};
    EXPECT_EQ(outcome(apply(kMoodIndex)), "done");
    EXPECT_EQ(sent("UpdateTable"), 2);
}

TEST_F(Faults, ATableThatWasMadeByALostTryIsOurs) {
    states = {notes("CREATING")};
    EXPECT_EQ(effect(kNotesTable), "absent") << "not before it is ACTIVE";
    states = {kMissing, notes("CREATING"), notes("ACTIVE")};
    replies["CreateTable"] = {fault(500, "InternalServerError"), fault(400, "ResourceInUseException")};
    EXPECT_EQ(outcome(apply(kNotesTable)), "done");
    EXPECT_EQ(sent("CreateTable"), 2);
}

TEST_F(Faults, ATableThatIsGoingIsWaitedFor) {
    const std::string remove = R"({"type":"delete_table","TableName":"Notes"})";
    states = {notes("ACTIVE"), notes("ACTIVE"), notes("DELETING"), notes("DELETING"), kMissing};
    EXPECT_EQ(outcome(apply(remove)), "done");
    EXPECT_EQ(sent("DeleteTable"), 1);
    states = {notes("DELETING"), notes("DELETING"), kMissing, notes("CREATING"), notes("ACTIVE")};
    EXPECT_EQ(outcome(apply(kNotesTable)), "done");
    EXPECT_EQ(sent("CreateTable"), 1);
}

TEST_F(Faults, ItemsLeftOverAreSentAgain) {
    const std::string left = R"({"UnprocessedItems":{"Notes-)" + suffix +
                             R"(":[{"PutRequest":{"Item":{"user":{"S":"u"},"at":{"N":"3"}}}}]}})";
    replies["BatchWriteItem"] = {good(left), good(left), fault(400, "ProvisionedThroughputExceededException"),
                                 fault(500, "InternalServerError")};
    const auto all = items(60);
    ASSERT_EQ(outcome(apply(kPut, source_of(all))), "done");
    EXPECT_EQ(sent("BatchWriteItem"), 3 + 4);
    EXPECT_EQ(words.progress.back(), "items of Notes 60/60");
}

TEST_F(Faults, WhatWasNotWrittenIsCounted) {
    for (int i = 0; i < 2; i++) replies["BatchWriteItem"].push_back(fault(400, "ValidationException", "an item is wrong"));
    const auto all = items(30);
    const auto refused = apply(kPut, source_of(all));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kRejected);
    EXPECT_NE(refused.error().message.find("put_items of Notes (really Notes-"), std::string::npos) << refused.error().message;
    EXPECT_EQ(refused.error().details.back(), "0 of 30 items are done");
    EXPECT_EQ(refused.error().where.line, 3);
}

TEST_F(Faults, NothingIsWrittenOnceTheLeaseIsGone) {
    guard = [] { return Result<void>(fail(ErrorCode::kLocked, "the lease is gone")); };
    const auto all = items(30);
    const std::vector<std::string> updates{R"({"Key":{"user":{"S":"u"},"at":{"N":"1"}},"UpdateExpression":"REMOVE v"})"};
    states = {kMissing};
    EXPECT_EQ(outcome(apply(kNotesTable)), "the lease is gone");
    states = {notes("ACTIVE")};
    EXPECT_EQ(outcome(apply(kPut, source_of(all))), "the lease is gone");
    EXPECT_EQ(outcome(apply(kMoodIndex)), "the lease is gone");
    EXPECT_EQ(outcome(apply(R"({"type":"update_items","TableName":"Notes","Updates":[]})", source_of(updates))), "the lease is gone");
    EXPECT_EQ(outcome(apply(R"({"type":"delete_table","TableName":"Notes"})")), "the lease is gone");
    EXPECT_EQ(outcome(apply(R"({"type":"partiql","Statement":"DELETE FROM Notes WHERE a=1"})")), "the lease is gone");
    server.locked([&] {
        for (const std::string& action : actions) EXPECT_EQ(action, "DescribeTable");
    });
}

TEST_F(Faults, NoTryOfAWriteFollowsTheLossOfTheLease) {
    int asked = 0;
    guard = [&asked] {
        return ++asked > 1 ? Result<void>(fail(ErrorCode::kLocked, "the lease is gone")) : Result<void>();
    };
    replies["BatchWriteItem"] = {fault(400, "ThrottlingException"), good("{}")};
    const auto all = items(5);
    const auto refused = apply(kPut, source_of(all));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kLocked) << refused.error().message;
    EXPECT_EQ(sent("BatchWriteItem"), 1);
    EXPECT_FALSE(client->guard_writes({})) << "the operation takes its guard with it";
}

TEST_F(Faults, TimeToLiveThatIsChangingIsWaitedFor) {
    const auto described = [](const std::string& status) {
        return good(R"({"TimeToLiveDescription":{"TimeToLiveStatus":")" + status + R"(","AttributeName":"ends"}})");
    };
    replies["DescribeTimeToLive"] = {described("DISABLING"), described("DISABLING"), described("DISABLED"), described("ENABLING")};
    const std::string ttl = R"({"type":"update_ttl","TableName":"Notes","TimeToLiveSpecification":{"AttributeName":"ends","Enabled":true}})";
    ASSERT_EQ(outcome(apply(ttl)), "done");
    EXPECT_EQ(sent("UpdateTimeToLive"), 1);
    EXPECT_NE(words.progress.back().find("DISABLING (up to an hour)"), std::string::npos);
}

TEST_F(Faults, RecoveryOfAFreshTableIsTriedAgain) {
    replies["UpdateContinuousBackups"] = {fault(400, "ContinuousBackupsUnavailableException")};
    const std::string pitr =
        R"({"type":"update_pitr","TableName":"Notes","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true}})";
    ASSERT_EQ(outcome(apply(pitr)), "done");
    EXPECT_EQ(sent("UpdateContinuousBackups"), 2) << "and what never shows is not waited for without end";
}

TEST_F(Faults, AChangeThatDoesNotShowYetIsWaitedFor) {
    states = {notes("ACTIVE"), notes("ACTIVE"), notes("ACTIVE"), notes("UPDATING", mood_index("CREATING")),
              notes("ACTIVE", mood_index("ACTIVE"))};
    ASSERT_EQ(outcome(apply(kMoodIndex)), "done");
    EXPECT_EQ(sent("UpdateTable"), 1);
    EXPECT_EQ(states.size(), 1u) << "it looked until the index was there";
}

TEST_F(Faults, ADeniedActionIsNamed) {
    states = {kMissing};
    replies["CreateTable"] = {fault(400, "AccessDeniedException", "User: me is not authorized to perform: dynamodb:CreateTable on resource: x")};
    const auto refused = apply(kNotesTable);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().remedy.find("dynamodb:CreateTable"), std::string::npos);
    EXPECT_NE(refused.error().message.find("create_table of Notes"), std::string::npos) << refused.error().message;
}

}  // namespace
}  // namespace godwit::dynamodb
