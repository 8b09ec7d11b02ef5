#include "net/json_text.h"

#include <rapidjson/document.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>

namespace godwit::net {
namespace {

constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag |
                            rapidjson::kParseValidateEncodingFlag;

bool is_valid(std::string_view json) {
    rapidjson::MemoryStream stream(json.data(), json.size());
    rapidjson::BaseReaderHandler<> ignore;
    rapidjson::Reader reader;
    return !reader.Parse<kFlags>(stream, ignore).IsError();
}

std::string decode_string(std::string_view raw) {
    rapidjson::Document document;
    document.Parse<kFlags>(raw.data(), raw.size());
    return document.IsString() ? std::string(document.GetString(), document.GetStringLength())
                               : std::string();
}

// Walks over text that is known to be JSON.
class Walker {
public:
    explicit Walker(std::string_view json) : json_(json) {}

    // The next character that is neither blank, comma nor colon; 0 at the end.
    char peek() {
        at_ = std::min(json_.find_first_not_of(" \t\r\n,:", at_), json_.size());
        return at_ < json_.size() ? json_[at_] : '\0';
    }
    void enter() { at_++; }

    std::string_view value() {
        const char first = peek();
        const size_t start = at_;
        if (first == '"') {
            skip_string();
        } else if (first == '{' || first == '[') {
            skip_brackets();
        } else {
            at_ = std::min(json_.find_first_of(" \t\r\n,:]}", at_), json_.size());
        }
        return json_.substr(start, at_ - start);
    }

private:
    void skip_string() {
        at_ = json_.find_first_of("\"\\", at_ + 1);
        while (json_[at_] == '\\') at_ = json_.find_first_of("\"\\", at_ + 2);
        at_++;
    }

    void skip_brackets() {
        size_t depth = 0;
        do {
            at_ = json_.find_first_of("\"{}[]", at_);
            const char c = json_[at_];
            if (c == '"') {
                skip_string();
                continue;
            }
            if (c == '{' || c == '[')
                depth++;
            else
                depth--;
            at_++;
        } while (depth > 0);
    }

    std::string_view json_;
    size_t at_ = 0;
};

}  // namespace

std::optional<std::string> JsonPart::text() const {
    if (raw.empty() || raw[0] == '{' || raw[0] == '[' || raw == "null") return std::nullopt;
    return raw[0] == '"' ? decode_string(raw) : std::string(raw);
}

std::optional<std::vector<JsonPart>> json_members(std::string_view json) {
    if (!is_valid(json)) return std::nullopt;
    Walker walker(json);
    if (walker.peek() != '{') return std::nullopt;
    walker.enter();
    std::vector<JsonPart> members;
    while (walker.peek() != '}') {
        JsonPart part;
        part.name = decode_string(walker.value());
        part.raw = walker.value();
        members.push_back(std::move(part));
    }
    return members;
}

std::optional<std::string> json_text(const std::vector<JsonPart>& members,
                                     std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        for (const JsonPart& part : members) {
            if (part.name != name) continue;
            if (auto text = part.text()) return text;
        }
    }
    return std::nullopt;
}

std::string_view json_raw(const std::vector<JsonPart>& members, std::string_view name) {
    for (const JsonPart& part : members) {
        if (part.name == name) return part.raw;
    }
    return {};
}

std::optional<std::vector<std::string_view>> json_elements(std::string_view json) {
    if (!is_valid(json)) return std::nullopt;
    Walker walker(json);
    if (walker.peek() != '[') return std::nullopt;
    walker.enter();
    std::vector<std::string_view> elements;
    while (walker.peek() != ']') elements.push_back(walker.value());
    return elements;
}

}  // namespace godwit::net
