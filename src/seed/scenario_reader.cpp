#include "seed/scenario_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace godwit::seed {
namespace {

using Kind = JsonValue::Kind;

constexpr int64_t kMostRows = 1'000'000'000'000;

std::string did_you_mean(const std::string& name, const std::vector<std::string>& known, const char* none) {
    if (const auto close = nearest(name, known)) return "Did you mean " + *close + "?";
    return known.empty() ? none : "Known are " + join(known, ", ") + ".";
}

}  // namespace

Result<Scenario> ScenarioReader::read(const JsonValue& blocks, std::string name) const {
    CHECK(reader_.expect(blocks, Kind::kArray, name));
    Scenario scenario;
    scenario.name = std::move(name);
    scenario.where = reader_.place(blocks);
    for (const JsonValue& json : blocks.items) scenario.blocks.push_back(TRY(read_block(json, scenario)));
    return scenario;
}

Result<Scenario> ScenarioReader::read_test(const JsonValue& json, const std::string& name) const {
    if (json.kind == Kind::kArray) return read(json, name);
    CHECK(reader_.check_members(json, "a scenario", {"description", "rows"}));
    const JsonValue* rows = member_of(json, "rows");
    if (rows == nullptr) return reader_.refuse(json, "a scenario needs \"rows\"");
    Scenario scenario = TRY(read(*rows, name));
    if (const JsonValue* text = member_of(json, "description"))
        scenario.description = TRY(reader_.text_of(*text, "\"description\""));
    return scenario;
}

Result<Block> ScenarioReader::read_block(const JsonValue& json, const Scenario& scenario) const {
    CHECK(reader_.check_members(json, "a block of rows",
                                {"table", "name", "for_each", "count", "profiles", "item", "items"}));
    Block block;
    block.where = reader_.place(json);
    CHECK(read_name(json, block));
    const bool twice = std::any_of(scenario.blocks.begin(), scenario.blocks.end(),
                                   [&](const Block& each) { return each.name == block.name; });
    if (twice)
        return reader_.refuse(json, fmt::format("two blocks are called {}", printable(block.name)),
                              "Give one of them another \"name\".");
    CHECK(read_items(json, block));
    CHECK(read_parent(json, scenario, block));
    CHECK(read_profiles(json, block));
    if (const JsonValue* count = member_of(json, "count")) {
        if (block.items.size() > 1 || member_of(json, "items") != nullptr) {
            return reader_.refuse(*count, "\"items\" and \"count\" exclude each other",
                                  "Items that are listed are made once each.");
        }
        block.count = TRY(read_count(*count));
    } else {
        block.count.number = static_cast<int64_t>(block.items.size());
    }
    block.salt = derive(derive(0, scenario.name), block.name);
    return block;
}

Result<void> ScenarioReader::read_name(const JsonValue& json, Block& block) const {
    const JsonValue* table = member_of(json, "table");
    const JsonValue* name = member_of(json, "name");
    if (table != nullptr) block.table = TRY(reader_.text_of(*table, "\"table\""));
    block.name = name == nullptr ? block.table : TRY(reader_.text_of(*name, "\"name\""));
    if (table != nullptr && block.table.empty()) return reader_.refuse(*table, "a table without a name");
    if (block.name.empty())
        return reader_.refuse(
            json, "a block of rows needs \"table\", or a \"name\" where nothing is to be written");
    if (block.name.find('.') == std::string::npos || name == nullptr) return {};
    return reader_.refuse(*name, "a name with a dot in it", "$ref parts the names of rows and fields by it.");
}

Result<void> ScenarioReader::read_items(const JsonValue& json, Block& block) const {
    const JsonValue* item = member_of(json, "item");
    const JsonValue* items = member_of(json, "items");
    if ((item == nullptr) == (items == nullptr))
        return reader_.refuse(json, "a block of rows needs either \"item\" or \"items\"");
    std::vector<const JsonValue*> all;
    if (item != nullptr) {
        all.push_back(item);
    } else {
        CHECK(reader_.expect(*items, Kind::kArray, "\"items\""));
        for (const JsonValue& each : items->items) all.push_back(&each);
        if (all.empty()) return reader_.refuse(*items, "\"items\" holds none");
    }
    for (const JsonValue* each : all) {
        block.items.push_back(TRY(reader_.read_fields(*each, "an item")));
        if (each->members.empty()) return reader_.refuse(*each, "an item without fields");
        block.item_places.push_back(reader_.place(*each));
    }
    return {};
}

Result<void> ScenarioReader::read_parent(const JsonValue& json, const Scenario& scenario,
                                         Block& block) const {
    const JsonValue* parent = member_of(json, "for_each");
    if (parent == nullptr) return {};
    const std::string name = TRY(reader_.text_of(*parent, "\"for_each\""));
    std::vector<std::string> known;
    for (size_t i = 0; i < scenario.blocks.size(); ++i) {
        if (scenario.blocks[i].name == name) block.parent = i;
        known.push_back(scenario.blocks[i].name);
    }
    if (block.parent) return {};
    return reader_.refuse(*parent, fmt::format("no rows before this are called {}", printable(name)),
                          did_you_mean(name, known, "Write the parent's block first."));
}

Result<void> ScenarioReader::read_profiles(const JsonValue& json, Block& block) const {
    const JsonValue* profiles = member_of(json, "profiles");
    if (profiles == nullptr) return {};
    const std::string name = TRY(reader_.text_of(*profiles, "\"profiles\""));
    std::vector<std::string> known;
    for (const auto& set : file_.profile_sets) {
        if (set->name == name) block.profiles = set.get();
        known.push_back(set->name);
    }
    if (block.profiles != nullptr) return {};
    return reader_.refuse(*profiles, fmt::format("the file has no profiles {}", printable(name)),
                          did_you_mean(name, known, "Add them under \"profiles\"."));
}

Result<Count> ScenarioReader::read_count(const JsonValue& json) const {
    if (json.kind == Kind::kNumber)
        return Count{TRY(reader_.whole_number(json, "\"count\"", 0, kMostRows)), ""};
    if (json.kind != Kind::kString)
        return reader_.refuse(json, "\"count\" takes a number or a parameter's name");
    if (file_.parameter(json.text) != nullptr) return Count{0, json.text};
    std::vector<std::string> known;
    for (const Parameter& parameter : file_.parameters) known.push_back(parameter.name);
    return reader_.refuse(json, fmt::format("there is no parameter {}", printable(json.text)),
                          did_you_mean(json.text, known, "Declare it under \"parameters\"."));
}

}  // namespace godwit::seed
