// DynamoDB's numbers: up to 38 digits, which never pass through a double.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::dynamodb {

struct Number {
    bool negative = false;
    std::string digits;    // Significant ones, without zeros at either end; empty: zero.
    int64_t exponent = 0;  // Of the last digit: the value is digits · 10^exponent.

    // Equal for equal values: "1", "1.0" and "10e-1" are one key.
    std::string canonical() const;
    // What DynamoDB counts for it: a byte for two digits, one more, one for the sign.
    size_t size_bytes() const;
};

// Nothing when the text is no number. The service takes "5.", ".5", "+5" and "05" too.
std::optional<Number> read_number(std::string_view text);
// Why DynamoDB cannot store it; empty when it can. Source: "Data types" in the
// developer guide: 38 digits, 1E-130 to 9.9999999999999999999999999999999999999E+125.
std::string why_unfit(const Number& number);

}  // namespace godwit::dynamodb
