#include "format/json.h"

#include <fmt/format.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "document/json_fault.h"
#include "format/script_migration.h"

namespace godwit::format {
namespace {

constexpr size_t kDeepest = 100;
constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;

// Builds the tree. RapidJSON tells where a token ends (but for brackets, which it
// reports before it takes them), so a token starts at the first character after
// the one before that is neither blank, comma nor colon.
class TreeBuilder {
public:
    TreeBuilder(std::string_view text, const rapidjson::MemoryStream& stream)
        : text_(text), stream_(stream) {}

    bool Null() { return scalar(JsonValue::Kind::kNull, "null"); }
    bool Bool(bool value) { return scalar(JsonValue::Kind::kBool, value ? "true" : "false"); }
    // Never called: numbers arrive as text.
    bool Int(int) { return false; }
    bool Uint(unsigned) { return false; }
    bool Int64(int64_t) { return false; }
    bool Uint64(uint64_t) { return false; }
    bool Double(double) { return false; }
    bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
        return scalar(JsonValue::Kind::kNumber, {text, length});
    }
    bool String(const char* text, rapidjson::SizeType length, bool) {
        return scalar(JsonValue::Kind::kString, {text, length});
    }
    bool StartObject() { return open(JsonValue::Kind::kObject); }
    bool StartArray() { return open(JsonValue::Kind::kArray); }
    bool EndObject(rapidjson::SizeType) { return close(); }
    bool EndArray(rapidjson::SizeType) { return close(); }

    bool Key(const char* text, rapidjson::SizeType length, bool) {
        JsonMember member;
        member.key.assign(text, length);
        member.key_at = token_start();
        auto& members = open_.back().members;
        const bool repeated = std::any_of(members.begin(), members.end(),
                                          [&](const JsonMember& each) { return each.key == member.key; });
        if (repeated)
            return refuse_at(member.key_at,
                             fmt::format("member \"{}\" is given twice", printable(member.key)));
        members.push_back(std::move(member));
        return true;
    }

    JsonValue root;
    size_t fault_at = 0;
    std::string fault;  // Empty unless a call returned false.

private:
    size_t token_start() {
        const size_t start = std::min(text_.find_first_not_of(" \t\r\n,:", token_end_), text_.size());
        token_end_ = std::max(stream_.Tell(), start + 1);
        return start;
    }

    bool refuse_at(size_t at, std::string message) {
        fault_at = at;
        fault = std::move(message);
        return false;
    }

    bool scalar(JsonValue::Kind kind, std::string_view text) {
        JsonValue value;
        value.kind = kind;
        value.text = text;
        value.at = token_start();
        place(std::move(value));
        return true;
    }

    bool open(JsonValue::Kind kind) {
        JsonValue value;
        value.kind = kind;
        value.at = token_start();
        if (open_.size() == kDeepest)
            return refuse_at(value.at, fmt::format("more than {} levels of JSON", kDeepest));
        open_.push_back(std::move(value));
        return true;
    }

    bool close() {
        token_start();
        JsonValue value = std::move(open_.back());
        open_.pop_back();
        place(std::move(value));
        return true;
    }

    void place(JsonValue value) {
        if (open_.empty())
            root = std::move(value);
        else if (open_.back().kind == JsonValue::Kind::kArray)
            open_.back().items.push_back(std::move(value));
        else
            open_.back().members.back().value = std::move(value);
    }

    std::string_view text_;
    const rapidjson::MemoryStream& stream_;
    std::vector<JsonValue> open_;
    size_t token_end_ = 0;
};

}  // namespace

std::string_view name_of(JsonValue::Kind kind) {
    switch (kind) {
        case JsonValue::Kind::kNull:
            return "null";
        case JsonValue::Kind::kBool:
            return "a truth value";
        case JsonValue::Kind::kNumber:
            return "a number";
        case JsonValue::Kind::kString:
            return "a string";
        case JsonValue::Kind::kArray:
            return "an array";
        case JsonValue::Kind::kObject:
            return "an object";
    }
    return "a value";
}

Result<JsonValue> parse_json(std::string_view text, const std::string& shown) {
    rapidjson::MemoryStream stream(text.data(), text.size());
    TreeBuilder builder(text, stream);
    rapidjson::Reader reader;
    const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, builder);
    if (!result.IsError()) return std::move(builder.root);
    if (!builder.fault.empty()) {
        return refuse(place_in(shown, text, builder.fault_at), builder.fault, "Correct the JSON.");
    }
    return refuse(place_in(shown, text, std::min(result.Offset(), text.size())),
                  "not JSON: " + document::json_fault(result.Code()), "Correct the JSON.");
}

}  // namespace godwit::format
