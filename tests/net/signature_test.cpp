// Signatures against examples that AWS publishes; tests/differential/aws_signatures.py
// goes through the whole published suite and compares with botocore.
#include "net/signature.h"

#include <gtest/gtest.h>

#include "base/sha256.h"
#include "base/text.h"
#include "net/percent.h"
#include "net/time_source.h"

namespace godwit::net {
namespace {

std::string signature_of(const HttpRequest& request) {
    const auto header = find_header(request.headers, "Authorization").value_or("");
    return std::string(header.substr(header.find("Signature=") + 10));
}

// Source: "Examples: Signature Calculations" in the S3 API Reference.
AwsKeys example_keys() {
    return {"AKIAIOSFODNN7EXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), Secret()};
}
SigningScope s3_scope() { return {"us-east-1", "s3", *parse_iso_time_ms("2013-05-24T00:00:00Z")}; }

TEST(Signature, MatchesTheExamplesOfS3) {
    struct Case {
        std::string method, url;
        HttpHeaders headers;
        std::string body, expected;
    };
    const std::string host = "https://examplebucket.s3.amazonaws.com";
    const Case cases[] = {
        {"GET",
         host + "/test.txt",
         {{"Range", "bytes=0-9"}},
         "",
         "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
        {"PUT",
         host + "/test%24file.text",
         {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
         "Welcome to Amazon S3.",
         "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
        {"GET",
         host + "/?lifecycle",
         {},
         "",
         "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
        {"GET",
         host + "/?max-keys=2&prefix=J",
         {},
         "",
         "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
    };
    Signer signer(example_keys());
    for (const Case& each : cases) {
        HttpRequest request;
        request.method = each.method;
        request.url = each.url;
        request.headers = each.headers;
        request.body = each.body;
        signer.sign(request, s3_scope(), SigningStyle::kS3);
        EXPECT_EQ(signature_of(request), each.expected) << each.url;
        // Signing again replaces what signing added.
        const size_t headers = request.headers.size();
        signer.sign(request, s3_scope(), SigningStyle::kS3);
        EXPECT_EQ(signature_of(request), each.expected) << each.url;
        EXPECT_EQ(request.headers.size(), headers);
    }
}

TEST(Signature, MatchesTheExampleOfASignedUrl) {
    HttpRequest request;
    request.url = "https://examplebucket.s3.amazonaws.com/test.txt";
    EXPECT_EQ(
        Signer(example_keys()).presign(request, s3_scope(), SigningStyle::kS3, 86400),
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
        "AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-"
        "Expires=86400"
        "&X-Amz-SignedHeaders=host&X-Amz-Signature="
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST(Signature, TreatsPathsByTheService) {
    struct Case {
        std::string path, by_default, by_s3;
    };
    const Case cases[] = {
        {"", "/", "/"},      {"/a/./b//../c", "/a/c", "/a/./b//../c"}, {"/a/b/..", "/a", "/a/b/.."},
        {"/..", "/", "/.."}, {"/a%20b/", "/a%2520b/", "/a%20b/"},      {"//", "/", "//"},
    };
    for (const Case& each : cases) {
        HttpRequest request;
        request.url = "http://host" + each.path;
        const auto path = [&](SigningStyle style) {
            return std::string(split(canonical_request(request, style, "hash"), '\n')[1]);
        };
        EXPECT_EQ(path(SigningStyle::kDefault), each.by_default) << each.path;
        EXPECT_EQ(path(SigningStyle::kS3), each.by_s3) << each.path;
    }
}

TEST(Signature, NamesTheHostAsItIsSent) {
    const std::pair<std::string, std::string> cases[] = {{"https://host:443/", "host"},
                                                         {"http://host:80/", "host"},
                                                         {"https://host:80/", "host:80"},
                                                         {"http://user:word@host:8000/x", "host:8000"},
                                                         {"http://[::1]:8000", "[::1]:8000"}};
    for (const auto& [url, host] : cases) {
        HttpRequest request;
        request.url = url;
        EXPECT_NE(canonical_request(request, SigningStyle::kDefault, "").find("\nhost:" + host + "\n"),
                  std::string::npos)
            << url;
    }
}

TEST(Signature, ChangesKeysWithTheScope) {
    Signer signer(example_keys());
    const auto sign = [&](std::string region, std::string service, const char* time) {
        HttpRequest request;
        request.url = "https://host/";
        signer.sign(request, {std::move(region), std::move(service), *parse_iso_time_ms(time)},
                    SigningStyle::kDefault);
        return signature_of(request);
    };
    const std::string first = sign("us-east-1", "dynamodb", "2026-01-01T00:00:00Z");
    EXPECT_NE(first, sign("us-east-2", "dynamodb", "2026-01-01T00:00:00Z"));
    EXPECT_NE(first, sign("us-east-1", "s3", "2026-01-01T00:00:00Z"));
    EXPECT_NE(first, sign("us-east-1", "dynamodb", "2026-01-02T00:00:00Z"));
    EXPECT_EQ(first, sign("us-east-1", "dynamodb", "2026-01-01T00:00:00Z"));
}

// RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
TEST(Hmac, MatchesItsStandard) {
    const auto hex = [](std::string_view key, std::string_view message) {
        const auto digest = hmac_sha256(key, message);
        return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
    };
    EXPECT_EQ(hex(std::string(20, '\x0b'), "Hi There"),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(hex("Jefe", "what do ya want for nothing?"),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Percent, KeepsOnlyWhatIsUnreserved) {
    EXPECT_EQ(percent_encode("a/b c~-._+\xc3\xa4\xff"), "a%2Fb%20c~-._%2B%C3%A4%FF");
    EXPECT_EQ(percent_encode("a/b", true), "a/b");
    EXPECT_EQ(percent_decode("%41%2f%zz%4"), "A/%zz%4");
}

TEST(Time, ReadsWhatAmazonWrites) {
    EXPECT_EQ(parse_iso_time_ms("1970-01-01T00:00:01Z"), 1000);
    EXPECT_EQ(parse_iso_time_ms("2024-02-29T12:00:00.123456Z"), 1'709'208'000'000);
    EXPECT_EQ(parse_iso_time_ms("1970-01-01T02:00:00+02:00"), 0);
    EXPECT_EQ(parse_iso_time_ms("1969-12-31T22:30:00-0130"), 0);
    EXPECT_EQ(parse_iso_time_ms("20130524T000000Z"), 1'369'353'600'000);
    for (const char* bad : {"", "2024", "2023-02-29T00:00:00Z", "2024-01-01T24:00:00Z",
                            "2024-01-01T00:00:00X", "2024-1-01T00:00:00Z"}) {
        EXPECT_FALSE(parse_iso_time_ms(bad)) << bad;
    }
    EXPECT_EQ(basic_iso_time(1'369'353'600'999), "20130524T000000Z");
}

}  // namespace
}  // namespace godwit::net
