// Random numbers that are the same on every machine: SplitMix64 (Steele, Lea,
// Flood 2014), with the bounded draw of Lemire (2019). Nothing of <random>,
// whose distributions differ between libraries.
#pragma once

#include <cstdint>
#include <string_view>

namespace godwit::seed {

// Holds 38 decimal digits with their sign.
__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

// Names a stream of random numbers. Streams are derived, not drawn: that of a
// field depends on the seed, the row and the field's name alone, so that another
// field more or less in the file leaves it as it is.
using Stream = uint64_t;

// The stream of a part: its name, or its number.
Stream derive(Stream from, uint64_t number);
Stream derive(Stream from, std::string_view name);

class Random {
public:
    explicit Random(Stream stream) : state_(stream) {}

    uint64_t next();
    // 0 … bound - 1, each as likely; `bound` is at least 1.
    uint64_t below(uint64_t bound);
    // least … most, each as likely; they lie within 38 digits.
    Wide between(Wide least, Wide most);

private:
    uint64_t state_;
};

}  // namespace godwit::seed
