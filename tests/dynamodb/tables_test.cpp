// Tables, indexes and settings on Amazon's emulator, and on moto what that lacks.
#include "operation_test.h"

namespace godwit::dynamodb {
namespace {

class Tables : public OperationTest {
protected:
    void SetUp() override { use("GODWIT_TEST_DYNAMODB"); }
    void TearDown() override {
        if (!client) return;
        const std::string table = R"({"TableName":"Notes-)" + suffix + R"(")";
        call("UpdateTable", table + R"(,"DeletionProtectionEnabled":false})");
        call("DeleteTable", table + "}");
    }

    std::string described() { return call("DescribeTable", R"({"TableName":"Notes-)" + suffix + R"("})"); }
    bool has(const std::string& text) { return described().find(text) != std::string::npos; }
};

class MotoTables : public Tables {
protected:
    void SetUp() override { use("GODWIT_TEST_MOTO"); }
};

std::string index_entry(const std::string& name, const std::string& attribute, const std::string& projection = "ALL") {
    return R"({"Create":{"IndexName":")" + name + R"(","KeySchema":[{"AttributeName":")" + attribute +
           R"(","KeyType":"HASH"}],"Projection":{"ProjectionType":")" + projection + R"("}}})";
}
std::string create_index(const std::string& entries) {
    return R"({"type":"create_index","TableName":"Notes","AttributeDefinitions":[{"AttributeName":"mood","AttributeType":"S"},)"
           R"({"AttributeName":"place","AttributeType":"N"}],"GlobalSecondaryIndexUpdates":[)" + entries + "]}";
}
const std::string kDeleteTable = R"({"type":"delete_table","TableName":"Notes"})";

TEST_F(Tables, AreMadeOnceAndDeletedOnce) {
    EXPECT_EQ(effect(kNotesTable), "absent");
    EXPECT_EQ(inverse(kNotesTable), kDeleteTable);
    ASSERT_EQ(outcome(apply(kNotesTable)), "done");
    EXPECT_EQ(effect(kNotesTable), "present");
    EXPECT_EQ(inverse(kNotesTable), R"({"type":"nothing"})") << "it was there before";
    EXPECT_EQ(outcome(apply(kNotesTable)), "done");
    ASSERT_EQ(words.remarks.size(), 1u);
    EXPECT_NE(words.remarks[0].find("Notes (really Notes-" + suffix + ") was there already"), std::string::npos);
    EXPECT_EQ(effect(kDeleteTable), "absent");
    EXPECT_EQ(inverse(kDeleteTable), "") << "the items would be lost";
    EXPECT_EQ(outcome(apply(kDeleteTable)), "done");
    EXPECT_EQ(effect(kDeleteTable), "present");
    EXPECT_EQ(outcome(apply(kDeleteTable)), "done");
    EXPECT_NE(words.remarks.back().find("was not there"), std::string::npos);
}

TEST_F(Tables, ThatDifferAreRefusedWithTheDifference) {
    ASSERT_EQ(outcome(apply(kNotesTable)), "done");
    std::string other = kNotesTable;
    other.replace(other.find(R"("AttributeType":"N")"), 19, R"("AttributeType":"B")");
    other.insert(other.size() - 1, R"(,"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"})");
    const auto refused = apply(other);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kRejected);
    EXPECT_EQ(refused.error().where.line, 3);
    EXPECT_NE(refused.error().message.find("its attribute at is of type N, not of type B; its stream is off, not NEW_IMAGE"),
              std::string::npos) << refused.error().message;
    EXPECT_EQ(effect(other), "absent");
}

