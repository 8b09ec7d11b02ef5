// Arrays and operations of JSON, read one element at a time.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "document/element_reader.h"
#include "document/operation_reader.h"
#include "support/migration_dump.h"
#include "support/scratch_folder.h"

namespace godwit::document {
namespace {

class Pieces final : public ScriptSource {
public:
    Pieces(std::string text, size_t size) : text_(std::move(text)), size_(size) {}
    Result<size_t> read_into(char* buffer, size_t capacity) override {
        const size_t taken = text_.copy(buffer, std::min(size_, capacity), at_);
        at_ += taken;
        return taken;
    }

private:
    std::string text_;
    size_t size_;
    size_t at_ = 0;
};

// "TEXT@LINE:COLUMN [MEMBER:CUT TEXT@LINE:COLUMN]|…", or the error.
std::string elements_of(const std::string& text, size_t piece) {
    ElementReader reader(std::make_unique<Pieces>(text, piece), {"f", 1, 1, 0}, {"Items"});
    std::string out;
    while (true) {
        const Result<bool> more = reader.next();
        if (!more) return out + test::dump(more.error().where) + ": " + more.error().message;
        if (!*more) return out;
        out += fmt::format("{}@{}:{}", reader.text(), reader.where().line, reader.where().column);
        for (const Cut& cut : reader.cuts()) {
            const auto size = static_cast<size_t>(cut.end - cut.begin);
            out += fmt::format(" [{}:{}@{}:{}]", cut.member, text.substr(static_cast<size_t>(cut.begin), size), cut.line, cut.column);
        }
        out += "|";
    }
}

struct ElementCase {
    std::string text;
    std::string expected;
};

TEST(ElementReader, SplitsWhateverThePiecesAre) {
    const std::vector<ElementCase> cases = {
        {"", ""},
        {" \n ", ""},
        {"1", "1@1:1|"},
        {" 1 , 2.5e3,\"a,]\" ,true", "1@1:2|2.5e3@1:6|\"a,]\"@1:12|true@1:19|"},
        {R"({"a": [1, {"b": "}\""}]}, {})", R"({"a": [1, {"b": "}\""}]}@1:1|{}@1:27|)"},
        {"[1,[2]],\n{\"ä\": 1}, {}", "[1,[2]]@1:1|{\"ä\": 1}@2:1|{}@2:11|"},
        {R"("\\","\"")", R"("\\"@1:1|"\""@1:6|)"},
        {R"({"Items": [1, [2], "]"], "x": 1})", R"({"Items": [           ], "x": 1}@1:1 [Items:1, [2], "]"@1:12]|)"},
        {"{\"x\":1,\"Items\":[\n 1,\n 2],\"y\":2}", "{\"x\":1,\"Items\":[\n\n  ],\"y\":2}@1:1 [Items:\n 1,\n 2@1:17]|"},
        {R"({"Items": []})", R"({"Items": []}@1:1 [Items:@1:12]|)"},
        {R"({"Items": {"Items": [1]}})", R"({"Items": {"Items": [1]}}@1:1|)"},
        {R"({"a": {"Items": [1]}})", R"({"a": {"Items": [1]}}@1:1|)"},
        {R"({"a": "Items", "b": [1]})", R"({"a": "Items", "b": [1]}@1:1|)"},
        {R"([{"Items": [1]}])", R"([{"Items": [1]}]@1:1|)"},
        {"1 2", "1@1:1|f:1:3 @2: a comma is missing between two elements"},
        {"1,", "1@1:1|f:1:2 @1: a comma is followed by no element"},
        {"1,,2", "1@1:1|f:1:3 @2: an element is missing before ,"},
        {",", "f:1:1 @0: an element is missing before ,"},
        {"]", "f:1:1 @0: an element is missing before ]"},
        {" {\"a\": [1}", "f:1:2 @1: this element is not closed"},
        {"\"abc", "f:1:1 @0: a string of this element is not closed"},
    };
    for (const ElementCase& each : cases) {
        for (const size_t piece : {1U, 2U, 3U, 7U, 4096U}) {
            EXPECT_EQ(elements_of(each.text, piece), each.expected) << each.text << " in pieces of " << piece;
        }
    }
}

std::string steps_of(const Body& body) {
    const auto reader = read_operations(body);
    if (!reader) return test::dump(reader.error());
    std::string out;
    while (true) {
        const Result<const ReadStep*> step = (*reader)->next();
        if (!step) return out + test::dump(step.error());
        if (*step == nullptr) return out;
        out += fmt::format("{} at {}: {}", (*step)->step.verb, test::dump((*step)->step.where), (*step)->step.body);
        // Twice, as whoever checks all before writing any will.
        for (int turn = 0; (*step)->data && turn < 2; ++turn) {
            out += " data";
            for (auto item = (*step)->data(); item && !item->empty(); item = (*step)->data()) out += fmt::format(" <{}>", *item);
        }
        out += "\n";
    }
}

TEST(OperationReader, GivesDataOneElementAtATimeAndAgain) {
    const test::ScratchFolder folder;
    const std::string text = "xx{\"type\":\"a\"},\n {\"Items\":[{\"id\":1},\n  {\"id\":2}],\"type\":\"put_items\"}]}";
    folder.write("f.json", text);
    Script script;
    script.path = folder.file("f.json");
    script.file = "f.json";
    script.begin = 2;
    script.first_column = 3;
    script.end = static_cast<int64_t>(text.size()) - 2;
    struct stat status{};
    ASSERT_EQ(::stat(script.path.c_str(), &status), 0);
    script.file_size = status.st_size;
    script.file_mtime_ns = int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
    EXPECT_EQ(steps_of(script),
              "a at f.json:1:3 @2: {\"type\":\"a\"}\n"
              "put_items at f.json:2:2 @17: {\"Items\":[\n          ],\"type\":\"put_items\"}"
              " data <{\"id\":1}> <{\"id\":2}> data <{\"id\":1}> <{\"id\":2}>\n");
}

TEST(OperationReader, ReadsWhatTheRecordKept) {
    const SourceSpan where{"1.json", 1, 0, 0};
    const std::vector<Step> kept = {{"", R"({"type":"put_items","Items":[{"id":1}]})", where},
                                    {"", R"({"type":"delete_table","TableName":"t"})", where}};
    EXPECT_EQ(steps_of(kept),
              "put_items at 1.json:1 @0: {\"type\":\"put_items\",\"Items\":[        ]} data <{\"id\":1}> data <{\"id\":1}>\n"
              "delete_table at 1.json:1 @0: {\"type\":\"delete_table\",\"TableName\":\"t\"}\n");
}

}  // namespace
}  // namespace godwit::document
