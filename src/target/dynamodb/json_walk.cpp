#include "target/dynamodb/json_walk.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace godwit::dynamodb {
namespace {

constexpr auto table_of(std::string_view characters) {
    std::array<bool, 256> table{};
    for (const char c : characters) table[static_cast<unsigned char>(c)] = true;
    return table;
}

constexpr auto kBetween = table_of(" \t\r\n,:"), kEndsWord = table_of(" \t\r\n,:]}{[\""),
               kBrackets = table_of("\"{}[]");

// The first character at or after `at` for which `table` says `is`.
size_t scan(std::string_view json, size_t at, const std::array<bool, 256>& table, bool is) {
    while (at < json.size() && table[static_cast<unsigned char>(json[at])] != is) at++;
    return at;
}

}  // namespace

char JsonWalk::peek() {
    at_ = scan(json_, at_, kBetween, false);
    return at_ < json_.size() ? json_[at_] : '\0';
}

void JsonWalk::skip_string() {
    at_++;
    while (at_ < json_.size()) {
        const void* quote = std::memchr(json_.data() + at_, '"', json_.size() - at_);
        const size_t end = quote == nullptr ? json_.size()
                                            : static_cast<size_t>(static_cast<const char*>(quote) - json_.data());
        size_t escapes = 0;
        while (end - escapes > at_ && json_[end - escapes - 1] == '\\') escapes++;
        at_ = std::min(end + 1, json_.size());
        if (escapes % 2 == 0) return;
    }
}

std::string_view JsonWalk::token() {
    const char first = peek();
    const size_t start = at_;
    if (first == '"') {
        skip_string();
    } else if (kBrackets[static_cast<unsigned char>(first)]) {
        at_++;
    } else if (at_ < json_.size()) {
        at_ = scan(json_, at_, kEndsWord, true);
    }
    return json_.substr(start, at_ - start);
}

std::string_view JsonWalk::value() {
    const char first = peek();
    if (first != '{' && first != '[') return token();
    const size_t start = at_;
    size_t depth = 0;
    do {
        at_ = scan(json_, at_, kBrackets, true);
        if (at_ >= json_.size()) break;
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
    return json_.substr(start, at_ - start);
}

std::string_view token_ending_at(std::string_view json, size_t end) {
    JsonWalk walk(json);
    std::string_view token = walk.token();
    while (!token.empty() && static_cast<size_t>(token.data() - json.data()) + token.size() < end)
        token = walk.token();
    return token.empty() ? json : token;
}

}  // namespace godwit::dynamodb
