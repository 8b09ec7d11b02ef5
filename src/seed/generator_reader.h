// Turns the JSON of a seed file into generators.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/json.h"
#include "seed/generator.h"

namespace godwit::seed {

using format::JsonValue;

// Knows the file, so that every fault names its place.
class GeneratorReader {
public:
    GeneratorReader(std::string_view text, std::string shown) : text_(text), shown_(std::move(shown)) {}

    // A value as it stands, or an object whose member $NAME makes one; docs/seeding.md
    // lists them. kInvalidInput with a place.
    Result<GeneratorPtr> read(const JsonValue& json) const;
    // The members of an object, each a value.
    Result<Fields> read_fields(const JsonValue& json, std::string_view what) const;
    Result<std::vector<GeneratorPtr>> read_all(const JsonValue& array) const;

    SourceSpan place(const JsonValue& json) const { return place(json.at); }
    SourceSpan place(size_t at) const;
    tl::unexpected<Error> refuse(const JsonValue& json, std::string message, std::string remedy = "") const;

    // kInvalidInput unless `json` is of that kind. `what`: "$list", "a block".
    Result<void> expect(const JsonValue& json, JsonValue::Kind kind, std::string_view what) const;
    // That an object's members are among `known`.
    Result<void> check_members(const JsonValue& json, std::string_view what,
                               const std::vector<std::string>& known) const;

    // Of a whole number within 64 bits and the limits.
    Result<int64_t> whole_number(const JsonValue& json, std::string_view what, int64_t least,
                                 int64_t most) const;
    Result<std::string> text_of(const JsonValue& json, std::string_view what) const;
    // Two limits: [least, most].
    struct Limits {
        int64_t least = 0;
        int64_t most = 0;
    };
    Result<Limits> limits(const JsonValue& json, std::string_view what, int64_t lowest,
                          int64_t highest) const;

private:
    std::string_view text_;
    std::string shown_;
};

// Null when the object has no such member.
const JsonValue* member_of(const JsonValue& object, std::string_view name);

// One for each $NAME, given what stands behind it.
Result<GeneratorPtr> read_get(const GeneratorReader& reader, const JsonValue& body);
Result<GeneratorPtr> read_text(const GeneratorReader& reader, const JsonValue& body);
Result<GeneratorPtr> read_ref(const GeneratorReader& reader, const JsonValue& body);
Result<GeneratorPtr> read_integer(const GeneratorReader& reader, const JsonValue& body);
Result<GeneratorPtr> read_decimal(const GeneratorReader& reader, const JsonValue& body);
Result<GeneratorPtr> read_sequence(const GeneratorReader& reader, const JsonValue& body);
Result<GeneratorPtr> read_time(const GeneratorReader& reader, const JsonValue& body);
Result<GeneratorPtr> read_uuid(const GeneratorReader& reader, const JsonValue& body);
Result<GeneratorPtr> read_bytes(const GeneratorReader& reader, const JsonValue& body);
Result<GeneratorPtr> read_binary(const GeneratorReader& reader, const JsonValue& body);
Result<GeneratorPtr> read_repeat(const GeneratorReader& reader, const JsonValue& body);
Result<GeneratorPtr> read_choice(const GeneratorReader& reader, const JsonValue& body);
Result<GeneratorPtr> read_weighted(const GeneratorReader& reader, const JsonValue& body);
Result<GeneratorPtr> read_some(const GeneratorReader& reader, const JsonValue& body);
Result<GeneratorPtr> read_list(const GeneratorReader& reader, const JsonValue& body);
Result<GeneratorPtr> read_set(const GeneratorReader& reader, const JsonValue& body);
Result<GeneratorPtr> read_maybe(const GeneratorReader& reader, const JsonValue& body);
Result<GeneratorPtr> read_literal(const GeneratorReader& reader, const JsonValue& body);

}  // namespace godwit::seed
