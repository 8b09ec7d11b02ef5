// Makes the rows of a seed file one after the other, in flat memory.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "seed/seed_file.h"
#include "target/seed_store.h"

namespace godwit::seed {

struct MakingOptions {
    uint64_t seed = 0;
    Instant now = 0;
    NamedValues parameters;  // Those that differ from their defaults.
    // One row of each item and of each profile, and at least one of everything.
    bool sample = false;
};

// The same file, options and scenarios give the same rows, on every machine.
class RowSource {
public:
    // File and scenarios outlive it. kInvalidInput for a parameter that the file
    // does not have or that is out of its range, and for more than 10^12 rows.
    static Result<RowSource> make(const SeedFile& file, std::vector<const Scenario*> scenarios,
                                  const MakingOptions& options);

    // False at the end. kInvalidInput with the place in the file for what cannot be made.
    Result<bool> next(SeedRow& row);
    // How many there are; those of no table do not count.
    int64_t total() const { return total_; }
    void restart();

private:
    RowSource() = default;
    Result<void> enter(const SeedFile& file, const Scenario& scenario, const MakingOptions& options,
                       NamedValues& parameters);

    struct Part {
        const Scenario* scenario = nullptr;
        std::unique_ptr<Making> making;
    };
    std::unique_ptr<NamedValues> parameters_;
    std::vector<Part> parts_;
    int64_t total_ = 0;
    size_t part_ = 0;
    size_t block_ = 0;
    int64_t number_ = 0;
    bool sample_ = false;
};

}  // namespace godwit::seed
