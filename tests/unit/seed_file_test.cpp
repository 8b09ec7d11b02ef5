// Seed files: what they make, and that it is the same each time.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/text.h"
#include "seed/making.h"

namespace godwit::seed {
namespace {

struct Made {
    std::vector<std::string> rows;  // "table {…}"
    std::string fault;
};

MakingOptions fixed_options() {
    MakingOptions options;
    options.seed = 42;
    options.now = *parse_instant("2025-06-30T12:00:00Z");
    return options;
}

Made make(const std::string& text, const MakingOptions& options = fixed_options()) {
    Made made;
    const auto file = parse_seed_file(text, "seeds.json");
    if (!file) return {{}, to_string(file.error().where) + ": " + file.error().message};
    auto rows = RowSource::make(*file, {&file->demo}, options);
    if (!rows) return {{}, rows.error().message};
    SeedRow row;
    while (true) {
        const Result<bool> more = rows->next(row);
        if (!more) made.fault = to_string(more.error().where) + ": " + more.error().message;
        if (!more || !*more) return made;
        Value map;
        map.kind = Value::Kind::kMap;
        map.members = row.fields;
        made.rows.push_back(row.table + " " + to_json(map));
    }
}

// The value of a field "v", in `count` rows.
std::vector<Value> values_of(const std::string& generator, int count = 1, const std::string& more = "") {
    const std::string text = "{" + more + "\"demo\":[{\"table\":\"t\",\"count\":" + std::to_string(count) +
                             ",\"item\":{\"v\":" + generator + "}}]}";
    const auto file = parse_seed_file(text, "seeds.json");
    EXPECT_TRUE(file.has_value()) << text << ": " << (file ? "" : file.error().message);
    if (!file) return {};
    auto rows = RowSource::make(*file, {&file->demo}, fixed_options());
    std::vector<Value> values;
    SeedRow row;
    while (true) {
        const Result<bool> more_rows = rows->next(row);
        EXPECT_TRUE(more_rows.has_value()) << (more_rows ? "" : more_rows.error().message);
        if (!more_rows || !*more_rows) return values;
        if (!row.fields.empty()) values.push_back(row.fields.front().value);
    }
}

std::string json_of(const std::string& generator, const std::string& more = "") {
    std::string text;
    for (const Value& value : values_of(generator, 2, more))
        text += (text.empty() ? "" : " ") + to_json(value);
    return text;
}

// Fixed: a change here changes the rows of every seed file in use.
TEST(SeedFile, MakesTheSameOnEveryMachine) {
    const std::map<std::string, std::string> expected = {
        {R"(12345678901234567890.10)", "12345678901234567890.10 12345678901234567890.10"},
        {R"([1, "a", null, true, {"b": []}])", R"([1,"a",null,true,{"b":[]}] [1,"a",null,true,{"b":[]}])"},
        {R"({"$integer": [1, 1000000]})", R"(320396 241312)"},
        {R"({"$decimal": [0.50, 0.9]})", R"(0.63 0.59)"},
        {R"({"$decimal": [-99999999999999999999999999999999999999, 99999999999999999999999999999999999999]})",
         R"(9025019900476447622803521482962448698 -17886088012311623169433028358144674691)"},
        {R"({"$choice": ["a", "b", {"weight": 8, "value": "c"}]})", R"("c" "c")"},
        {R"({"$weighted": {"x": 0, "y": 3}})", R"("y" "y")"},
        {R"({"$some": {"of": [1, 2, 3, 4, 5], "count": [2, 3]}})", R"([1,2] [1,2])"},
        {R"({"$list": {"of": {"$integer": [0, 9]}, "count": [0, 4]}})", R"([9] [2])"},
        {R"({"$uuid": true})",
         R"("ea23323f-7e74-4552-b931-b73bac299358" "4d79cd11-6f90-463d-bcb4-b9e762cff720")"},
        {R"({"$bytes": [4, 6]})", R"("OTG3Ow==" "fLS55w==")"},
        {R"({"$binary": "AAEC/w=="})", R"("AAEC/w==" "AAEC/w==")"},
        {R"({"$time": {"from": "now-365d", "to": "now"}})",
         R"("2024-10-25T10:39:59Z" "2024-09-26T13:53:06Z")"},
        {R"({"$time": {"from": "2025-01-01", "to": "2025-01-03", "spread": "even", "as": "iso_ms"}})",
         R"("2025-01-01T07:41:22.191Z" "2025-01-02T05:47:29.278Z")"},
        {R"({"$time": {"at": "now + 1d12h", "as": "epoch"}})", "1751414400 1751414400"},
        {R"({"$time": "2025-01-31T10:00:00+02:00"})", R"("2025-01-31T08:00:00Z" "2025-01-31T08:00:00Z")"},
        {R"({"$sequence": {"from": 10, "step": -5}})", "10 5"},
        {R"({"$repeat": {"text": "ab{index}", "times": 3}})", R"("ab1ab1ab1" "ab2ab2ab2")"},
        {R"({"$text": "{index} of {{x}}: {number}"})", R"("1 of {x}: 1" "2 of {x}: 2")"},
        {R"({"$literal": {"$text": 5}})", R"({"$text":5} {"$text":5})"},
        {R"({"$set": ["b", "a", "b"]})", R"(["b","a"] ["b","a"])"},
        {R"({"$maybe": {"percent": 0, "value": 1}})", ""},
        {R"({"$maybe": {"percent": 100, "value": 1}})", "1 1"},
    };
    for (const auto& [generator, json] : expected) EXPECT_EQ(json_of(generator), json) << generator;
}

TEST(SeedFile, ValuesHaveTheirKinds) {
    using Kind = Value::Kind;
    const std::vector<std::pair<std::string, Kind>> kinds = {
        {"null", Kind::kNull},
        {"true", Kind::kBool},
        {"1", Kind::kNumber},
        {"\"x\"", Kind::kString},
        {"[1]", Kind::kList},
        {"{\"a\":1}", Kind::kMap},
        {R"({"$binary": "AA=="})", Kind::kBinary},
        {R"({"$set": ["a"]})", Kind::kStringSet},
        {R"({"$set": [1, 2]})", Kind::kNumberSet},
        {R"({"$set": [{"$bytes": [1, 1]}]})", Kind::kBinarySet},
        {R"({"$set": {"$some": {"of": ["a", "b"], "count": [1, 2]}}})", Kind::kStringSet},
        {R"({"$get": "number"})", Kind::kNumber},
    };
    for (const auto& [generator, kind] : kinds) {
        const auto values = values_of(generator);
        ASSERT_EQ(values.size(), 1U) << generator;
        EXPECT_EQ(values.front().kind, kind) << generator;
    }
}

TEST(SeedFile, WeightsAreKept) {
    std::map<std::string, int> seen;
    for (const Value& value : values_of(R"({"$weighted": {"rare": 1, "usual": 9}})", 20'000))
        ++seen[value.text];
    // Five standard deviations: sqrt(20000 * 0.1 * 0.9) = 42.4.
    EXPECT_NEAR(seen["rare"], 2'000, 212);
    EXPECT_EQ(seen["rare"] + seen["usual"], 20'000);
    const auto some = values_of(R"({"$maybe": {"percent": 30, "value": 1}})", 20'000);
    EXPECT_NEAR(static_cast<double>(some.size()), 6'000, 325);
}

TEST(SeedFile, SomeTakesEachElementAsOften) {
    std::map<std::string, int> seen;
    for (const Value& value :
         values_of(R"({"$some": {"of": ["a", "b", "c", "d"], "count": [2, 2]}})", 10'000)) {
        ASSERT_EQ(value.items.size(), 2U);
        EXPECT_NE(value.items[0].text, value.items[1].text);
        for (const Value& item : value.items) ++seen[item.text];
    }
    for (const auto& [item, times] : seen) EXPECT_NEAR(times, 5'000, 250) << item;
}

TEST(SeedFile, EvenTimesFillThePeriodWithoutMeeting) {
    std::set<std::string> times;
    std::map<std::string, int> months;
    for (const Value& value :
         values_of(R"({"$time": {"from": "now-365d", "to": "now", "spread": "even"}})", 1'200)) {
        times.insert(value.text);
        ++months[value.text.substr(0, 7)];
    }
    EXPECT_EQ(times.size(), 1'200U);
    EXPECT_EQ(months.size(), 13U);  // From the middle of one June to that of the next.
    for (const auto& [month, count] : months) EXPECT_LE(count, 103) << month;
    EXPECT_GE(*times.begin(), "2024-06-30T12:00:00Z");
    EXPECT_LE(*times.rbegin(), "2025-06-30T12:00:00Z");
}

const std::string kShop = R"json({
  "parameters": {"users": {"default": 2, "minimum": 1, "maximum": 9}, "orders": 2},
  "values": {"place": {"city": {"$choice": ["Oslo", "Lima"]}, "zone": 7}},
  "profiles": {"people": {"ada": {"likes": "sums"}, "bob": {"likes": {"$text": "no. {index}"}}}},
  "demo": [
    {"table": "users", "count": "users", "profiles": "people",
     "item": {"id": {"$get": "profile"}, "likes": {"$get": "profile.likes"}, "place": {"$get": "values.place"}}},
    {"table": "orders", "for_each": "users", "count": "orders",
     "item": {"id": {"$sequence": {"from": 1}}, "user": {"$get": "parent.id"}, "city": {"$get": "parent.place.city"},
              "why": {"$text": "{user} likes {profile.likes} ({index} of {parameters.orders}, {number})"
}
}
},
    {"table": "likes", "count": 2,
     "item": {"user": {"$ref": {"to": "orders.user", "row": "a"}}, "order": {"$ref": {"to": "orders.id", "row": "a"}}}}
  ]
})json";

TEST(SeedFile, RowsReferToEachOther) {
    const Made made = make(kShop);
    EXPECT_EQ(made.fault, "");
    ASSERT_EQ(made.rows.size(), 8U);
    EXPECT_TRUE(made.rows[0].starts_with(R"(users {"id":"ada","likes":"sums","place":{"city":")"))
        << made.rows[0];
    EXPECT_TRUE(made.rows[1].starts_with(R"(users {"id":"bob","likes":"no. 2","place":)")) << made.rows[1];
    EXPECT_TRUE(made.rows[2].starts_with(R"(orders {"id":1,"user":"ada",)")) << made.rows[2];
    EXPECT_NE(made.rows[3].find(R"json("why":"ada likes sums (2 of 2, 2)")json"), std::string::npos)
        << made.rows[3];
    EXPECT_TRUE(made.rows[5].starts_with(R"(orders {"id":4,"user":"bob",)")) << made.rows[5];
    for (const size_t like : {6U, 7U}) {
        const bool right = made.rows[like] == R"(likes {"user":"ada","order":1})" ||
                           made.rows[like] == R"(likes {"user":"ada","order":2})" ||
                           made.rows[like] == R"(likes {"user":"bob","order":3})" ||
                           made.rows[like] == R"(likes {"user":"bob","order":4})";
        EXPECT_TRUE(right) << made.rows[like];
    }
}

TEST(SeedFile, MoreRowsLeaveTheFirstAsTheyAre) {
    MakingOptions more = fixed_options();
    more.parameters = {{"users", 5}};
    const Made few = make(kShop);
    const Made many = make(kShop, more);
    ASSERT_EQ(many.rows.size(), 17U);
    for (size_t i = 0; i < 2; ++i) EXPECT_EQ(many.rows[i], few.rows[i]);
    for (size_t i = 0; i < 4; ++i) EXPECT_EQ(many.rows[5 + i], few.rows[2 + i]);
    EXPECT_TRUE(many.rows[2].starts_with(R"(users {"id":"ada_2",)")) << many.rows[2];
}

TEST(SeedFile, SameSeedSameRows) {
    EXPECT_EQ(make(kShop).rows, make(kShop).rows);
    MakingOptions other = fixed_options();
    other.seed = 43;
    EXPECT_NE(make(kShop).rows, make(kShop, other).rows);
}

TEST(SeedFile, AnotherFieldChangesNoOther) {
    const std::string item = R"("item": {"a": {"$uuid": true}, )";
    const std::string head = R"({"demo": [{"table": "t", )";
    const Made one = make(head + item + R"("b": {"$integer": [1, 1000]}}}]})");
    const Made two = make(head + item + R"("x": {"$uuid": true}, "b": {"$integer": [1, 1000]}}}]})");
    const auto of = [](const std::string& row, const std::string& name) {
        return row.substr(row.find("\"" + name + "\""), 8);
    };
    ASSERT_EQ(one.rows.size(), 1U);
    ASSERT_EQ(two.rows.size(), 1U);
    EXPECT_EQ(of(one.rows[0], "b"), of(two.rows[0], "b"));
    EXPECT_EQ(of(one.rows[0], "a"), of(two.rows[0], "a"));
}

TEST(SeedFile, ParametersKeepTheirRange) {
    MakingOptions options = fixed_options();
    options.parameters = {{"users", 10}};
    EXPECT_EQ(make(kShop, options).fault, "--users takes a number from 1 to 9, not 10");
    options.parameters = {{"user", 1}};
    EXPECT_EQ(make(kShop, options).fault, "the seed file seeds.json has no parameter user");
}

}  // namespace
}  // namespace godwit::seed
