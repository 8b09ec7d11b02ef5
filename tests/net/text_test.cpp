#include <gtest/gtest.h>

#include "net/json_text.h"
#include "net/xml_text.h"

namespace godwit::net {
namespace {

TEST(JsonText, CutsMembersOutAsTheyStand) {
    const std::string json =
        " { \"a\" : \"x\\\"}\" ,\"n\":1.10e2,\"o\":{\"k\":[1, {\"]\":\"}\"}]} , \"t\":true,\"\\u0041\":null "
        ", \"e\":[]}\n";
    const auto members = json_members(json);
    ASSERT_TRUE(members);
    std::vector<std::pair<std::string, std::string>> seen;
    for (const JsonPart& part : *members) seen.emplace_back(part.name, part.raw);
    const std::vector<std::pair<std::string, std::string>> expected{
        {"a", "\"x\\\"}\""}, {"n", "1.10e2"}, {"o", "{\"k\":[1, {\"]\":\"}\"}]}"},
        {"t", "true"},       {"A", "null"},   {"e", "[]"}};
    EXPECT_EQ(seen, expected);
    EXPECT_EQ(json_text(*members, {"missing", "a"}), "x\"}");
    EXPECT_EQ(json_text(*members, {"n"}), "1.10e2");
    EXPECT_EQ(json_text(*members, {"o"}), std::nullopt);
    EXPECT_EQ(json_text(*members, {"A"}), std::nullopt);
    EXPECT_EQ(json_raw(*members, "nothing"), "");
}

TEST(JsonText, CutsElementsOut) {
    EXPECT_EQ(json_elements("[ 1,\"a,b\" , [2,3],{}]"),
              (std::vector<std::string_view>{"1", "\"a,b\"", "[2,3]", "{}"}));
    EXPECT_EQ(json_elements("[]"), std::vector<std::string_view>{});
}

TEST(JsonText, TakesOnlyJson) {
    for (const char* bad :
         {"", "{", "[]", "{\"a\":1,}", "{a:1}", "{\"a\":01}", "{}x", "\"x\"", "{\"a\":\"\xff\"}", "<xml/>"}) {
        EXPECT_FALSE(json_members(bad)) << bad;
    }
    for (const char* bad : {"", "{}", "[1", "[1,]"}) EXPECT_FALSE(json_elements(bad)) << bad;
}

TEST(XmlText, FindsWhatIsInside) {
    const std::string xml =
        "<?xml version=\"1.0\"?><A xmlns=\"x\"><CodeX>no</CodeX><Code> a &amp; b&#10;&#x1F600; &what; "
        "</Code><E/><K>1</K><K>2</K></A>";
    EXPECT_EQ(xml_text(xml, "Code"), "a & b\n\xf0\x9f\x98\x80 &what;");
    EXPECT_EQ(xml_text(xml, "E"), "");
    EXPECT_EQ(xml_text(xml, "Missing"), std::nullopt);
    EXPECT_EQ(xml_text("<Code>cut", "Code"), std::nullopt);
    EXPECT_EQ(xml_elements(xml, "K"), (std::vector<std::string_view>{"1", "2"}));
    EXPECT_EQ(xml_text("<c>&#xD800;&#1114112;&amp</c>", "c"), "&#xD800;&#1114112;&amp");
}

}  // namespace
}  // namespace godwit::net
