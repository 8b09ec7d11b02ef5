// Points in time and spans of it, as seed files write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::seed {

// Milliseconds since 1970-01-01T00:00:00Z, in the years 0001 to 9999.
using Instant = int64_t;

bool is_within_calendar(Instant instant);

// ISO 8601: "2025-01-31", "2025-01-31T12:00:00Z", with a fraction of up to three
// digits, with "+02:00". Without a zone it is UTC. Nothing for what is none, such
// as the 30th of February.
std::optional<Instant> parse_instant(std::string_view text);

// "2025-01-31T12:00:00Z", with milliseconds only when `fraction`.
std::string to_iso(Instant instant, bool fraction);

// "90d", "1h", "30m", "5s", "250ms", "2w", "1y" (365 days), several one after
// another ("1d12h"). In milliseconds, not negative, at most 10,000 years.
std::optional<int64_t> parse_span(std::string_view text);

}  // namespace godwit::seed
