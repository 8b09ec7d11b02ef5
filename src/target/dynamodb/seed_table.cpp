#include "target/dynamodb/seed_table.h"

#include <utility>

#include "target/dynamodb/attribute.h"
#include "target/dynamodb/table.h"

namespace godwit::dynamodb {

struct SeedTable::Keys {
    explicit Keys(std::vector<KeyAttribute> of_all) : all(std::move(of_all)), checker(all, ItemRole::kItem) {
        for (const KeyAttribute& key : all) {
            if (key.of_table) own.push_back(key);
        }
    }
    std::vector<KeyAttribute> all;  // Those of indexes, too.
    std::vector<KeyAttribute> own;
    ItemChecker checker;
};

SeedTable::SeedTable(std::string name, std::unique_ptr<Keys> keys)
    : name_(std::move(name)), keys_(std::move(keys)) {}
SeedTable::SeedTable(SeedTable&&) noexcept = default;
SeedTable& SeedTable::operator=(SeedTable&&) noexcept = default;
SeedTable::~SeedTable() = default;

Result<SeedTable> SeedTable::read(std::string name, std::string_view description) {
    const TableState state = TRY(read_description(description));
    return SeedTable(std::move(name), std::make_unique<Keys>(state.keys()));
}

std::optional<std::string> SeedTable::fault_of(std::string_view item) {
    const auto fault = keys_->checker.check(item);
    if (!fault) return std::nullopt;
    return fault->message;
}

std::string SeedTable::key(std::string_view item) const { return key_of(item, keys_->own); }

// FNV-1a, 64 bits.
uint64_t SeedTable::hash(std::string_view item) const {
    uint64_t hash = 0xCBF29CE484222325;
    for (const char c : key_identity(item, keys_->own))
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
    return hash;
}

std::vector<std::string> SeedTable::key_names() const {
    std::vector<std::string> names;
    for (const KeyAttribute& key : keys_->own) names.push_back(key.name);
    return names;
}

}  // namespace godwit::dynamodb
