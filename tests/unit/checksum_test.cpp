#include "model/checksum.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

std::string checksum_of(std::initializer_list<std::string_view> pieces) {
    ChecksumBuilder builder;
    for (const std::string_view piece : pieces) builder.update(piece);
    return builder.finish();
}

TEST(Checksum, IsThatOfTheText) {
    // printf 'abc' | openssl dgst -sha256 -binary | base64
    EXPECT_EQ(checksum_of({"abc"}), "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

TEST(Checksum, DoesNotDependOnLineEndsByteOrderMarkOrPieces) {
    const std::string plain = checksum_of({"a\nb\n\nc\n"});
    EXPECT_EQ(checksum_of({"a\r\nb\r\n\r\nc\r\n"}), plain);
    EXPECT_EQ(checksum_of({"a\r", "\nb\r", "\n\r\n", "c\r\n"}), plain);
    EXPECT_EQ(checksum_of({"a\rb\r\rc\r"}), plain);
    EXPECT_EQ(checksum_of({"\xEF", "\xBB\xBF""a\nb\n\nc\n"}), plain);
    EXPECT_NE(checksum_of({"a\nb\nc\n"}), plain);
    EXPECT_NE(checksum_of({"a\nb\n\nc"}), plain);
}

TEST(Checksum, UnderstandsWhatOthersStored) {
    const std::string computed = checksum_of({"abc"});
    EXPECT_TRUE(checksum_matches("", computed));
    EXPECT_TRUE(checksum_matches(computed, computed));
    EXPECT_TRUE(checksum_matches("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", computed));
    EXPECT_FALSE(checksum_matches("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ae", computed));
    EXPECT_FALSE(checksum_matches("1234", computed));
}

}  // namespace
}  // namespace godwit
