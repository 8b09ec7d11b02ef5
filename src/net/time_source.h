// Time and chance as the network code sees them, so that a test can decide both.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::net {

class TimeSource {
public:
    virtual ~TimeSource() = default;
    virtual int64_t wall_ms() const = 0;    // Since 1970-01-01 UTC; may jump.
    virtual int64_t steady_ms() const = 0;  // Never goes back.
    // Nothing to do for `ms`: sleeps for as long or less.
    virtual void idle(int64_t ms) = 0;
};

class RandomSource {
public:
    virtual ~RandomSource() = default;
    virtual double fraction() = 0;  // In [0, 1).
};

// The machine's own; safe to use from several threads.
TimeSource& system_time();
RandomSource& system_random();

// ISO 8601 as AWS writes it: "2026-01-31T10:20:30Z", with or without a fraction
// or an offset; milliseconds since 1970-01-01 UTC, or nothing.
std::optional<int64_t> parse_iso_time_ms(std::string_view text);
// "20260131T102030Z": the form that signatures use.
std::string basic_iso_time(int64_t wall_ms);

}  // namespace godwit::net
