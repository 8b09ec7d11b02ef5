// What a request may consist of, as data, and the check of a text against it: every
// mistake is told with its exact place before anything is sent.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace godwit::dynamodb {

struct Shape;

struct Field {
    std::string_view name;
    const Shape* shape;
    bool required = false;
};

struct Shape {
    enum class Kind : uint8_t {
        kText,        // A string, one of `choices` when there are any.
        kName,        // Of a table or an index: 1 to 255 of a-z A-Z 0-9 _ - .
        kInteger,     // Not negative.
        kBoolean,
        kObject,
        kArray,
        kStringMap,   // An object whose values are strings.
        kAttributes,  // An object of attribute values: {"id": {"S": "x"}}.
        kAny
    };
    Kind kind;
    std::span<const Field> fields = {};              // kObject: all that may stand in it.
    const Shape* element = nullptr;                  // kArray
    std::span<const std::string_view> choices = {};  // kText
    size_t least = 0;                                // kArray: elements.
};

// A text inside a file: offsets in it become lines and columns.
class TextPlace {
public:
    TextPlace(std::string_view text, SourceSpan where) : text_(text), where_(std::move(where)) {}
    // From the first byte of `part` on, what was cut out makes places unknown.
    void cut_from(std::string_view part) { known_ = static_cast<size_t>(part.data() - text_.data()); }

    const SourceSpan& where() const { return where_; }
    // Where `part`, a view into the text, starts; where() when that cannot be known.
    SourceSpan of(std::string_view part) const;

private:
    std::string_view text_;
    SourceSpan where_;
    size_t known_ = std::string_view::npos;
};

// `json` is a view into the text that `place` is about; `what` names it: "create_table".
Result<void> check_shape(const Shape& shape, std::string_view json, std::string_view what, const TextPlace& place);

}  // namespace godwit::dynamodb
