#include "seed/generator_reader.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "base/text.h"
#include "format/file_scan.h"
#include "format/script_migration.h"

namespace godwit::seed {
namespace {

using Kind = JsonValue::Kind;
using Read = Result<GeneratorPtr> (*)(const GeneratorReader&, const JsonValue&);

const std::vector<std::pair<std::string, Read>>& kinds() {
    static const std::vector<std::pair<std::string, Read>> table = {
        {"$get", read_get},           {"$text", read_text},       {"$ref", read_ref},
        {"$integer", read_integer},   {"$decimal", read_decimal}, {"$sequence", read_sequence},
        {"$time", read_time},         {"$uuid", read_uuid},       {"$bytes", read_bytes},
        {"$binary", read_binary},     {"$repeat", read_repeat},   {"$choice", read_choice},
        {"$weighted", read_weighted}, {"$some", read_some},       {"$list", read_list},
        {"$set", read_set},           {"$maybe", read_maybe},     {"$literal", read_literal},
    };
    return table;
}

// An array or object as it stands, with generators inside.
class Composite final : public Generator {
public:
    explicit Composite(std::vector<GeneratorPtr> items) : items_(std::move(items)) {}
    explicit Composite(Fields members) : members_(std::move(members)), is_map_(true) {}

    bool make(const Row& row, Stream stream, Value& out) const override {
        out = {};
        out.kind = is_map_ ? Value::Kind::kMap : Value::Kind::kList;
        for (size_t i = 0; i < items_.size(); ++i) {
            Value value;
            if (items_[i]->make(row, derive(stream, i), value)) out.items.push_back(std::move(value));
        }
        for (const Field& field : members_) {
            Value value;
            if (field.generator->make(row, derive(stream, field.name), value))
                out.members.push_back({field.name, std::move(value)});
        }
        return !row.making->fault;
    }

private:
    std::vector<GeneratorPtr> items_;
    Fields members_;
    bool is_map_ = false;
};

const format::JsonMember* generator_member(const JsonValue& json) {
    for (const format::JsonMember& member : json.members) {
        if (member.key.starts_with('$')) return &member;
    }
    return nullptr;
}

}  // namespace

const JsonValue* member_of(const JsonValue& object, std::string_view name) {
    for (const format::JsonMember& member : object.members) {
        if (member.key == name) return &member.value;
    }
    return nullptr;
}

SourceSpan GeneratorReader::place(size_t at) const { return format::place_in(shown_, text_, at); }

tl::unexpected<Error> GeneratorReader::refuse(const JsonValue& json, std::string message,
                                              std::string remedy) const {
    return fail(make_error(ErrorCode::kInvalidInput, std::move(message))
                    .at(place(json))
                    .with_remedy(std::move(remedy)));
}

Result<void> GeneratorReader::expect(const JsonValue& json, Kind kind, std::string_view what) const {
    if (json.kind == kind) return {};
    return refuse(
        json, fmt::format("{} takes {}, not {}", what, format::name_of(kind), format::name_of(json.kind)));
}

Result<void> GeneratorReader::check_members(const JsonValue& json, std::string_view what,
                                            const std::vector<std::string>& known) const {
    CHECK(expect(json, Kind::kObject, what));
    for (const format::JsonMember& member : json.members) {
        if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
        const auto close = nearest(member.key, known);
        return fail(make_error(ErrorCode::kInvalidInput,
                               fmt::format("{} has no member {}", what, printable(member.key)))
                        .at(place(member.key_at))
                        .with_remedy(close ? "Did you mean " + *close + "?"
                                           : "Known are " + join(known, ", ") + "."));
    }
    return {};
}

Result<int64_t> GeneratorReader::whole_number(const JsonValue& json, std::string_view what, int64_t least,
                                              int64_t most) const {
    CHECK(expect(json, Kind::kNumber, what));
    int64_t number = 0;
    const auto [end, code] = std::from_chars(json.text.data(), json.text.data() + json.text.size(), number);
    if (code == std::errc() && end == json.text.data() + json.text.size() && number >= least &&
        number <= most)
        return number;
    return refuse(json, fmt::format("{} takes a whole number from {} to {}, not {}", what, least, most,
                                    printable(json.text)));
}

Result<std::string> GeneratorReader::text_of(const JsonValue& json, std::string_view what) const {
    CHECK(expect(json, Kind::kString, what));
    return json.text;
}

Result<GeneratorReader::Limits> GeneratorReader::limits(const JsonValue& json, std::string_view what,
                                                        int64_t lowest, int64_t highest) const {
    CHECK(expect(json, Kind::kArray, what));
    if (json.items.size() != 2) return refuse(json, fmt::format("{} takes two numbers: [least, most]", what));
    const Limits limits = {TRY(whole_number(json.items[0], what, lowest, highest)),
                           TRY(whole_number(json.items[1], what, lowest, highest))};
    if (limits.least > limits.most) {
        return refuse(json, fmt::format("{}: {} is more than {}", what, limits.least, limits.most),
                      "Write the smaller number first.");
    }
    return limits;
}

Result<std::vector<GeneratorPtr>> GeneratorReader::read_all(const JsonValue& array) const {
    std::vector<GeneratorPtr> all;
    for (const JsonValue& item : array.items) all.push_back(TRY(read(item)));
    return all;
}

Result<Fields> GeneratorReader::read_fields(const JsonValue& json, std::string_view what) const {
    CHECK(expect(json, Kind::kObject, what));
    Fields fields;
    for (const format::JsonMember& member : json.members) {
        if (member.key.starts_with('$')) {
            return fail(
                make_error(ErrorCode::kInvalidInput,
                           fmt::format("{} has no member {}", what, printable(member.key)))
                    .at(place(member.key_at))
                    .with_remedy("Names with a dollar sign are for values: write \"NAME\": {\"$…\": …}."));
        }
        fields.push_back({member.key, TRY(read(member.value))});
    }
    return fields;
}

Result<GeneratorPtr> GeneratorReader::read(const JsonValue& json) const {
    if (json.kind == Kind::kArray) return std::make_unique<Composite>(TRY(read_all(json)));
    if (json.kind != Kind::kObject) return read_literal(*this, json);
    const format::JsonMember* generator = generator_member(json);
    if (generator == nullptr) return std::make_unique<Composite>(TRY(read_fields(json, "a map")));
    if (json.members.size() > 1) {
        return refuse(json, fmt::format("beside {} stands something else", printable(generator->key)),
                      "Give it an object of its own; an object that is meant as it stands is written "
                      "{\"$literal\": …}.");
    }
    std::vector<std::string> names;
    for (const auto& [name, read_kind] : kinds()) {
        if (name == generator->key) return read_kind(*this, generator->value);
        names.push_back(name);
    }
    const auto close = nearest(generator->key, names);
    return fail(
        make_error(ErrorCode::kInvalidInput, fmt::format("there is no {}", printable(generator->key)))
            .at(place(generator->key_at))
            .with_remedy(close ? "Did you mean " + *close + "?" : "Known are " + join(names, ", ") + "."));
}

}  // namespace godwit::seed
