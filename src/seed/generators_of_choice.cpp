// Generators that choose, gather or leave out.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "seed/generator_reader.h"

namespace godwit::seed {
namespace {

using Kind = JsonValue::Kind;

constexpr int64_t kMostWeight = 1'000'000'000;
constexpr int64_t kMostElements = 100'000;

class Choice final : public Generator {
public:
    Choice(std::vector<GeneratorPtr> items, std::vector<int64_t> weights) : items_(std::move(items)) {
        for (const int64_t weight : weights) bounds_.push_back(total_ += static_cast<uint64_t>(weight));
    }
    bool make(const Row& row, Stream stream, Value& out) const override {
        const uint64_t drawn = Random(stream).below(total_);
        const auto chosen = std::upper_bound(bounds_.begin(), bounds_.end(), drawn) - bounds_.begin();
        return items_[static_cast<size_t>(chosen)]->make(row, derive(stream, static_cast<uint64_t>(chosen)),
                                                         out);
    }

private:
    std::vector<GeneratorPtr> items_;
    std::vector<uint64_t> bounds_;  // Each weight with all before it.
    uint64_t total_ = 0;
};

// Some of the elements, none twice, in their order.
class Some final : public Generator {
public:
    Some(std::vector<GeneratorPtr> items, GeneratorReader::Limits limits)
        : items_(std::move(items)), limits_(limits) {}
    bool make(const Row& row, Stream stream, Value& out) const override {
        Random random(stream);
        auto left = static_cast<uint64_t>(random.between(limits_.least, limits_.most));
        out = {};
        out.kind = Value::Kind::kList;
        for (size_t i = 0; i < items_.size() && left > 0; ++i) {
            if (random.below(items_.size() - i) >= left) continue;
            --left;
            Value value;
            if (items_[i]->make(row, derive(stream, i), value)) out.items.push_back(std::move(value));
        }
        return !row.making->fault;
    }

private:
    std::vector<GeneratorPtr> items_;
    GeneratorReader::Limits limits_;
};

class List final : public Generator {
public:
    List(GeneratorPtr of, GeneratorReader::Limits count) : of_(std::move(of)), count_(count) {}
    bool make(const Row& row, Stream stream, Value& out) const override {
        out = {};
        out.kind = Value::Kind::kList;
        const auto count = static_cast<uint64_t>(Random(stream).between(count_.least, count_.most));
        for (uint64_t i = 0; i < count; ++i) {
            Value value;
            if (of_->make(row, derive(stream, i), value)) out.items.push_back(std::move(value));
        }
        return !row.making->fault;
    }

private:
    GeneratorPtr of_;
    GeneratorReader::Limits count_;
};

class Set final : public Generator {
public:
    Set(GeneratorPtr list, SourceSpan where) : list_(std::move(list)), where_(std::move(where)) {}
    bool make(const Row& row, Stream stream, Value& out) const override {
        Value list;
        if (!list_->make(row, stream, list)) return false;
        out = {};
        for (Value& item : list.items) {
            if (!out.items.empty() && item.kind != out.items.front().kind) {
                return row.making->refuse(where_,
                                          fmt::format("a set holds {} beside {}",
                                                      name_of(out.items.front().kind), name_of(item.kind)),
                                          "Let all of them be strings, numbers or binaries.");
            }
            const bool there = std::any_of(out.items.begin(), out.items.end(),
                                           [&](const Value& each) { return each.text == item.text; });
            if (!there) out.items.push_back(std::move(item));
        }
        if (out.items.empty())
            return row.making->refuse(where_, "a set without elements",
                                      "Give it one at least, or leave it out by {\"$maybe\": …}.");
        switch (out.items.front().kind) {
            case Value::Kind::kString:
                out.kind = Value::Kind::kStringSet;
                return true;
            case Value::Kind::kNumber:
                out.kind = Value::Kind::kNumberSet;
                return true;
            case Value::Kind::kBinary:
                out.kind = Value::Kind::kBinarySet;
                return true;
            default:
                return row.making->refuse(
                    where_, fmt::format("a set cannot hold {}", name_of(out.items.front().kind)),
                    "It holds strings, numbers or binaries.");
        }
    }

private:
    GeneratorPtr list_;
    SourceSpan where_;
};

class Maybe final : public Generator {
public:
    Maybe(uint64_t percent, GeneratorPtr value) : percent_(percent), value_(std::move(value)) {}
    bool make(const Row& row, Stream stream, Value& out) const override {
        return Random(stream).below(100) < percent_ && value_->make(row, derive(stream, 0), out);
    }

private:
    uint64_t percent_;
    GeneratorPtr value_;
};

Result<GeneratorPtr> make_choice(const GeneratorReader& reader, const JsonValue& body,
                                 std::vector<GeneratorPtr> items, std::vector<int64_t> weights) {
    const bool some = std::any_of(weights.begin(), weights.end(), [](int64_t weight) { return weight > 0; });
    if (!some)
        return reader.refuse(body, "there is nothing to choose from",
                             "Give one element at least a weight of 1.");
    return std::make_unique<Choice>(std::move(items), std::move(weights));
}

// {"weight": 3, "value": …}
bool is_weighted(const JsonValue& json) {
    return json.kind == Kind::kObject && json.members.size() == 2 && member_of(json, "weight") != nullptr &&
           member_of(json, "value") != nullptr;
}

Result<const JsonValue*> needed(const GeneratorReader& reader, const JsonValue& object, std::string_view what,
                                const char* name) {
    if (const JsonValue* found = member_of(object, name)) return found;
    return reader.refuse(object, fmt::format("{} needs \"{}\"", what, name));
}

}  // namespace

Result<GeneratorPtr> read_choice(const GeneratorReader& reader, const JsonValue& body) {
    CHECK(reader.expect(body, Kind::kArray, "$choice"));
    std::vector<GeneratorPtr> items;
    std::vector<int64_t> weights;
    for (const JsonValue& item : body.items) {
        const bool weighted = is_weighted(item);
        weights.push_back(
            weighted ? TRY(reader.whole_number(*member_of(item, "weight"), "weight", 0, kMostWeight)) : 1);
        items.push_back(TRY(reader.read(weighted ? *member_of(item, "value") : item)));
    }
    return make_choice(reader, body, std::move(items), std::move(weights));
}

Result<GeneratorPtr> read_weighted(const GeneratorReader& reader, const JsonValue& body) {
    CHECK(reader.expect(body, Kind::kObject, "$weighted"));
    std::vector<GeneratorPtr> items;
    std::vector<int64_t> weights;
    for (const format::JsonMember& member : body.members) {
        weights.push_back(
            TRY(reader.whole_number(member.value, "the weight of " + printable(member.key), 0, kMostWeight)));
        JsonValue text;
        text.kind = Kind::kString;
        text.text = member.key;
        items.push_back(TRY(read_literal(reader, text)));
    }
    return make_choice(reader, body, std::move(items), std::move(weights));
}

Result<GeneratorPtr> read_some(const GeneratorReader& reader, const JsonValue& body) {
    CHECK(reader.check_members(body, "$some", {"of", "count"}));
    const JsonValue& of = *TRY(needed(reader, body, "$some", "of"));
    CHECK(reader.expect(of, Kind::kArray, "\"of\" of $some"));
    const auto size = static_cast<int64_t>(of.items.size());
    const JsonValue& count = *TRY(needed(reader, body, "$some", "count"));
    const GeneratorReader::Limits limits = TRY(reader.limits(count, "\"count\" of $some", 0, size));
    return std::make_unique<Some>(TRY(reader.read_all(of)), limits);
}

Result<GeneratorPtr> read_list(const GeneratorReader& reader, const JsonValue& body) {
    CHECK(reader.check_members(body, "$list", {"of", "count"}));
    const JsonValue& of = *TRY(needed(reader, body, "$list", "of"));
    const JsonValue& count = *TRY(needed(reader, body, "$list", "count"));
    const GeneratorReader::Limits limits = TRY(reader.limits(count, "\"count\" of $list", 0, kMostElements));
    return std::make_unique<List>(TRY(reader.read(of)), limits);
}

Result<GeneratorPtr> read_set(const GeneratorReader& reader, const JsonValue& body) {
    if (body.kind != Kind::kArray && body.kind != Kind::kObject)
        return reader.refuse(body, "$set takes an array, or an object that makes a list");
    return std::make_unique<Set>(TRY(reader.read(body)), reader.place(body));
}

Result<GeneratorPtr> read_maybe(const GeneratorReader& reader, const JsonValue& body) {
    CHECK(reader.check_members(body, "$maybe", {"percent", "value"}));
    const JsonValue& percent = *TRY(needed(reader, body, "$maybe", "percent"));
    const JsonValue& value = *TRY(needed(reader, body, "$maybe", "value"));
    const int64_t chance = TRY(reader.whole_number(percent, "\"percent\" of $maybe", 0, 100));
    return std::make_unique<Maybe>(static_cast<uint64_t>(chance), TRY(reader.read(value)));
}

}  // namespace godwit::seed
