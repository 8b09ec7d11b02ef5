// The low-level calls of OpenSSL: the EVP layer would initialise providers,
// which costs more than hashing a thousand migrations.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/sha256.h"


#include <openssl/sha.h>

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

}  // namespace godwit
