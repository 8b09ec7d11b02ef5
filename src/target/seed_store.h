// Writes demo and test rows into a database so that exactly they can be taken
// out again: an ability that a target may have.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/source_span.h"
#include "model/value.h"

namespace godwit {

struct SeedRow {
    std::string table;
    ValueMembers fields;
    const SourceSpan* where = nullptr;  // Of the item in the seed file; outlives the seeding.
};

// One seeding, as it is remembered.
struct SeedRun {
    std::string id;       // 32 hexadecimal digits, unique.
    std::string purpose;  // "demo", "test".
    std::string seed;     // The random seed.
    std::string now;      // ISO 8601: what the times of the rows count from.
    std::string environment;
    std::string owner;  // "user@host pid 123".
};

struct SeedCounts {
    int64_t written = 0;
    int64_t present = 0;  // Seeded before, and still there: left as they are.
};
using SeedOutcome = std::map<std::string, SeedCounts>;  // By table.

struct ClearCounts {
    int64_t removed = 0;
    int64_t gone = 0;  // Removed by somebody else before.
};
using ClearOutcome = std::map<std::string, ClearCounts>;  // By table.

struct SeedHooks {
    // Fills the next row; false at the end.
    std::function<Result<bool>(SeedRow&)> next;
    // Rows done so far; may be empty.
    std::function<void(const std::string& table, int64_t done)> progress;
};

// Called under the runner's lock, with the record's tables in place.
class SeedStore {
public:
    virtual ~SeedStore() = default;

    // The newest run of this purpose and random seed, while any of its rows is
    // still known.
    virtual Result<std::optional<SeedRun>> find_run(const std::string& purpose, const std::string& seed) = 0;

    // Writes all rows. What is written is known as seeded before it is there, or
    // in one transaction with it, whatever happens. kConflict, naming the first, for
    // a row whose key another has written, and for a key that comes twice: that
    // row is left alone, and where the database has transactions, nothing is
    // written. kInvalidInput for a row that does not fit its table.
    virtual Result<SeedOutcome> seed(const SeedRun& run, const SeedHooks& hooks) = 0;

    // How many rows are known as seeded, by table.
    virtual Result<std::map<std::string, int64_t>> seeded() = 0;

    // Removes every row that is known as seeded, and nothing else. kConflict where
    // removing one would change a row that was not seeded.
    virtual Result<ClearOutcome> clear(const SeedHooks& hooks) = 0;
};

}  // namespace godwit
