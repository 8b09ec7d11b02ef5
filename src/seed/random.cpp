#include "seed/random.h"

namespace godwit::seed {
namespace {

constexpr uint64_t kGoldenGamma = 0x9E3779B97F4A7C15;

// The output function of SplitMix64.
uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

}  // namespace

Stream derive(Stream from, uint64_t number) {
    return mix(mix(from + kGoldenGamma) ^ (number + 1) * kGoldenGamma);
}

// FNV-1a over the name.
Stream derive(Stream from, std::string_view name) {
    uint64_t hash = 0xCBF29CE484222325;
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
    return derive(from, hash);
}

uint64_t Random::next() {
    state_ += kGoldenGamma;
    return mix(state_);
}

uint64_t Random::below(uint64_t bound) {
    UnsignedWide product = static_cast<UnsignedWide>(next()) * bound;
    if (static_cast<uint64_t>(product) < bound) {
        // 2^64 modulo bound: what would make the first results likelier.
        const uint64_t surplus = (0 - bound) % bound;
        while (static_cast<uint64_t>(product) < surplus) product = static_cast<UnsignedWide>(next()) * bound;
    }
    return static_cast<uint64_t>(product >> 64);
}

Wide Random::between(Wide least, Wide most) {
    const UnsignedWide span = static_cast<UnsignedWide>(most) - static_cast<UnsignedWide>(least) + 1;
    if (span >> 64 == 0) return least + static_cast<Wide>(below(static_cast<uint64_t>(span)));
    // Too wide for one draw: the smallest power of two that holds it, again until it fits.
    UnsignedWide mask = span - 1;
    for (int shift = 1; shift < 128; shift *= 2) mask |= mask >> shift;
    UnsignedWide drawn = span;
    while (drawn >= span) drawn = (static_cast<UnsignedWide>(next()) << 64 | next()) & mask;
    return static_cast<Wide>(static_cast<UnsignedWide>(least) + drawn);
}

}  // namespace godwit::seed
