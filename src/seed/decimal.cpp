#include "seed/decimal.h"

#include <algorithm>

namespace godwit::seed {
namespace {

constexpr int kMostDigits = 38;

Wide most_digits() {
    Wide most = 1;
    for (int i = 0; i < kMostDigits; ++i) most *= 10;
    return most - 1;
}

}  // namespace

std::optional<Decimal> parse_decimal(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    if (text.empty() || text.front() == '.' || text.back() == '.') return std::nullopt;
    Decimal number;
    bool behind_point = false;
    int digits = 0;
    for (const char c : text) {
        if (c == '.' && !behind_point) {
            behind_point = true;
            continue;
        }
        if (c < '0' || c > '9') return std::nullopt;
        if (digits > 0 || c != '0') ++digits;
        if (digits > kMostDigits || number.places >= kMostDigits) return std::nullopt;
        number.digits = number.digits * 10 + (c - '0');
        number.places += behind_point ? 1 : 0;
    }
    if (negative) number.digits = -number.digits;
    return number;
}

std::optional<Decimal> with_places(const Decimal& number, int places) {
    Decimal wider = number;
    for (; wider.places < places; ++wider.places) {
        const Wide limit = most_digits() / 10;
        if (wider.digits > limit || wider.digits < -limit) return std::nullopt;
        wider.digits *= 10;
    }
    return wider;
}

std::string to_text(const Decimal& number) {
    const bool negative = number.digits < 0;
    Wide left = negative ? -number.digits : number.digits;
    std::string reversed;
    for (int place = 0; left > 0 || place <= number.places; ++place) {
        if (place == number.places && place > 0) reversed.push_back('.');
        reversed.push_back(static_cast<char>('0' + static_cast<int>(left % 10)));
        left /= 10;
    }
    if (negative) reversed.push_back('-');
    std::reverse(reversed.begin(), reversed.end());
    return reversed;
}

}  // namespace godwit::seed
