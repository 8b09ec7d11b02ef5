#include "target/dynamodb/shape.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "net/json_text.h"
#include "target/dynamodb/attribute.h"

namespace godwit::dynamodb {
namespace {

using net::JsonPart;

std::string_view kind_of(std::string_view json) {
    switch (json.empty() ? '\0' : json.front()) {
        case '"': return "a string";
        case '{': return "an object";
        case '[': return "an array";
        case 't':
        case 'f': return "a boolean";
        case 'n': return "null";
        default: return "a number";
    }
}

std::string_view wanted_kind(Shape::Kind kind) {
    switch (kind) {
        case Shape::Kind::kText:
        case Shape::Kind::kName: return "a string";
        case Shape::Kind::kInteger: return "a number";
        case Shape::Kind::kBoolean: return "a boolean";
        case Shape::Kind::kArray: return "an array";
        default: return "an object";
    }
}

tl::unexpected<Error> refuse(std::string message, const TextPlace& place, std::string_view part,
                             std::string remedy) {
    return fail(make_error(ErrorCode::kInvalidInput, std::move(message))
                    .at(place.of(part))
                    .with_remedy(std::move(remedy)));
}

std::vector<std::string> names_of(std::span<const Field> fields) {
    std::vector<std::string> names;
    for (const Field& field : fields) names.emplace_back(field.name);
    return names;
}

// What is said of a member that is not known, or a choice that is none.
std::string suggestion(std::string_view given, const std::vector<std::string>& known) {
    if (const auto meant = nearest(given, known)) return fmt::format("Did you mean {}?", *meant);
    return fmt::format("Known are {}.", join(known, ", "));
}

// The member's name as it stands in front of its value.
std::string_view name_before(std::string_view json, const JsonPart& member) {
    const auto value_at = static_cast<size_t>(member.raw.data() - json.data());
    const size_t end = json.rfind('"', json.rfind(':', value_at));
    if (end == std::string_view::npos || end < member.name.size()) return member.raw;
    const size_t start = json.rfind('"', end - 1);
    return start == std::string_view::npos ? member.raw : json.substr(start, end + 1 - start);
}

Result<void> check_members(const Shape& shape, std::string_view json, std::string_view what,
                           const TextPlace& place) {
    const auto members = net::json_members(json);
    if (!members) return refuse(fmt::format("{} is not JSON", what), place, json, "");
    std::vector<std::string_view> seen;
    for (const JsonPart& member : *members) {
        const auto field = std::find_if(shape.fields.begin(), shape.fields.end(),
                                        [&](const Field& known) { return known.name == member.name; });
        if (field == shape.fields.end()) {
            return refuse(fmt::format("{} has no member \"{}\"", what, printable(member.name)), place,
                          name_before(json, member), suggestion(member.name, names_of(shape.fields)));
        }
        if (std::find(seen.begin(), seen.end(), field->name) != seen.end()) {
            return refuse(fmt::format("{} of {} is given twice", field->name, what), place,
                          name_before(json, member), "Leave one of them out.");
        }
        seen.push_back(field->name);
        CHECK(check_shape(*field->shape, member.raw, field->name, place));
    }
    for (const Field& field : shape.fields) {
        if (!field.required || std::find(seen.begin(), seen.end(), field.name) != seen.end()) continue;
        return refuse(fmt::format("{} is missing in {}", field.name, what), place, json,
                      fmt::format("Add \"{}\": {} is needed.", field.name, wanted_kind(field.shape->kind)));
    }
    return {};
}

Result<void> check_text(const Shape& shape, std::string_view json, std::string_view what,
                        const TextPlace& place) {
    const std::string text = JsonPart{"", json}.text().value_or("");
    if (shape.kind == Shape::Kind::kName) {
        const bool good = std::all_of(text.begin(), text.end(), [](char c) {
            return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
        });
        if ((good && !text.empty() && text.size() <= 255) || text.starts_with("arn:")) return {};
        return refuse(fmt::format("{} \"{}\" is no name", what, printable(text)), place, json,
                      "A name has letters of a to z, digits, and _ - . only, at most 255 of them.");
    }
    if (shape.choices.empty() || std::find(shape.choices.begin(), shape.choices.end(), text) != shape.choices.end())
        return {};
    return refuse(fmt::format("{} cannot be \"{}\"", what, printable(text)), place, json,
                  suggestion(text, {shape.choices.begin(), shape.choices.end()}));
}

Result<void> check_elements(const Shape& shape, std::string_view json, std::string_view what,
                            const TextPlace& place) {
    const auto elements = net::json_elements(json);
    if (!elements) return refuse(fmt::format("{} is not JSON", what), place, json, "");
    if (elements->size() < shape.least)
        return refuse(fmt::format("{} is empty", what), place, json, "Give at least one element.");
    if (shape.element == nullptr) return {};
    for (size_t i = 0; i < elements->size(); i++)
        CHECK(check_shape(*shape.element, (*elements)[i], fmt::format("{}[{}]", what, i), place));
    return {};
}

Result<void> check_string_values(std::string_view json, std::string_view what, const TextPlace& place) {
    const auto members = net::json_members(json);
    if (!members) return refuse(fmt::format("{} is not JSON", what), place, json, "");
    for (const JsonPart& member : *members) {
        if (member.raw.front() == '"') continue;
        return refuse(fmt::format("{} of {} must be a string, and this is {}", printable(member.name), what,
                                  kind_of(member.raw)),
                      place, member.raw, "Put it in double quotes.");
    }
    return {};
}

}  // namespace

SourceSpan TextPlace::of(std::string_view part) const {
    const std::less<const char*> before;
    const char* const end = text_.data() + text_.size();
    if (where_.line == 0 || before(part.data(), text_.data()) || before(end, part.data())) return where_;
    const auto at = static_cast<size_t>(part.data() - text_.data());
    return at > known_ ? where_ : advance(where_, text_.substr(0, at));
}

Result<void> check_shape(const Shape& shape, std::string_view json, std::string_view what,
                         const TextPlace& place) {
    using Kind = Shape::Kind;
    if (shape.kind == Kind::kAny) return {};
    const std::string_view wanted = wanted_kind(shape.kind), given = kind_of(json);
    if (wanted != given)
        return refuse(fmt::format("{} must be {}, and this is {}", what, wanted, given), place, json, "");
    switch (shape.kind) {
        case Kind::kText:
        case Kind::kName: return check_text(shape, json, what, place);
        case Kind::kInteger:
            if (json.find_first_not_of("0123456789") == std::string_view::npos && json.size() <= 18) return {};
            return refuse(fmt::format("{} must be a whole number, and this is {}", what, printable(json)), place,
                          json, "");
        case Kind::kObject: return check_members(shape, json, what, place);
        case Kind::kArray: return check_elements(shape, json, what, place);
        case Kind::kStringMap: return check_string_values(json, what, place);
        case Kind::kAttributes: return check_attributes(json, what, place);
        default: return {};
    }
}

}  // namespace godwit::dynamodb
