#include "base/text.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

TEST(Nearest, CountsNeighboursThatChangedPlacesAsOneSlip) {
    EXPECT_EQ(nearest("statsu", {"stamp", "status"}), "status");
    EXPECT_EQ(nearest("pu", {"up", "new"}), "up");
    EXPECT_EQ(nearest("prdo", {"staging", "prod"}), "prod");
    EXPECT_EQ(nearest("STATSU", {"status"}), "status");
    // Other slips cost as before.
    EXPECT_EQ(nearest("statu", {"status"}), "status");
    EXPECT_EQ(nearest("sttus", {"status"}), "status");
    EXPECT_EQ(nearest("wp", {"pu"}), std::nullopt);
    EXPECT_EQ(nearest("xyz", {"status"}), std::nullopt);
    EXPECT_EQ(nearest("", {"up"}), std::nullopt);
}

TEST(Durations, AreReadWithinWhatServersAndClocksTake) {
    EXPECT_EQ(parse_duration_ms("5s", 1), 5'000);
    EXPECT_EQ(parse_duration_ms("250", 1), 250);
    EXPECT_EQ(parse_duration_ms("2", 60'000), 120'000);
    EXPECT_EQ(parse_duration_ms("2147483647ms", 1), 2'147'483'647);
    EXPECT_EQ(parse_duration_ms("2147483648ms", 1), std::nullopt);
    EXPECT_EQ(parse_duration_ms("99999999999999s", 1), std::nullopt);
    EXPECT_EQ(parse_duration_ms("-5s", 1), std::nullopt);
}

}  // namespace
}  // namespace godwit
