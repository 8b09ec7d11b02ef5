// The order of versions in linear schemes.
#pragma once

#include <string>
#include <string_view>

namespace godwit {

// Orders two versions of linear schemes: 7 < 0010, 1.2 < 1.10, timestamps by
// digits (20250101_120000 is 20250101120000), 1_2 is 1.2 as Flyway has it, and
// zeros at the end count for nothing (1 is 1.0). Semantic pre-releases come
// before their release (semver.org, item 11); build metadata does not count. A
// text that is not a number compares as text after all numbers. Negative, zero
// or positive.
int compare_versions(std::string_view a, std::string_view b);

// A key for sorting many versions: keys compare bytewise as their versions do.
std::string version_sort_key(std::string_view version);

}  // namespace godwit
