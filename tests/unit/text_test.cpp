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

}  // namespace
}  // namespace godwit
