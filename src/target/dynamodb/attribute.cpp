#include "target/dynamodb/attribute.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "net/json_text.h"
#include "target/dynamodb/attribute_handler.h"
#include "target/dynamodb/json_walk.h"
#include "target/dynamodb/number.h"

namespace godwit::dynamodb {
namespace {

// The inner text of a string token, decoded where it has to be.
std::string decoded(std::string_view token) {
    if (token.size() < 2 || token.front() != '"') return std::string(token);
    if (token.find('\\') == std::string_view::npos) return std::string(token.substr(1, token.size() - 2));
    return net::JsonPart{"", token}.text().value_or("");
}

bool is_name(std::string_view token, const std::string& name) {
    if (token.find('\\') != std::string_view::npos) return decoded(token) == name;
    return token.size() == name.size() + 2 && token.substr(1, name.size()) == name;
}

// Calls `found(key, raw value)` for each of the table's key attributes.
template <typename Found>
void find_keys(std::string_view item, const std::vector<KeyAttribute>& keys, Found found) {
    const auto wanted = static_cast<size_t>(
        std::count_if(keys.begin(), keys.end(), [](const KeyAttribute& key) { return key.of_table; }));
    size_t seen = 0;
    JsonWalk walk(item);
    walk.token();
    while (seen < wanted && walk.peek() == '"') {
        const std::string_view name = walk.token(), value = walk.value();
        for (const KeyAttribute& key : keys) {
            if (!key.of_table || !is_name(name, key.name)) continue;
            found(key, value);
            seen++;
        }
    }
}

std::string value_identity(std::string_view value) {
    JsonWalk walk(value);
    walk.token();
    const std::string type = decoded(walk.token());
    const std::string text = decoded(walk.token());
    if (type == "B") return from_base64(text);
    if (type != "N") return text;
    const auto number = read_number(text);
    return number ? number->canonical() : text;
}

Result<void> check_as(ItemRole role, std::string_view json, std::string_view what, const TextPlace& place) {
    ItemChecker checker({}, role);
    const auto fault = checker.check(json);
    if (!fault) return {};
    return fail(make_error(ErrorCode::kInvalidInput, fmt::format("{}: {}", what, fault->message))
                    .at(place.of(json.substr(std::min(fault->at, json.size())))));
}

}  // namespace

class ItemChecker::Handler : public AttributeHandler {
public:
    using AttributeHandler::AttributeHandler;
};

ItemChecker::ItemChecker(std::vector<KeyAttribute> keys, ItemRole role)
    : handler_(std::make_unique<Handler>(std::move(keys), role)) {}
ItemChecker::~ItemChecker() = default;

std::optional<ItemFault> ItemChecker::check(std::string_view json) { return handler_->check(json); }
size_t ItemChecker::size_bytes() const { return handler_->size_bytes(); }

std::string key_of(std::string_view item, const std::vector<KeyAttribute>& keys) {
    std::string out = "{";
    find_keys(item, keys, [&](const KeyAttribute& key, std::string_view value) {
        if (out.size() > 1) out += ',';
        out += json_quote(key.name);
        out += ':';
        out += value;
    });
    return out + "}";
}

std::string key_identity(std::string_view item, const std::vector<KeyAttribute>& keys) {
    std::array<std::string, 2> parts;
    find_keys(item, keys, [&](const KeyAttribute& key, std::string_view value) {
        const bool first = &key == &*std::find_if(keys.begin(), keys.end(), [](const auto& k) { return k.of_table; });
        parts[first ? 0 : 1] = value_identity(value);
    });
    return fmt::format("{}:{}{}", parts[0].size(), parts[0], parts[1]);
}

Result<void> check_attributes(std::string_view json, std::string_view what, const TextPlace& place) {
    return check_as(ItemRole::kAttributes, json, what, place);
}

Result<void> check_value(std::string_view json, std::string_view what, const TextPlace& place) {
    return check_as(ItemRole::kValue, json, what, place);
}

}  // namespace godwit::dynamodb
