#include "seed/making.h"

#include <fmt/format.h>

#include "base/text.h"

namespace godwit::seed {
namespace {

constexpr int64_t kMostRows = 1'000'000'000'000;

Result<NamedValues> settled(const SeedFile& file, const NamedValues& given) {
    NamedValues all;
    for (const Parameter& parameter : file.parameters) all.emplace_back(parameter.name, parameter.usual);
    for (const auto& [name, value] : given) {
        const Parameter* parameter = file.parameter(name);
        if (parameter == nullptr) {
            return fail(ErrorCode::kInvalidInput, fmt::format("the seed file {} has no parameter {}",
                                                              printable(file.shown), printable(name)));
        }
        if (value < parameter->least || value > parameter->most) {
            return fail(make_error(ErrorCode::kInvalidInput,
                                   fmt::format("--{} takes a number from {} to {}, not {}", name,
                                               parameter->least, parameter->most, value))
                            .with_remedy(fmt::format("The seed file {} says so.", printable(file.shown))));
        }
        for (auto& [known, number] : all) {
            if (known == name) number = value;
        }
    }
    return all;
}

// One of each item and profile, and two at least, so that an index is tried.
int64_t sample_count(const Block& block, int64_t count) {
    const auto items = static_cast<int64_t>(block.items.size());
    const auto profiles =
        block.profiles == nullptr ? 1 : static_cast<int64_t>(block.profiles->profiles.size());
    return items > 1 ? items : std::max<int64_t>({profiles, 1, std::min<int64_t>(count, 2)});
}

}  // namespace

Result<RowSource> RowSource::make(const SeedFile& file, std::vector<const Scenario*> scenarios,
                                  const MakingOptions& options) {
    RowSource source;
    source.sample_ = options.sample;
    source.parameters_ = std::make_unique<NamedValues>(TRY(settled(file, options.parameters)));
    for (const Scenario* scenario : scenarios)
        CHECK(source.enter(file, *scenario, options, *source.parameters_));
    return source;
}

Result<void> RowSource::enter(const SeedFile& file, const Scenario& scenario, const MakingOptions& options,
                              NamedValues& parameters) {
    Part part;
    part.scenario = &scenario;
    part.making = std::make_unique<Making>();
    Making& making = *part.making;
    making.values = &file.values;
    making.parameters = &parameters;
    making.blocks = &scenario.blocks;
    making.now = options.now;
    making.seed = options.seed;
    for (const Block& block : scenario.blocks) {
        int64_t count = block.count.number;
        for (const auto& [name, number] : parameters) {
            if (name == block.count.parameter) count = number;
        }
        if (options.sample) count = sample_count(block, count);
        const Wide total = Wide{count} * (block.parent ? making.totals[*block.parent] : 1);
        if (total > kMostRows || (!block.table.empty() && total + total_ > kMostRows)) {
            return fail(make_error(ErrorCode::kInvalidInput, fmt::format("{} would have more than {} rows",
                                                                         printable(block.name), kMostRows))
                            .at(block.where));
        }
        making.counts.push_back(count);
        making.totals.push_back(static_cast<int64_t>(total));
        if (!block.table.empty()) total_ += static_cast<int64_t>(total);
    }
    parts_.push_back(std::move(part));
    return {};
}

void RowSource::restart() {
    part_ = 0;
    block_ = 0;
    number_ = 0;
}

Result<bool> RowSource::next(SeedRow& row) {
    while (part_ < parts_.size()) {
        Making& making = *parts_[part_].making;
        if (block_ == making.blocks->size()) {
            ++part_;
            block_ = 0;
            continue;
        }
        const Block& block = (*making.blocks)[block_];
        // Rows of no table are made only when another asks for them, or to try them out.
        if (number_ == making.totals[block_] || (block.table.empty() && !sample_)) {
            ++block_;
            number_ = 0;
            continue;
        }
        const RowChain chain(making, block_, number_++);
        const Row& made = chain.row();
        const size_t item = block.items.size() == 1 ? 0 : static_cast<size_t>(made.index);
        row.table = block.table;
        row.where = &block.item_places[item];
        row.fields.clear();
        for (const Field& field : block.items[item]) {
            Value value;
            if (field.generator->make(made, derive(made.stream, field.name), value))
                row.fields.push_back({field.name, std::move(value)});
            if (making.fault) return fail(*making.fault);
        }
        return true;
    }
    return false;
}

}  // namespace godwit::seed
