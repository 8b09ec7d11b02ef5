// What is asked of seeding, and what came of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "seed/making.h"
#include "seed/seed_file.h"
#include "target/seed_store.h"

namespace godwit {

struct SeedRequest {
    seed::Purpose purpose = seed::Purpose::kDemo;
    std::vector<std::string> scenarios;  // Of test data; empty: all.
    seed::NamedValues parameters;        // --num-users 25
    std::optional<uint64_t> seed;        // Nothing: the file's, else a random one.
    std::optional<seed::Instant> now;  // Nothing: the file's, else that of the same seeding before, else now.
};

// What is to be seeded where; found without touching a database.
struct SeedPlan {
    struct Database {
        std::string name;
        std::shared_ptr<const seed::SeedFile> file;
        std::vector<const seed::Scenario*> scenarios;  // Of the file.
        seed::MakingOptions options;
        bool now_is_given = false;     // By the request or the file.
        std::optional<Error> refusal;  // Why the environment does not permit it.
    };
    seed::Purpose purpose = seed::Purpose::kDemo;
    std::vector<Database> databases;  // Those that have a seed file with such data.
};

struct SeedReport {
    struct Database {
        std::string name;
        std::string file;
        uint64_t seed = 0;
        std::string now;  // ISO 8601.
        SeedOutcome tables;
    };
    std::vector<Database> databases;
};

struct ClearReport {
    struct Database {
        std::string name;
        ClearOutcome tables;
    };
    std::vector<Database> databases;
};

}  // namespace godwit
