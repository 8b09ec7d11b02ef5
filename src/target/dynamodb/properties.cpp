// What tables and indexes are made of, as Properties: to compare what is there with
// what is wanted.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "target/dynamodb/table.h"

namespace godwit::dynamodb {
namespace {

// "userId HASH, timestamp RANGE"
std::string key_schema(std::string_view json) {
    std::vector<std::string> hash, range;
    for (const std::string_view element : elements_of(json)) {
        const Members members = members_of(element);
        const std::string type = text_of(members, "KeyType");
        (type == "HASH" ? hash : range).push_back(text_of(members, "AttributeName") + " " + type);
    }
    hash.insert(hash.end(), range.begin(), range.end());
    return join(hash, ", ");
}

// "INCLUDE emotion, tags"
std::string projection(std::string_view json) {
    const Members members = members_of(json);
    std::vector<std::string> names;
    for (const std::string_view name : elements_of(net::json_raw(members, "NonKeyAttributes")))
        names.push_back(net::JsonPart{"", name}.text().value_or(""));
    std::sort(names.begin(), names.end());
    const std::string type = text_of(members, "ProjectionType");
    return names.empty() ? type : fmt::format("{} {}", type, join(names, ", "));
}

std::string throughput(std::string_view json) {
    const Members members = members_of(json);
    return fmt::format("{} read, {} write", text_of(members, "ReadCapacityUnits"),
                       text_of(members, "WriteCapacityUnits"));
}

// PROVISIONED is what a request that says nothing means, and what is not described.
std::string billing_mode(const Members& members) {
    const Members summary = members_of(net::json_raw(members, "BillingModeSummary"));
    std::string mode = text_of(summary, "BillingMode");
    if (mode.empty()) mode = text_of(members, "BillingMode");
    return mode.empty() ? "PROVISIONED" : mode;
}

std::string stream(std::string_view json) {
    const Members members = members_of(json);
    return text_of(members, "StreamEnabled") == "true" ? text_of(members, "StreamViewType") : "off";
}

std::string index_text(std::string_view json, bool provisioned) {
    std::vector<std::string> parts;
    for (const auto& [name, value] : index_properties(json)) {
        if (provisioned || name != "capacity") parts.push_back(fmt::format("{} {}", name, value));
    }
    return join(parts, "; ");
}

}  // namespace

Properties index_properties(std::string_view json) {
    const Members members = members_of(json);
    Properties properties{{"key", key_schema(net::json_raw(members, "KeySchema"))},
                          {"projection", projection(net::json_raw(members, "Projection"))}};
    const std::string capacity = throughput(net::json_raw(members, "ProvisionedThroughput"));
    if (capacity != "0 read, 0 write" && capacity != " read,  write") properties["capacity"] = capacity;
    return properties;
}

Properties table_properties(std::string_view json) {
    const Members members = members_of(json);
    Properties properties{{"key", key_schema(net::json_raw(members, "KeySchema"))},
                          {"billing mode", billing_mode(members)},
                          {"stream", stream(net::json_raw(members, "StreamSpecification"))}};
    const bool provisioned = properties["billing mode"] == "PROVISIONED";
    if (provisioned) properties["capacity"] = throughput(net::json_raw(members, "ProvisionedThroughput"));
    properties["deletion protection"] = text_of(members, "DeletionProtectionEnabled") == "true" ? "on" : "off";
    for (const std::string_view element : elements_of(net::json_raw(members, "AttributeDefinitions"))) {
        const Members definition = members_of(element);
        properties[fmt::format("attribute {}", text_of(definition, "AttributeName"))] =
            "of type " + text_of(definition, "AttributeType");
    }
    for (const std::string_view index : elements_of(net::json_raw(members, "GlobalSecondaryIndexes")))
        properties["index " + text_of(members_of(index), "IndexName")] = index_text(index, provisioned);
    for (const std::string_view index : elements_of(net::json_raw(members, "LocalSecondaryIndexes")))
        properties["local index " + text_of(members_of(index), "IndexName")] = index_text(index, false);
    return properties;
}

std::string difference(const Properties& there, const Properties& wanted) {
    std::vector<std::string> differences;
    for (const auto& [name, value] : wanted) {
        const auto found = there.find(name);
        if (found == there.end()) {
            differences.push_back(fmt::format("it has no {} ({})", name, value));
        } else if (found->second != value) {
            differences.push_back(fmt::format("its {} is {}, not {}", name, found->second, value));
        }
    }
    for (const auto& [name, value] : there) {
        if (!wanted.contains(name)) differences.push_back(fmt::format("it has the {} ({}) besides", name, value));
    }
    return join(differences, "; ");
}

bool TableState::is_provisioned() const { return billing_mode(members_of(raw)) == "PROVISIONED"; }

std::vector<KeyAttribute> TableState::keys() const {
    // Source: "Quotas" in the developer guide.
    constexpr size_t kLongestHash = 2048, kLongestRange = 1024;
    const Members members = members_of(raw);
    std::vector<KeyAttribute> keys;
    for (const std::string_view element : elements_of(net::json_raw(members, "KeySchema"))) {
        const Members key = members_of(element);
        const bool hash = text_of(key, "KeyType") == "HASH";
        keys.push_back({text_of(key, "AttributeName"), 'S', hash ? kLongestHash : kLongestRange, true});
    }
    for (const std::string_view element : elements_of(net::json_raw(members, "AttributeDefinitions"))) {
        const Members definition = members_of(element);
        const std::string name = text_of(definition, "AttributeName"), type = text_of(definition, "AttributeType");
        const auto known = std::find_if(keys.begin(), keys.end(), [&](const auto& key) { return key.name == name; });
        KeyAttribute& key = known == keys.end() ? keys.emplace_back(KeyAttribute{name, 'S', 0, false}) : *known;
        if (!type.empty()) key.type = type.front();
    }
    return keys;
}

}  // namespace godwit::dynamodb