TEST_F(Tables, ProtectedOnesAreNotDeleted) {
    const std::string protect = R"({"type":"update_deletion_protection","TableName":"Notes","DeletionProtectionEnabled":true})";
    ASSERT_EQ(outcome(apply(kNotesTable)), "done");
    EXPECT_EQ(inverse(protect), R"({"type":"update_deletion_protection","TableName":"Notes","DeletionProtectionEnabled":false})");
    ASSERT_EQ(outcome(apply(create_index(index_entry("mood-index", "mood")))), "done");
    ASSERT_EQ(outcome(apply(protect)), "done");
    EXPECT_EQ(effect(protect), "present");
    const std::vector<std::string> key{R"({"user":{"S":"a"},"at":{"N":"1"}})"};
    for (const std::string& destroyer :
         {kDeleteTable, std::string(R"({"type":"delete_items","TableName":"Notes","Keys":[{"user":{"S":"a"},"at":{"N":"1"}}]})"),
          std::string(R"({"type":"delete_index","TableName":"Notes","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"mood-index"}}]})"),
          std::string(R"({"type":"partiql","Statement":"DELETE FROM Notes WHERE user='a' AND at=1"})")}) {
        const auto refused = apply(destroyer);
        ASSERT_FALSE(refused) << destroyer;
        EXPECT_EQ(refused.error().code, ErrorCode::kRejected);
        EXPECT_NE(refused.error().message.find("is protected against deletion"), std::string::npos) << refused.error().message;
        EXPECT_NE(refused.error().remedy.find("update_deletion_protection"), std::string::npos);
    }
    EXPECT_TRUE(has("mood-index"));
    EXPECT_EQ(outcome(apply(R"({"type":"restore_items","TableName":"Notes","Deletes":[{"user":{"S":"a"},"at":{"N":"1"}}]})")), "done");
}

TEST_F(Tables, IndexesAreMadeInOrderAndTakenBack) {
    ASSERT_EQ(outcome(apply(kNotesTable)), "done");
    const std::string both = create_index(index_entry("mood-index", "mood") + "," + index_entry("place-index", "place", "KEYS_ONLY"));
    const std::string first = create_index(index_entry("mood-index", "mood"));
    ASSERT_EQ(outcome(apply(first)), "done");
    EXPECT_EQ(effect(both), "absent");
    const std::string back = inverse(both);
    EXPECT_EQ(back, R"({"type":"delete_index","TableName":"Notes","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"place-index"}}]})");
    ASSERT_EQ(outcome(apply(both)), "done");
    EXPECT_EQ(effect(both), "present");
    EXPECT_NE(words.remarks.back().find("mood-index"), std::string::npos);
    const std::string again = inverse(back);
    EXPECT_NE(again.find(R"("AttributeDefinitions":[{"AttributeName":"place","AttributeType":"N"}])"), std::string::npos) << again;
    ASSERT_EQ(outcome(apply(back)), "done");
    EXPECT_FALSE(has("place-index"));
    EXPECT_TRUE(has("mood-index"));
    ASSERT_EQ(outcome(apply(again)), "done");
    EXPECT_EQ(effect(both), "present");
    EXPECT_EQ(inverse(both), R"({"type":"nothing"})");
}

TEST_F(Tables, IndexesThatCannotBeMadeAreToldBeforeAnyIs) {
    ASSERT_EQ(outcome(apply(kNotesTable)), "done");
    ASSERT_EQ(outcome(apply(create_index(index_entry("mood-index", "mood")))), "done");
    const auto differs = apply(create_index(index_entry("place-index", "place") + "," + index_entry("mood-index", "mood", "KEYS_ONLY")));
    ASSERT_FALSE(differs);
    EXPECT_NE(differs.error().message.find("the index mood-index"), std::string::npos);
    EXPECT_NE(differs.error().message.find("its projection is ALL, not KEYS_ONLY"), std::string::npos) << differs.error().message;
    EXPECT_FALSE(has("place-index"));
    const auto untyped = apply(create_index(index_entry("x-index", "nowhere")));
    ASSERT_FALSE(untyped);
    EXPECT_NE(untyped.error().message.find("key attribute nowhere, whose type nobody says"), std::string::npos);
    const auto missing = apply(R"({"type":"create_index","TableName":"Absent","GlobalSecondaryIndexUpdates":[)" + index_entry("i-i", "a") + "]}");
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message.find("Absent (really Absent-" + suffix + ") is not there"), std::string::npos) << missing.error().message;
}

struct Setting {
    std::string operation, inverse;
};

