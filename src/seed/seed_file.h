// What a seed file declares: parameters, where it may be used, and the rows to make.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "seed/generator.h"

namespace godwit::seed {

// A number that the command line may set: --num-users 25.
struct Parameter {
    std::string name;
    int64_t usual = 0;
    int64_t least = 0;
    int64_t most = 0;
    std::string help;
};

// Of the machine's clock, to the second.
Instant current_instant();

// What a file's rows are for.
enum class Purpose : uint8_t { kDemo, kTest };
std::string_view to_string(Purpose purpose);  // "demo", "test".

struct SeedFile {
    std::string shown;
    std::optional<uint64_t> seed;  // Nothing: another one each time.
    std::optional<Instant> now;    // Nothing: when the rows are made.
    std::vector<Parameter> parameters;
    // The environments where the data may go; nothing: every one that is not protected.
    std::optional<std::vector<std::string>> demo_environments;
    std::optional<std::vector<std::string>> test_environments;
    Fields values;
    std::vector<std::unique_ptr<ProfileSet>> profile_sets;
    Scenario demo;                // Without blocks where the file has none.
    std::vector<Scenario> tests;  // In the order of the file.

    const Parameter* parameter(std::string_view name) const;
    const std::optional<std::vector<std::string>>& environments(Purpose purpose) const {
        return purpose == Purpose::kDemo ? demo_environments : test_environments;
    }
};

// kInvalidInput with file, line and column for whatever is not as docs/seeding.md
// describes it. `shown` is the file's name.
Result<SeedFile> parse_seed_file(std::string_view text, const std::string& shown);
// The same of the file at `path`.
Result<SeedFile> read_seed_file(const std::string& path);

}  // namespace godwit::seed
