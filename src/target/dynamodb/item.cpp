#include "target/dynamodb/item.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "base/text.h"
#include "net/json_text.h"
#include "net/time_source.h"

namespace godwit::dynamodb {

std::optional<Item> Item::read(std::string_view json) {
    const auto members = net::json_members(json);
    if (!members) return std::nullopt;
    Item item;
    for (const net::JsonPart& member : *members) {
        const auto typed = net::json_members(member.raw);
        if (!typed || typed->size() != 1) return std::nullopt;
        const net::JsonPart& value = typed->front();
        if (value.name != "S" && value.name != "N") continue;
        item.values_[member.name] = {value.name.front(), value.text().value_or("")};
    }
    return item;
}

std::string Item::text(std::string_view attribute) const {
    const auto found = values_.find(attribute);
    return found == values_.end() || found->second.type != 'S' ? "" : found->second.text;
}

std::optional<int64_t> Item::number(std::string_view attribute) const {
    const auto found = values_.find(attribute);
    if (found == values_.end() || found->second.type != 'N') return std::nullopt;
    const std::string& text = found->second.text;
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::string text_value(std::string_view text) { return fmt::format(R"({{"S":{}}})", json_quote(text)); }
std::string number_value(int64_t number) { return fmt::format(R"({{"N":"{}"}})", number); }
std::string key_of(std::string_view version) {
    return fmt::format(R"({{{}:{}}})", json_quote(kKey), text_value(version));
}

std::string Update::name(std::string_view attribute) {
    const auto [place, added] = names_.try_emplace(std::string(attribute), fmt::format("#n{}", names_.size()));
    return place->second;
}

std::string Update::value(std::string json) {
    values_.push_back(std::move(json));
    return fmt::format(":v{}", values_.size() - 1);
}

Update& Update::set(std::string_view attribute, std::string_view text) {
    sets_.push_back(name(attribute) + "=" + value(text_value(text)));
    return *this;
}

Update& Update::set(std::string_view attribute, int64_t number) {
    sets_.push_back(name(attribute) + "=" + value(number_value(number)));
    return *this;
}

Update& Update::increase(std::string_view attribute) {
    const std::string placeholder = name(attribute);
    const std::string zero = value(number_value(0));
    sets_.push_back(
        fmt::format("{0}=if_not_exists({0},{1})+{2}", placeholder, zero, value(number_value(1))));
    return *this;
}

Update& Update::copy(std::string_view from, std::string_view to) {
    sets_.push_back(name(to) + "=" + name(from));
    return *this;
}

Update& Update::remove(std::string_view attribute) {
    removes_.push_back(name(attribute));
    return *this;
}

Update& Update::when_there(std::string_view attribute) {
    conditions_.push_back(fmt::format("attribute_exists({})", name(attribute)));
    return *this;
}

Update& Update::when_missing(std::string_view attribute) {
    conditions_.push_back(fmt::format("attribute_not_exists({})", name(attribute)));
    return *this;
}

Update& Update::when_equal(std::string_view attribute, int64_t number) {
    conditions_.push_back(name(attribute) + "=" + value(number_value(number)));
    return *this;
}

std::string Update::json(std::string_view more) const {
    std::vector<std::string> parts{fmt::format(R"("TableName":{})", json_quote(table_)),
                                   fmt::format(R"("Key":{})", key_of(key_))};
    std::string expression;
    if (!sets_.empty()) expression = "SET " + join(sets_, ",");
    if (!removes_.empty()) expression += (expression.empty() ? "REMOVE " : " REMOVE ") + join(removes_, ",");
    if (!expression.empty()) parts.push_back(fmt::format(R"("UpdateExpression":{})", json_quote(expression)));
    if (!conditions_.empty()) {
        parts.push_back(
            fmt::format(R"("ConditionExpression":{})", json_quote(join(conditions_, " AND "))));
    }
    std::vector<std::string> names, values;
    for (const auto& [attribute, placeholder] : names_)
        names.push_back(fmt::format("{}:{}", json_quote(placeholder), json_quote(attribute)));
    for (size_t i = 0; i < values_.size(); ++i) values.push_back(fmt::format(R"(":v{}":{})", i, values_[i]));
    if (!names.empty()) parts.push_back(fmt::format(R"("ExpressionAttributeNames":{{{}}})", join(names, ",")));
    if (!values.empty())
        parts.push_back(fmt::format(R"("ExpressionAttributeValues":{{{}}})", join(values, ",")));
    if (!more.empty()) parts.emplace_back(more);
    return "{" + join(parts, ",") + "}";
}

std::string delete_entry(std::string_view table, std::string_view key) {
    return fmt::format(R"({{"Delete":{{"TableName":{},"Key":{}}}}})", json_quote(table), key_of(key));
}

std::string condition_entry(const Update& conditions) {
    return "{\"ConditionCheck\":" + conditions.json() + "}";
}

std::string iso_time(int64_t wall_ms) {
    const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(wall_ms)};
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", seconds, (time - seconds).count());
}

std::optional<int64_t> read_iso_time_ms(std::string_view text) {
    const auto whole_ms = net::parse_iso_time_ms(text);
    const size_t point = text.find('.');
    if (!whole_ms || point == std::string_view::npos) return whole_ms;
    int64_t ms = 0;
    int64_t unit = 100;
    for (size_t at = point + 1; at < text.size() && unit > 0 && text[at] >= '0' && text[at] <= '9'; ++at) {
        ms += (text[at] - '0') * unit;
        unit /= 10;
    }
    return *whole_ms + ms;
}

}  // namespace godwit::dynamodb
