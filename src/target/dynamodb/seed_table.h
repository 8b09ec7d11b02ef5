// A table as seeding sees it: whether an item fits it, and which key it has.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace godwit::dynamodb {

class SeedTable {
public:
    // `description` is DescribeTable's `Table`.
    static Result<SeedTable> read(std::string name, std::string_view description);
    SeedTable(SeedTable&&) noexcept;
    SeedTable& operator=(SeedTable&&) noexcept;
    ~SeedTable();

    const std::string& name() const { return name_; }  // The real one.
    // Why the service would refuse an item; nothing when it would not.
    std::optional<std::string> fault_of(std::string_view item);
    // The key of an item that has no fault, as JSON; and, of an item or a key, a number
    // that is equal for equal keys.
    std::string key(std::string_view item) const;
    uint64_t hash(std::string_view item) const;
    std::vector<std::string> key_names() const;

private:
    struct Keys;
    SeedTable(std::string name, std::unique_ptr<Keys> keys);

    std::string name_;
    std::unique_ptr<Keys> keys_;
};

}  // namespace godwit::dynamodb