TEST_F(Tables, SettingsChangeAndChangeBack) {
    ASSERT_EQ(outcome(apply(kNotesTable)), "done");
    const std::string ttl = R"({"type":"update_ttl","TableName":"Notes","TimeToLiveSpecification":{"AttributeName":"ends","Enabled":)";
    const std::string stream = R"({"type":"update_stream","TableName":"Notes","StreamSpecification":{"StreamEnabled":)";
    const std::string billing = R"({"type":"update_billing","TableName":"Notes","BillingMode":)";
    const std::vector<Setting> settings{
        {ttl + "true}}", ttl + "false}}"},
        {stream + R"(true,"StreamViewType":"NEW_IMAGE"}})", stream + "false}}"},
        {billing + R"("PROVISIONED","ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":2}})",
         billing + R"("PAY_PER_REQUEST"})"}};
    for (const Setting& setting : settings) {
        EXPECT_EQ(effect(setting.operation), "absent") << setting.operation;
        EXPECT_EQ(inverse(setting.operation), setting.inverse);
        EXPECT_EQ(outcome(apply(setting.operation)), "done");
        EXPECT_EQ(effect(setting.operation), "present") << setting.operation;
        EXPECT_EQ(outcome(apply(setting.operation)), "done") << "twice is once";
        EXPECT_EQ(outcome(apply(setting.inverse)), "done") << setting.inverse;
        EXPECT_EQ(effect(setting.operation), "absent");
        EXPECT_EQ(effect(setting.inverse), "present");
    }
}

TEST_F(Tables, SettingsThatNeedTwoStepsSaySo) {
    ASSERT_EQ(outcome(apply(kNotesTable)), "done");
    const std::string ttl = R"({"type":"update_ttl","TableName":"Notes","TimeToLiveSpecification":{"AttributeName":")";
    ASSERT_EQ(outcome(apply(ttl + R"(ends","Enabled":true}})")), "done");
    const auto other = apply(ttl + R"(dies","Enabled":true}})");
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().message.find("is by the attribute ends, not dies"), std::string::npos) << other.error().message;
    const std::string stream = R"({"type":"update_stream","TableName":"Notes","StreamSpecification":{"StreamEnabled":true,"StreamViewType":)";
    ASSERT_EQ(outcome(apply(stream + R"("NEW_IMAGE"}})")), "done");
    const auto view = apply(stream + R"("OLD_IMAGE"}})");
    ASSERT_FALSE(view);
    EXPECT_NE(view.error().message.find("is on with NEW_IMAGE, and cannot be changed to OLD_IMAGE"), std::string::npos);
}

TEST_F(MotoTables, RecoveryAndTagsChangeAndChangeBack) {
    ASSERT_EQ(outcome(apply(kNotesTable)), "done");
    const std::string pitr = R"({"type":"update_pitr","TableName":"Notes","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":)";
    EXPECT_EQ(effect(pitr + "true}}"), "absent");
    EXPECT_EQ(inverse(pitr + "true}}"), pitr + "false}}");
    ASSERT_EQ(outcome(apply(pitr + "true}}")), "done");
    EXPECT_EQ(effect(pitr + "true}}"), "present");
    ASSERT_EQ(outcome(apply(pitr + "false}}")), "done");

    const std::string first = R"({"type":"tag","TableName":"Notes","Tags":[{"Key":"team","Value":"echo"},{"Key":"cost","Value":"1"}],"TagKeys":[]})";
    const std::string second = R"({"type":"tag","TableName":"Notes","Tags":[{"Key":"stage","Value":"dev"},{"Key":"team","Value":"notes"}],"TagKeys":["cost","never"]})";
    ASSERT_EQ(outcome(apply(first)), "done");
    EXPECT_EQ(effect(first), "present");
    EXPECT_EQ(inverse(first), R"({"type":"nothing"})");
    EXPECT_EQ(effect(second), "absent");
    const std::string back = inverse(second);
    EXPECT_EQ(back, R"({"type":"tag","TableName":"Notes","Tags":[{"Key":"cost","Value":"1"},{"Key":"team","Value":"echo"}],"TagKeys":["stage"]})");
    ASSERT_EQ(outcome(apply(second)), "done");
    EXPECT_EQ(effect(second), "present");
    ASSERT_EQ(outcome(apply(back)), "done");
    EXPECT_EQ(effect(first), "present");
}

}  // namespace
}  // namespace godwit::dynamodb
