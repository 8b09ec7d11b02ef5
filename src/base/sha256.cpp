// The low-level calls of OpenSSL: the EVP layer would initialise providers,
// which costs more than hashing a thousand migrations.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/sha256.h"

#include <openssl/sha.h>

#include <algorithm>

#include "base/text.h"

namespace godwit {

struct Sha256::State {
    SHA256_CTX context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }
Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) { SHA256_Update(&state_->context, bytes.data(), bytes.size()); }

std::array<uint8_t, 32> Sha256::finish() {
    std::array<uint8_t, 32> digest{};
    SHA256_Final(digest.data(), &state_->context);
    return digest;
}

std::array<uint8_t, 32> sha256(std::string_view bytes) {
    Sha256 hash;
    hash.update(bytes);
    return hash.finish();
}

std::string sha256_hex(std::string_view bytes) {
    const auto digest = sha256(bytes);
    return to_hex(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::array<uint8_t, 32> hmac_sha256(std::string_view key, std::string_view message) {
    std::array<uint8_t, SHA256_CBLOCK> inner{}, outer{};
    if (key.size() > inner.size()) {
        const auto short_key = sha256(key);
        std::copy(short_key.begin(), short_key.end(), inner.begin());
    } else {
        std::copy(key.begin(), key.end(), inner.begin());
    }
    for (size_t i = 0; i < inner.size(); i++) {
        outer[i] = inner[i] ^ 0x5c;
        inner[i] ^= 0x36;
    }
    std::array<uint8_t, 32> digest{};
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, inner.data(), inner.size());
    SHA256_Update(&context, message.data(), message.size());
    SHA256_Final(digest.data(), &context);
    SHA256_Init(&context);
    SHA256_Update(&context, outer.data(), outer.size());
    SHA256_Update(&context, digest.data(), digest.size());
    SHA256_Final(digest.data(), &context);
    return digest;
}

}  // namespace godwit
