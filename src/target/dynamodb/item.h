// Items of the record as DynamoDB's JSON has them: read, and written as the
// entries of requests.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace godwit::dynamodb {

// The key of every item of the record.
inline constexpr std::string_view kKey = "version";

// An item that was read. Attributes that are neither text nor number are passed over.
class Item {
public:
    // Nothing when `json` is no object of attributes.
    static std::optional<Item> read(std::string_view json);

    bool has(std::string_view attribute) const { return values_.contains(attribute); }
    // Empty when it is not there, or no text.
    std::string text(std::string_view attribute) const;
    // Nothing when it is not there, or no whole number.
    std::optional<int64_t> number(std::string_view attribute) const;

private:
    struct Value {
        char type = 'S';
        std::string text;
    };
    std::map<std::string, Value, std::less<>> values_;
};

std::string text_value(std::string_view text);  // {"S":"…"}
std::string number_value(int64_t number);       // {"N":"…"}
std::string key_of(std::string_view version);   // {"version":{"S":"…"}}

// An update of one item, with the conditions under which it happens. The names of
// attributes are always replaced by placeholders: many are reserved words.
class Update {
public:
    Update(std::string_view table, std::string_view key) : table_(table), key_(key) {}

    Update& set(std::string_view attribute, std::string_view text);
    Update& set(std::string_view attribute, int64_t number);
    Update& increase(std::string_view attribute);  // By one; from 0 when it is not there.
    Update& copy(std::string_view from, std::string_view to);  // As it was before this update.
    Update& remove(std::string_view attribute);

    Update& when_there(std::string_view attribute);
    Update& when_missing(std::string_view attribute);
    Update& when_equal(std::string_view attribute, int64_t number);

    // The members of UpdateItem's request, of TransactItems' Update, or (without
    // changes) of ConditionCheck. `more` goes in as it is, such as "\"ReturnValues\":…".
    std::string json(std::string_view more = "") const;
    std::string entry() const { return "{\"Update\":" + json() + "}"; }

private:
    std::string name(std::string_view attribute);
    std::string value(std::string json);

    std::string table_, key_;
    std::vector<std::string> sets_, removes_, conditions_;
    std::map<std::string, std::string, std::less<>> names_;  // Attribute → placeholder.
    std::vector<std::string> values_;
};

// Entries of TransactItems.
std::string delete_entry(std::string_view table, std::string_view key);
std::string condition_entry(const Update& conditions);

// "2025-06-28T12:00:00.123Z".
std::string iso_time(int64_t wall_ms);
// Milliseconds kept; ISO 8601 as anybody writes it, else nothing.
std::optional<int64_t> read_iso_time_ms(std::string_view text);

}  // namespace godwit::dynamodb
