// What seeding builds on: random numbers, decimals, times. The expected numbers
// are fixed: another result on any machine would give other rows.
#include <gtest/gtest.h>

#include <map>

#include "seed/decimal.h"
#include "seed/instant.h"
#include "seed/random.h"

namespace godwit::seed {
namespace {

// From the reference implementation of SplitMix64 with the seed 1234567.
TEST(SeedRandom, IsSplitMix64) {
    Random random(1234567);
    EXPECT_EQ(random.next(), 6457827717110365317U);
    EXPECT_EQ(random.next(), 3203168211198807973U);
    EXPECT_EQ(random.next(), 9817491932198370423U);
}

TEST(SeedRandom, StreamsAreFixed) {
    EXPECT_EQ(derive(0, 0U), derive(0, 0U));
    EXPECT_EQ(derive(42, "userId"), 12239602811228159333U);
    EXPECT_EQ(derive(42, 7U), 13875126181243297763U);
    EXPECT_NE(derive(42, "userId"), derive(43, "userId"));
    EXPECT_NE(derive(42, "userId"), derive(42, "userid"));
}

TEST(SeedRandom, EachResultIsAsLikely) {
    Random random(1);
    std::map<uint64_t, int> seen;
    constexpr int kDraws = 70'000;
    for (int i = 0; i < kDraws; ++i) ++seen[random.below(7)];
    ASSERT_EQ(seen.size(), 7U);
    // Five standard deviations (sqrt(n p q) = 92.6) around a seventh.
    for (const auto& [result, times] : seen) EXPECT_NEAR(times, kDraws / 7, 463) << result;
}

TEST(SeedRandom, LimitsAreReachedAndKept) {
    Random random(2);
    std::map<int64_t, int> seen;
    for (int i = 0; i < 1'000; ++i) ++seen[static_cast<int64_t>(random.between(-2, 2))];
    EXPECT_EQ(seen.size(), 5U);
    EXPECT_EQ(seen.begin()->first, -2);
    EXPECT_EQ(seen.rbegin()->first, 2);
    EXPECT_TRUE(random.between(9, 9) == 9);
    const Wide most = parse_decimal("99999999999999999999999999999999999999")->digits;
    bool above_half = false;
    for (int i = 0; i < 200; ++i) {
        const Wide drawn = random.between(-most, most);
        EXPECT_TRUE(drawn >= -most && drawn <= most);
        above_half = above_half || drawn > most / 2;
    }
    EXPECT_TRUE(above_half);
    EXPECT_TRUE(random.between(INT64_MIN, INT64_MAX) <= INT64_MAX);
}

TEST(SeedDecimal, KeepsEveryDigit) {
    for (const char* text : {"0", "0.50", "-12.5", "99999999999999999999999999999999999999",
                             "-0.0000000000000000000000000000000000001", "1234567890.0987654321", "0.00"}) {
        const auto number = parse_decimal(text);
        ASSERT_TRUE(number.has_value()) << text;
        EXPECT_EQ(to_text(*number), text);
    }
    for (const char* text :
         {"", "-", "1e5", ".5", "5.", "1.2.3", "999999999999999999999999999999999999999", "x"}) {
        EXPECT_FALSE(parse_decimal(text).has_value()) << text;
    }
    EXPECT_EQ(to_text(*with_places({5, 0}, 2)), "5.00");
    EXPECT_FALSE(with_places(*parse_decimal("99999999999999999999999999999999999999"), 1).has_value());
}

TEST(SeedInstant, ReadsIsoTimes) {
    const std::map<std::string, Instant> times = {
        {"1970-01-01", 0},
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00.25Z", 250},
        {"1970-01-01T02:00:00+02:00", 0},
        {"1969-12-31T23:59:59Z", -1'000},
        {"2024-02-29 12:30", 1'709'209'800'000},
        {"9999-12-31T23:59:59.999Z", 253'402'300'799'999},
    };
    for (const auto& [text, instant] : times) {
        ASSERT_TRUE(parse_instant(text).has_value()) << text;
        EXPECT_EQ(*parse_instant(text), instant) << text;
    }
    for (const char* text :
         {"", "2025", "2025-02-29", "2025-13-01", "2025-01-01T24:00:00Z", "2025-01-01T00:00:00.Z",
          "2025-01-01T00:00:00ZZ", "2025-1-1", "0000-01-01", "2025-01-01T00:00:00+15:00"}) {
        EXPECT_FALSE(parse_instant(text).has_value()) << text;
    }
}

TEST(SeedInstant, WritesIsoTimes) {
    EXPECT_EQ(to_iso(-1, true), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(to_iso(-1, false), "1969-12-31T23:59:59Z");
    EXPECT_EQ(to_iso(1'709'209'800'123, true), "2024-02-29T12:30:00.123Z");
    EXPECT_EQ(to_iso(253'402'300'799'999, false), "9999-12-31T23:59:59Z");
}

TEST(SeedInstant, ReadsSpans) {
    EXPECT_EQ(parse_span("90d"), 90 * 86'400'000LL);
    EXPECT_EQ(parse_span("1d12h"), 129'600'000);
    EXPECT_EQ(parse_span("250ms"), 250);
    EXPECT_EQ(parse_span("2m5s"), 125'000);
    EXPECT_EQ(parse_span("1y"), 365 * 86'400'000LL);
    for (const char* text : {"", "d", "5", "5x", "-5d", "99999999999999999999d", "10100y"}) {
        EXPECT_FALSE(parse_span(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace godwit::seed
