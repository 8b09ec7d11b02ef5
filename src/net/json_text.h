// Looks into JSON without changing a byte of it: replies, and requests that are
// sent again in part.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::net {

// A member of an object, as it stands in the text.
struct JsonPart {
    std::string name;
    std::string_view raw;  // The value with its quotes or brackets, without blanks around it.

    // Of a string: decoded. Of a number or boolean: as written. Else nothing.
    std::optional<std::string> text() const;
};

// The members of the object that `json` is, in order; views into `json`.
// Nothing when the text is not RFC 8259 JSON, or no object.
std::optional<std::vector<JsonPart>> json_members(std::string_view json);
// The first of several names that is there, as text; nothing when none is.
std::optional<std::string> json_text(const std::vector<JsonPart>& members,
                                     std::initializer_list<std::string_view> names);
// The raw value, or an empty view.
std::string_view json_raw(const std::vector<JsonPart>& members, std::string_view name);
// The elements of the array that `json` is.
std::optional<std::vector<std::string_view>> json_elements(std::string_view json);

}  // namespace godwit::net
