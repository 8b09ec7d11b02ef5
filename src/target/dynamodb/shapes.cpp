#include "target/dynamodb/shapes.h"

namespace godwit::dynamodb::shapes {
namespace {

using Kind = Shape::Kind;

constexpr Shape object(std::span<const Field> fields) { return {Kind::kObject, fields}; }
constexpr Shape list_of(const Shape& element, size_t least = 0) {
    return {Kind::kArray, {}, &element, {}, least};
}
constexpr Shape one_of(std::span<const std::string_view> choices) {
    return {Kind::kText, {}, nullptr, choices};
}

constexpr Shape kText{Kind::kText}, kName{Kind::kName}, kInteger{Kind::kInteger}, kBoolean{Kind::kBoolean},
    kAny{Kind::kAny}, kAttributes{Kind::kAttributes}, kStringMap{Kind::kStringMap};

constexpr std::string_view kKeyTypes[] = {"HASH", "RANGE"};
constexpr std::string_view kAttributeTypes[] = {"S", "N", "B"};
constexpr std::string_view kProjections[] = {"ALL", "KEYS_ONLY", "INCLUDE"};
constexpr std::string_view kBillingModes[] = {"PROVISIONED", "PAY_PER_REQUEST"};
constexpr std::string_view kViewTypes[] = {"NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"};
constexpr std::string_view kSseTypes[] = {"KMS", "AES256"};
constexpr std::string_view kTableClasses[] = {"STANDARD", "STANDARD_INFREQUENT_ACCESS"};
constexpr std::string_view kOldValues[] = {"ALL_OLD", "NONE"};
constexpr Shape kKeyType = one_of(kKeyTypes), kAttributeType = one_of(kAttributeTypes),
                kProjectionType = one_of(kProjections), kBillingMode = one_of(kBillingModes),
                kViewType = one_of(kViewTypes), kSseType = one_of(kSseTypes),
                kTableClass = one_of(kTableClasses), kOldValue = one_of(kOldValues);

constexpr Field kKeyFields[] = {{"AttributeName", &kText, true}, {"KeyType", &kKeyType, true}};
constexpr Shape kKeyElement = object(kKeyFields), kKeySchema = list_of(kKeyElement, 1);
constexpr Field kDefinitionFields[] = {{"AttributeName", &kText, true}, {"AttributeType", &kAttributeType, true}};
constexpr Shape kDefinition = object(kDefinitionFields), kDefinitions = list_of(kDefinition);
constexpr Shape kTexts = list_of(kText);
constexpr Field kProjectionFields[] = {{"ProjectionType", &kProjectionType}, {"NonKeyAttributes", &kTexts}};
constexpr Shape kProjection = object(kProjectionFields);
constexpr Field kThroughputFields[] = {{"ReadCapacityUnits", &kInteger, true}, {"WriteCapacityUnits", &kInteger, true}};
constexpr Shape kThroughput = object(kThroughputFields);
constexpr Field kOnDemandFields[] = {{"MaxReadRequestUnits", &kAny}, {"MaxWriteRequestUnits", &kAny}};
constexpr Shape kOnDemand = object(kOnDemandFields);
constexpr Field kWarmFields[] = {{"ReadUnitsPerSecond", &kInteger}, {"WriteUnitsPerSecond", &kInteger}};
constexpr Shape kWarm = object(kWarmFields);
constexpr Field kStreamFields[] = {{"StreamEnabled", &kBoolean, true}, {"StreamViewType", &kViewType}};
constexpr Shape kStream = object(kStreamFields);
constexpr Field kSseFields[] = {{"Enabled", &kBoolean}, {"SSEType", &kSseType}, {"KMSMasterKeyId", &kText}};
constexpr Shape kSse = object(kSseFields);
constexpr Field kTagFields[] = {{"Key", &kText, true}, {"Value", &kText, true}};
constexpr Shape kTagPair = object(kTagFields), kTags = list_of(kTagPair);

constexpr Field kIndexFields[] = {{"IndexName", &kName, true},          {"KeySchema", &kKeySchema, true},
                                  {"Projection", &kProjection, true},   {"ProvisionedThroughput", &kThroughput},
                                  {"OnDemandThroughput", &kOnDemand},   {"WarmThroughput", &kWarm}};
constexpr Shape kIndex = object(kIndexFields), kIndexes = list_of(kIndex);
constexpr Shape kLocalIndex = object(std::span(kIndexFields).first(3)), kLocalIndexes = list_of(kLocalIndex);
constexpr Field kCreateEntryFields[] = {{"Create", &kIndex, true}};
constexpr Shape kCreateEntry = object(kCreateEntryFields), kCreateEntries = list_of(kCreateEntry, 1);
constexpr Field kIndexNameFields[] = {{"IndexName", &kName, true}};
constexpr Shape kIndexName = object(kIndexNameFields);
constexpr Field kDeleteEntryFields[] = {{"Delete", &kIndexName, true}};
constexpr Shape kDeleteEntry = object(kDeleteEntryFields), kDeleteEntries = list_of(kDeleteEntry, 1);
constexpr Field kCapacityFields[] = {{"IndexName", &kName, true},
                                     {"ProvisionedThroughput", &kThroughput},
                                     {"OnDemandThroughput", &kOnDemand},
                                     {"WarmThroughput", &kWarm}};
constexpr Shape kCapacity = object(kCapacityFields);
constexpr Field kUpdateEntryFields[] = {{"Update", &kCapacity, true}};
constexpr Shape kUpdateEntry = object(kUpdateEntryFields), kUpdateEntries = list_of(kUpdateEntry);
constexpr Field kTtlFields[] = {{"AttributeName", &kText, true}, {"Enabled", &kBoolean, true}};
constexpr Shape kTtl = object(kTtlFields);
constexpr Field kPitrFields[] = {{"PointInTimeRecoveryEnabled", &kBoolean, true},
                                 {"RecoveryPeriodInDays", &kInteger}};
constexpr Shape kPitr = object(kPitrFields);

constexpr Field kType{"type", &kText}, kTable{"TableName", &kName, true};
constexpr Shape kItemList = list_of(kAttributes), kValues = list_of(kAny);

constexpr Field kCreateTableFields[] = {kType,
                                        kTable,
                                        {"AttributeDefinitions", &kDefinitions, true},
                                        {"KeySchema", &kKeySchema, true},
                                        {"LocalSecondaryIndexes", &kLocalIndexes},
                                        {"GlobalSecondaryIndexes", &kIndexes},
                                        {"BillingMode", &kBillingMode},
                                        {"ProvisionedThroughput", &kThroughput},
                                        {"OnDemandThroughput", &kOnDemand},
                                        {"WarmThroughput", &kWarm},
                                        {"StreamSpecification", &kStream},
                                        {"SSESpecification", &kSse},
                                        {"Tags", &kTags},
                                        {"TableClass", &kTableClass},
                                        {"DeletionProtectionEnabled", &kBoolean},
                                        {"ResourcePolicy", &kText}};
constexpr Field kDeleteTableFields[] = {kType, kTable};
constexpr Field kCreateIndexFields[] = {
    kType, kTable, {"AttributeDefinitions", &kDefinitions}, {"GlobalSecondaryIndexUpdates", &kCreateEntries, true}};
constexpr Field kDeleteIndexFields[] = {
    kType, kTable, {"AttributeDefinitions", &kDefinitions}, {"GlobalSecondaryIndexUpdates", &kDeleteEntries, true}};
constexpr Field kBillingFields[] = {kType,
                                    kTable,
                                    {"BillingMode", &kBillingMode},
                                    {"ProvisionedThroughput", &kThroughput},
                                    {"OnDemandThroughput", &kOnDemand},
                                    {"WarmThroughput", &kWarm},
                                    {"GlobalSecondaryIndexUpdates", &kUpdateEntries}};
constexpr Field kTtlOperation[] = {kType, kTable, {"TimeToLiveSpecification", &kTtl, true}};
constexpr Field kStreamOperation[] = {kType, kTable, {"StreamSpecification", &kStream, true}};
constexpr Field kPitrOperation[] = {kType, kTable, {"PointInTimeRecoverySpecification", &kPitr, true}};
constexpr Field kProtectionOperation[] = {kType, kTable, {"DeletionProtectionEnabled", &kBoolean, true}};
constexpr Field kTagOperation[] = {kType, kTable, {"Tags", &kTags}, {"TagKeys", &kTexts}};
// Elements of what may be streamed are checked one by one, with the table's keys at hand.
constexpr Shape kAnyList = list_of(kAny);
constexpr Field kPutFields[] = {kType, kTable, {"Items", &kAnyList, true}};
constexpr Field kDeleteItemsFields[] = {kType, kTable, {"Keys", &kAnyList}, {"Items", &kAnyList}};
constexpr Field kUpdateItemsFields[] = {kType, kTable, {"Updates", &kAnyList, true}};
constexpr Field kPartiqlFields[] = {
    kType, {"Statement", &kText}, {"Parameters", &kValues}, {"Statements", &kAnyList}};
constexpr Field kRestoreFields[] = {kType, kTable, {"Puts", &kItemList}, {"Deletes", &kItemList}};
constexpr Field kNothingFields[] = {kType, {"TableName", &kName}};

constexpr Field kUpdateFields[] = {{"Key", &kAttributes, true},
                                   {"UpdateExpression", &kText, true},
                                   {"ConditionExpression", &kText},
                                   {"ExpressionAttributeNames", &kStringMap},
                                   {"ExpressionAttributeValues", &kAttributes},
                                   {"ReturnValuesOnConditionCheckFailure", &kOldValue}};
constexpr Field kStatementFields[] = {{"Statement", &kText, true},
                                      {"Parameters", &kValues},
                                      {"ReturnValuesOnConditionCheckFailure", &kOldValue}};

}  // namespace

const Shape kCreateTable = object(kCreateTableFields), kDeleteTable = object(kDeleteTableFields),
            kCreateIndex = object(kCreateIndexFields), kDeleteIndex = object(kDeleteIndexFields),
            kUpdateBilling = object(kBillingFields), kUpdateTtl = object(kTtlOperation),
            kUpdateStream = object(kStreamOperation), kUpdatePitr = object(kPitrOperation),
            kUpdateDeletionProtection = object(kProtectionOperation), kTag = object(kTagOperation),
            kPutItems = object(kPutFields), kDeleteItems = object(kDeleteItemsFields),
            kUpdateItems = object(kUpdateItemsFields), kPartiql = object(kPartiqlFields),
            kRestoreItems = object(kRestoreFields), kNothing = object(kNothingFields),
            kUpdate = object(kUpdateFields), kStatement = object(kStatementFields);

}  // namespace godwit::dynamodb::shapes
