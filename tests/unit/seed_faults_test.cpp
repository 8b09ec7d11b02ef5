// What is wrong with a seed file, and where.
#include <gtest/gtest.h>

#include "base/source_span.h"
#include "seed/making.h"
#include "seed/seed_file.h"

namespace godwit::seed {
namespace {

std::string fault_of(const std::string& text) {
    const auto file = parse_seed_file(text, "s.json");
    if (file) return "none";
    EXPECT_EQ(to_string(file.error().code), "invalid_input");
    return to_string(file.error().where) + ": " + file.error().message;
}

struct Case {
    const char* text;
    const char* fault;
};

// Of a whole file.
TEST(SeedFaults, OfTheFile) {
    const Case cases[] = {
        {"", "s.json:1:1: not JSON: the document is empty"},
        {"[]", "s.json:1:1: a seed file takes an object, not an array"},
        {"{}", "s.json:1:1: a seed file needs \"demo\" or \"test\""},
        {R"({"demo": []})", "s.json:1:1: a seed file needs \"demo\" or \"test\""},
        {R"({"dmeo": []})", "s.json:1:2: a seed file has no member dmeo"},
        {R"({"demo": {}})", "s.json:1:10: demo takes an array, not an object"},
        {R"({"demo": [], "demo": []})", "s.json:1:14: member \"demo\" is given twice"},
        {"{\n  \"seed\": -1}",
         "s.json:2:11: \"seed\" takes a whole number from 0 to 9223372036854775807, not -1"},
        {R"({"seed": "1"})", "s.json:1:10: \"seed\" takes a number, not a string"},
        {R"({"now": "soon"})", "s.json:1:9: \"now\" does not understand soon"},
        {R"({"parameters": {"Num": 1}})", "s.json:1:17: a parameter cannot be called Num"},
        {R"({"parameters": {"num": {"minimum": 1}}})", "s.json:1:24: a parameter needs \"default\""},
        {R"({"parameters": {"num": {"default": 5, "maximum": 4}}})",
         "s.json:1:36: \"default\" takes a whole number from 0 to 4, not 5"},
        {R"({"parameters": {"num": 1.5}})",
         "s.json:1:24: a parameter takes a whole number from 0 to 1000000000, not 1.5"},
        {R"({"environments": {"prod": []}})", "s.json:1:19: \"environments\" has no member prod"},
        {R"({"environments": {"demo": "dev"}})",
         "s.json:1:27: a list of environments takes an array, not a string"},
        {R"({"profiles": {"people": {}}})", "s.json:1:25: a set of profiles without any"},
        {R"({"test": {"one": {"row": []}}})", "s.json:1:19: a scenario has no member row"},
        {R"({"test": {"one": {"description": "x"}}})", "s.json:1:18: a scenario needs \"rows\""},
        {"{\"demo\": [\"\xFF\"]}", "s.json:1:12: the seed file is not UTF-8"},
    };
    for (const Case& each : cases) EXPECT_EQ(fault_of(each.text), each.fault) << each.text;
}

// Of a block of rows.
TEST(SeedFaults, OfBlocks) {
    const Case cases[] = {
        {R"({})",
         "s.json:1:11: a block of rows needs \"table\", or a \"name\" where nothing is to be written"},
        {R"({"table": ""})", "s.json:1:21: a table without a name"},
        {R"({"table": "t"})", "s.json:1:11: a block of rows needs either \"item\" or \"items\""},
        {R"({"table": "t", "item": {}})", "s.json:1:34: an item without fields"},
        {R"({"table": "t", "items": []})", "s.json:1:35: \"items\" holds none"},
        {R"({"table": "t", "item": {"a": 1}, "items": [{"a": 1}]})",
         "s.json:1:11: a block of rows needs either \"item\" or \"items\""},
        {R"({"table": "t", "items": [{"a": 1}], "count": 2})",
         "s.json:1:56: \"items\" and \"count\" exclude each other"},
        {R"({"table": "t", "item": {"a": 1}, "count": -1})",
         "s.json:1:53: \"count\" takes a whole number from 0 to 1000000000000, not -1"},
        {R"({"table": "t", "item": {"a": 1}, "count": "many"})", "s.json:1:53: there is no parameter many"},
        {R"({"table": "t", "item": {"a": 1}, "for_each": "u"})",
         "s.json:1:56: no rows before this are called u"},
        {R"({"table": "t", "item": {"a": 1}, "profiles": "p"})", "s.json:1:56: the file has no profiles p"},
        {R"({"table": "t", "item": {"a": 1}, "rows": 1})", "s.json:1:44: a block of rows has no member rows"},
        {R"({"name": "a.b", "item": {"a": 1}})", "s.json:1:20: a name with a dot in it"},
        {R"({"table": "t", "item": {"a": 1}}, {"table": "t", "item": {"a": 1}})",
         "s.json:1:45: two blocks are called t"},
        {R"({"table": "t", "item": {"a": 1}, "count": 1000000}, {"table": "u", "for_each": "t", "item": {"a": 1}, "count": 1000001})",
         "none"},
    };
    for (const Case& each : cases)
        EXPECT_EQ(fault_of(std::string("{\"demo\": [") + each.text + "]}"), each.fault) << each.text;
}

// Of a value: {"demo": [{"table": "t", "item": {"v": HERE}}]}, which begins at column 40.
TEST(SeedFaults, OfValues) {
    const Case cases[] = {
        {R"({"$intger": [1, 2]})", "s.json:1:41: there is no $intger"},
        {R"({"$integer": [1, 2], "x": 1})", "s.json:1:40: beside $integer stands something else"},
        {R"({"$integer": 5})", "s.json:1:53: $integer takes an array, not a number"},
        {R"({"$integer": [1]})", "s.json:1:53: $integer takes two numbers: [least, most]"},
        {R"({"$integer": [2, 1]})", "s.json:1:53: $integer: 2 is more than 1"},
        {R"({"$integer": [1.5, 2]})", "s.json:1:54: $integer does not take 1.5"},
        {R"({"$decimal": [1e5, 2]})", "s.json:1:54: $decimal does not take 1e5"},
        {R"({"$decimal": [0, 100000000000000000000000000000000000000]})",
         "s.json:1:57: $decimal does not take 100000000000000000000000000000000000000"},
        {R"({"$decimal": [0.1, 99999999999999999999999999999999999999]})",
         "s.json:1:53: $decimal: the two numbers have more than 38 digits together"},
        {R"({"$choice": []})", "s.json:1:52: there is nothing to choose from"},
        {R"({"$choice": [{"weight": 0, "value": 1}]})", "s.json:1:52: there is nothing to choose from"},
        {R"({"$weighted": {"a": -1}})",
         "s.json:1:60: the weight of a takes a whole number from 0 to 1000000000, not -1"},
        {R"({"$some": {"of": [1], "count": [0, 2]}})",
         "s.json:1:75: \"count\" of $some takes a whole number from 0 to 1, not 2"},
        {R"({"$some": {"of": [1]}})", "s.json:1:50: $some needs \"count\""},
        {R"({"$list": {"of": 1, "count": [3, 2]}})", "s.json:1:69: \"count\" of $list: 3 is more than 2"},
        {R"({"$set": "a"})", "s.json:1:49: $set takes an array, or an object that makes a list"},
        {R"({"$set": []})", "s.json:1:49: a set without elements"},
        {R"({"$set": [1, "a"]})", "s.json:1:49: a set holds a number beside a string"},
        {R"({"$set": [[1]]})", "s.json:1:49: a set cannot hold a list"},
        {R"({"$maybe": {"percent": 101, "value": 1}})",
         "s.json:1:63: \"percent\" of $maybe takes a whole number from 0 to 100, not 101"},
        {R"({"$uuid": 5})", "s.json:1:50: $uuid takes true"},
        {R"({"$binary": "a"})", "s.json:1:52: $binary takes Base64 with its padding"},
        {R"({"$bytes": [0, 999999999]})",
         "s.json:1:55: $bytes takes a whole number from 0 to 16777216, not 999999999"},
        {R"({"$repeat": {"text": "x"}})", "s.json:1:52: $repeat needs \"text\" and \"times\""},
        {R"({"$repeat": {"text": "xxxx", "times": 16777216}})", "s.json:1:52: $repeat makes more than 16 MB"},
        {R"({"$text": "{a"})", "s.json:1:50: a { that is not closed"},
        {R"({"$text": "a}"})", "s.json:1:50: a } without its {"},
        {R"({"$text": "{}"})", "s.json:1:50: \"\" names no value"},
        {R"({"$text": "{nothing}"})", "s.json:1:50: the item of t has no field nothing"},
        {R"({"$get": "v"})", "s.json:1:49: v leads back to itself"},
        {R"({"$get": "parent.v"})", "s.json:1:49: t has no parent"},
        {R"({"$get": "profile.v"})", "s.json:1:49: t has no profiles"},
        {R"({"$get": "values.v"})", "s.json:1:49: the file has no value v"},
        {R"({"$get": "parameters.v"})", "s.json:1:49: there is no parameter v"},
        {R"({"$ref": "t"})", "s.json:1:49: $ref does not understand t"},
        {R"({"$ref": "u.id"})", "s.json:1:49: there are no rows called u"},
        {R"({"$ref": "t.id"})", "s.json:1:49: the item of t has no field id"},
        {R"({"$time": 5})", "s.json:1:50: $time takes an object, not a number"},
        {R"({"$time": "now-5"})", "s.json:1:50: now-5 holds no span of time"},
        {R"({"$time": "2025-02-30"})", "s.json:1:50: 2025-02-30 is no time"},
        {R"({"$time": {"from": "now"}})", "s.json:1:50: $time needs \"at\", or \"from\" and \"to\""},
        {R"({"$time": {"from": "now", "to": "now-1d"}})", "s.json:1:50: the period ends"},
        {R"({"$time": {"at": "now", "as": "unix"}})", "s.json:1:70: $time does not know the form unix"},
        {R"({"$time": {"from": "now", "to": "now", "spread": "wide"}})",
         "s.json:1:89: $time does not know the spread wide"},
        {R"({"$time": "now + 9999y"})", "s.json:1:50: the time lies outside of the years 1 to 9999"},
        {R"({"a": {"$get": "index.x"}})", "s.json:1:55: the item of t has no field index"},
    };
    for (const Case& each : cases) {
        const std::string fault =
            fault_of(std::string("{\"demo\": [{\"table\": \"t\", \"item\": {\"v\": ") + each.text + "}}]}");
        EXPECT_EQ(fault.substr(0, std::string_view(each.fault).size()), each.fault) << each.text;
    }
}

TEST(SeedFaults, TooManyRows) {
    const auto file = parse_seed_file(
        R"({"parameters": {"num": {"default": 1}}, "demo": [{"table": "t", "count": "num", "item": {"a": 1}},
 {"table": "u", "for_each": "t", "count": "num", "item": {"a": 1}}]})",
        "s.json");
    ASSERT_TRUE(file.has_value());
    MakingOptions options;
    options.parameters = {{"num", 1'000'000'000}};
    const auto rows = RowSource::make(*file, {&file->demo}, options);
    ASSERT_FALSE(rows.has_value());
    EXPECT_EQ(rows.error().message, "u would have more than 1000000000000 rows");
}

}  // namespace
}  // namespace godwit::seed
