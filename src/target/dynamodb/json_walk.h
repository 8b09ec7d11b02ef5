// Walks over JSON that has been checked before, as fast as memory allows; other
// text gives wrong parts, but nothing outside of it is read.
#pragma once

#include <string_view>

namespace godwit::dynamodb {

class JsonWalk {
public:
    explicit JsonWalk(std::string_view json) : json_(json) {}

    // The next of: a string with its quotes, a bracket, a number or word; empty at
    // the end. Commas and colons are passed over.
    std::string_view token();
    // The next value, whole.
    std::string_view value();
    // The next character that counts, which is not taken; 0 at the end.
    char peek();

private:
    void skip_string();

    std::string_view json_;
    size_t at_ = 0;
};

// The token of `json` that ends at `end`, or the first one after.
std::string_view token_ending_at(std::string_view json, size_t end);

}  // namespace godwit::dynamodb
