// Makes the values of one place of a seed file, row after row.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "model/value.h"
#include "seed/instant.h"
#include "seed/random.h"

namespace godwit::seed {

struct Row;

// A pure function of the row and the stream: asked again, it answers the same,
// so a field that another one refers to is simply made again.
class Generator {
public:
    virtual ~Generator() = default;
    // False: there is no value, the member is to be left out; or it failed, and
    // the row's making has the fault.
    virtual bool make(const Row& row, Stream stream, Value& out) const = 0;
};
using GeneratorPtr = std::unique_ptr<const Generator>;

struct Field {
    std::string name;
    GeneratorPtr generator;
};
using Fields = std::vector<Field>;

const Generator* find_field(const Fields& fields, std::string_view name);  // Null: there is none.

struct Profile {
    std::string name;
    Fields members;
};
struct ProfileSet {
    std::string name;
    std::vector<Profile> profiles;  // At least one.
};

// How many rows: a number, or a parameter's name.
struct Count {
    int64_t number = 1;
    std::string parameter;
};

// Rows of one table, or of none: then others refer to them.
struct Block {
    std::string name;
    std::string table;  // Empty: nothing is written.
    SourceSpan where;
    std::optional<size_t>
        parent;   // Among the blocks of its scenario; its rows are made for each of the parent's.
    Count count;  // For each row of the parent.
    const ProfileSet* profiles = nullptr;
    std::vector<Fields> items;            // One for all rows, or one for each.
    std::vector<SourceSpan> item_places;  // As many.
    Stream salt = 0;
};

struct Scenario {
    std::string name;
    std::string description;
    std::vector<Block> blocks;  // Parents before their children.
    SourceSpan where;
};

using NamedValues = std::vector<std::pair<std::string, int64_t>>;

// What all rows of one making share.
struct Making {
    const Fields* values = nullptr;  // The file's "values".
    const NamedValues* parameters = nullptr;
    const std::vector<Block>* blocks = nullptr;
    std::vector<int64_t> counts;  // By block: rows for each row of the parent,
    std::vector<int64_t> totals;  // and in all.
    Instant now = 0;
    uint64_t seed = 0;
    std::optional<Error> fault;  // The first.
    int depth = 0;               // Of references that lead to references.

    bool refuse(const SourceSpan& where, std::string message, std::string remedy);  // False, always.
};

struct Row {
    Making* making = nullptr;
    size_t block = 0;
    const Row* parent = nullptr;
    int64_t index = 0;   // Among those of the parent, from 0.
    int64_t number = 0;  // Among all of the block, from 0.
    Stream stream = 0;

    const Block& of() const { return (*making->blocks)[block]; }
    const Fields& item() const {
        const auto& items = of().items;
        return items.size() == 1 ? items.front() : items[static_cast<size_t>(index)];
    }
    const Profile* profile() const;    // Of the block; null when it has none.
    std::string profile_name() const;  // The second row of a profile is called "name_2".
    // The value of a field of the item. False as make().
    bool field(std::string_view name, Value& out) const;
};

// The row `number` of a block with those that it belongs to.
class RowChain {
public:
    RowChain(Making& making, size_t block, int64_t number);
    RowChain(const RowChain&) = delete;
    RowChain& operator=(const RowChain&) = delete;
    const Row& row() const { return rows_.back(); }

private:
    std::vector<Row> rows_;  // The outermost first.
};

}  // namespace godwit::seed
