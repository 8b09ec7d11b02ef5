// SHA-256 (FIPS 180-4) over a stream of bytes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace godwit {

class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;

    void update(std::string_view bytes);
    // Call once; the object is spent afterwards.
    std::array<uint8_t, 32> finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

std::array<uint8_t, 32> sha256(std::string_view bytes);
// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);
// HMAC (RFC 2104) over SHA-256.
std::array<uint8_t, 32> hmac_sha256(std::string_view key, std::string_view message);

}  // namespace godwit
