#include "target/dynamodb/number.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace godwit::dynamodb {
namespace {

constexpr size_t kMostDigits = 38;
constexpr int64_t kHighest = 125, kLowest = -130;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Digits from `at` on, which moves behind them.
std::string_view take_digits(std::string_view text, size_t& at) {
    const size_t start = at;
    while (at < text.size() && is_digit(text[at])) at++;
    return text.substr(start, at - start);
}

bool take_sign(std::string_view text, size_t& at) {
    if (at >= text.size() || (text[at] != '-' && text[at] != '+')) return false;
    return text[at++] == '-';
}

// "e-12" at the end of a number; nothing when it is something else.
std::optional<int64_t> read_exponent(std::string_view text, size_t at) {
    if (at == text.size()) return 0;
    if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
    at++;
    const bool negative = take_sign(text, at);
    const std::string_view digits = take_digits(text, at);
    if (digits.empty() || at != text.size()) return std::nullopt;
    int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    // So large that it only matters that it is.
    if (error != std::errc() || value > 1'000'000'000) value = 1'000'000'000;
    return negative ? -value : value;
}

}  // namespace

std::string Number::canonical() const {
    if (digits.empty()) return "0";
    return fmt::format("{}{}e{}", negative ? "-" : "", digits, exponent);
}

size_t Number::size_bytes() const {
    if (digits.empty()) return 1;
    return (digits.size() + 1) / 2 + 1 + (negative ? 1 : 0);
}

std::optional<Number> read_number(std::string_view text) {
    Number number;
    size_t at = 0;
    number.negative = take_sign(text, at);
    number.digits = take_digits(text, at);
    size_t seen = number.digits.size();
    if (at < text.size() && text[at] == '.') {
        at++;
        const std::string_view fraction = take_digits(text, at);
        seen += fraction.size();
        number.digits += fraction;
        number.exponent = -static_cast<int64_t>(fraction.size());
    }
    const auto exponent = read_exponent(text, at);
    if (seen == 0 || !exponent) return std::nullopt;
    number.exponent += *exponent;
    number.digits.erase(0, std::min(number.digits.find_first_not_of('0'), number.digits.size()));
    const size_t last = number.digits.find_last_not_of('0');
    if (last != std::string::npos) {
        number.exponent += static_cast<int64_t>(number.digits.size() - last - 1);
        number.digits.resize(last + 1);
    }
    return number;
}

std::string why_unfit(const Number& number) {
    if (number.digits.empty()) return "";
    if (number.digits.size() > kMostDigits)
        return fmt::format("it has {} digits, and DynamoDB keeps {}", number.digits.size(), kMostDigits);
    const int64_t highest = number.exponent + static_cast<int64_t>(number.digits.size()) - 1;
    if (highest > kHighest) return "it is larger than 9.99…E+125";
    if (highest < kLowest) return "it is nearer to zero than 1E-130";
    return "";
}

}  // namespace godwit::dynamodb
