// The checksum of a migration: SHA-256 over its text with line ends and a
// byte-order mark normalised, written with the name of its algorithm in the
// form of W3C Subresource Integrity: "sha256-" and 44 characters of Base64.
// That is 51 characters, so it fits the 64 of schema_migrations.checksum.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace godwit {

// Feed the file in pieces of any size. CRLF and lone CR count as LF, a UTF-8
// byte-order mark at the start is left out, so a checkout with other line ends
// has the same checksum.
class ChecksumBuilder {
public:
    ChecksumBuilder();
    ~ChecksumBuilder();
    ChecksumBuilder(const ChecksumBuilder&) = delete;
    ChecksumBuilder& operator=(const ChecksumBuilder&) = delete;

    void update(std::string_view bytes);
    std::string finish();  // Call once.

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Whether `stored`, as found in a history, is the checksum `computed` by
// ChecksumBuilder. Bare hexadecimal SHA-256, which other tools write, is
// understood too. An empty `stored` says nothing and matches all.
bool checksum_matches(std::string_view stored, std::string_view computed);

}  // namespace godwit
