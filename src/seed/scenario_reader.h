// Reads the rows that a seed file asks for: its blocks and scenarios.
#pragma once

#include "seed/generator_reader.h"
#include "seed/seed_file.h"

namespace godwit::seed {

class ScenarioReader {
public:
    // Both outlive it; parameters and profiles have been read.
    ScenarioReader(const GeneratorReader& reader, const SeedFile& file) : reader_(reader), file_(file) {}

    // An array of blocks.
    Result<Scenario> read(const JsonValue& blocks, std::string name) const;
    // An object {"description": …, "rows": […]}, or the array alone.
    Result<Scenario> read_test(const JsonValue& json, const std::string& name) const;

private:
    Result<Block> read_block(const JsonValue& json, const Scenario& scenario) const;
    Result<void> read_items(const JsonValue& json, Block& block) const;
    Result<void> read_name(const JsonValue& json, Block& block) const;
    Result<void> read_parent(const JsonValue& json, const Scenario& scenario, Block& block) const;
    Result<void> read_profiles(const JsonValue& json, Block& block) const;
    Result<Count> read_count(const JsonValue& json) const;

    const GeneratorReader& reader_;
    const SeedFile& file_;
};

}  // namespace godwit::seed
