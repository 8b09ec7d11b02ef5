// Exact decimal numbers of up to 38 digits, the most that any target keeps.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "seed/random.h"

namespace godwit::seed {

// digits × 10^-places.
struct Decimal {
    Wide digits = 0;
    int places = 0;
};

// "-12.50" has 4 digits and 2 places. Nothing for what has an exponent, more
// than 38 digits, or is no number of JSON.
std::optional<Decimal> parse_decimal(std::string_view text);

// With more places, where they fit 38 digits.
std::optional<Decimal> with_places(const Decimal& number, int places);

// With exactly its places: "0.50".
std::string to_text(const Decimal& number);

}  // namespace godwit::seed
