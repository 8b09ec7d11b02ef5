#include "seed/path.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace godwit::seed {
namespace {

constexpr int kDeepestReference = 50;

// While a reference is followed; a chain that never ends has no value.
class Following {
public:
    explicit Following(Making& making) : making_(making) { ++making_.depth; }
    ~Following() { --making_.depth; }
    Following(const Following&) = delete;
    Following& operator=(const Following&) = delete;
    bool too_deep() const { return making_.depth > kDeepestReference; }

private:
    Making& making_;
};

std::vector<std::string> names_of(const Fields& fields) {
    std::vector<std::string> names;
    for (const Field& field : fields) names.push_back(field.name);
    return names;
}

std::string suggestion(const std::string& name, const std::vector<std::string>& known) {
    if (const auto close = nearest(name, known)) return "Did you mean " + *close + "?";
    return known.empty() ? "There are none." : "There are " + join(known, ", ") + ".";
}

}  // namespace

Result<Path> Path::parse(std::string_view text, const SourceSpan& where) {
    Path path;
    path.text = text;
    path.where = where;
    for (const std::string_view part : split(text, '.')) path.parts.emplace_back(part);
    const bool empty_part =
        std::any_of(path.parts.begin(), path.parts.end(), [](const auto& part) { return part.empty(); });
    if (empty_part) {
        return fail(
            make_error(ErrorCode::kInvalidInput, fmt::format("\"{}\" names no value", printable(text)))
                .at(where)
                .with_remedy(
                    "Write a field's name, or parent.FIELD, profile.NAME, values.NAME, index or number."));
    }
    const std::string first = path.parts.front();
    const bool alone = path.parts.size() == 1;
    const auto enter = [&](Root root) {
        path.root = root;
        path.parts.erase(path.parts.begin());
    };
    if (first == "profile")
        enter(Root::kProfile);
    else if (alone && first == "index")
        enter(Root::kIndex);
    else if (alone && first == "number")
        enter(Root::kNumber);
    else if (!alone && first == "item")
        enter(Root::kItem);
    else if (!alone && first == "parent")
        enter(Root::kParent);
    else if (!alone && first == "values")
        enter(Root::kValues);
    else if (!alone && first == "parameters")
        enter(Root::kParameters);
    return path;
}

bool Path::resolve(const Row& row, Stream stream, Value& out) const {
    const Following following(*row.making);
    if (following.too_deep()) {
        return row.making->refuse(where, fmt::format("{} leads back to itself", printable(text)),
                                  "Let fields refer to each other in one direction.");
    }
    switch (root) {
        case Root::kItem:
            return resolve_item(row, out);
        case Root::kParent:
            if (row.parent != nullptr) return resolve_item(*row.parent, out);
            return row.making->refuse(where, fmt::format("{} has no parent", printable(row.of().name)),
                                      "Name the parent with \"for_each\".");
        case Root::kProfile:
            return resolve_profile(row, stream, out);
        case Root::kIndex:
            out = Value::number(std::to_string(row.index + 1));
            return true;
        case Root::kNumber:
            out = Value::number(std::to_string(row.number + 1));
            return true;
        case Root::kValues:
            return resolve_value(row, stream, out);
        case Root::kParameters:
            return resolve_parameter(row, out);
    }
    return false;
}

bool Path::resolve_item(const Row& row, Value& out) const {
    const Fields& item = row.item();
    if (find_field(item, parts.front()) == nullptr) {
        return row.making->refuse(
            where,
            fmt::format("the item of {} has no field {}", printable(row.of().name), printable(parts.front())),
            suggestion(parts.front(), names_of(item)));
    }
    return row.field(parts.front(), out) && descend(row, 1, out);
}

bool Path::resolve_profile(const Row& row, Stream stream, Value& out) const {
    const Row* owner = &row;
    while (owner != nullptr && owner->profile() == nullptr) owner = owner->parent;
    if (owner == nullptr) {
        return row.making->refuse(where, fmt::format("{} has no profiles", printable(row.of().name)),
                                  "Name them with \"profiles\", here or for the parent.");
    }
    if (parts.empty()) {
        out = Value::string(owner->profile_name());
        return true;
    }
    const Fields& members = owner->profile()->members;
    const Generator* member = find_field(members, parts.front());
    if (member == nullptr) {
        return row.making->refuse(where,
                                  fmt::format("the profile {} has no {}", printable(owner->profile()->name),
                                              printable(parts.front())),
                                  suggestion(parts.front(), names_of(members)));
    }
    return member->make(row, derive(stream, parts.front()), out) && descend(row, 1, out);
}

bool Path::resolve_value(const Row& row, Stream stream, Value& out) const {
    const Generator* value = find_field(*row.making->values, parts.front());
    if (value == nullptr) {
        return row.making->refuse(where, fmt::format("the file has no value {}", printable(parts.front())),
                                  suggestion(parts.front(), names_of(*row.making->values)));
    }
    return value->make(row, derive(stream, parts.front()), out) && descend(row, 1, out);
}

bool Path::resolve_parameter(const Row& row, Value& out) const {
    std::vector<std::string> known;
    for (const auto& [name, number] : *row.making->parameters) {
        known.push_back(name);
        if (name != parts.front()) continue;
        out = Value::number(std::to_string(number));
        return descend(row, 1, out);
    }
    return row.making->refuse(where, "there is no parameter " + printable(parts.front()),
                              suggestion(parts.front(), known));
}

bool Path::descend(const Row& row, size_t part, Value& value) const {
    for (; part < parts.size(); ++part) {
        const Value* inner = find_member(value.members, parts[part]);
        if (inner == nullptr) {
            return row.making->refuse(where,
                                      fmt::format("{}: {} has no member {}", printable(text),
                                                  name_of(value.kind), printable(parts[part])),
                                      "Name a member that every such value has.");
        }
        Value found = *inner;
        value = std::move(found);
    }
    return true;
}

Result<Template> Template::parse(std::string_view text, const SourceSpan& where) {
    Template made;
    Piece piece;
    const auto wrong = [&](const char* what) {
        return fail(make_error(ErrorCode::kInvalidInput, what)
                        .at(where)
                        .with_remedy("Write {{ and }} for braces that stand for themselves."));
    };
    for (size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const bool doubled = at + 1 < text.size() && text[at + 1] == c;
        if (c != '{' && c != '}') {
            piece.before += c;
        } else if (doubled) {
            piece.before += c;
            ++at;
        } else if (c == '}') {
            return wrong("a } without its {");
        } else {
            const size_t end = text.find('}', at);
            if (end == std::string_view::npos) return wrong("a { that is not closed");
            piece.path = TRY(Path::parse(text.substr(at + 1, end - at - 1), where));
            piece.has_path = true;
            made.pieces_.push_back(std::move(piece));
            piece = {};
            at = end;
        }
    }
    if (!piece.before.empty()) made.pieces_.push_back(std::move(piece));
    return made;
}

bool Template::fill(const Row& row, Stream stream, std::string& out) const {
    for (size_t i = 0; i < pieces_.size(); ++i) {
        const Piece& piece = pieces_[i];
        out += piece.before;
        if (!piece.has_path) continue;
        Value value;
        if (!piece.path.resolve(row, derive(stream, i), value)) {
            if (row.making->fault) return false;
            continue;  // What is left out leaves nothing.
        }
        if (value.kind == Value::Kind::kString || value.kind == Value::Kind::kNumber ||
            value.kind == Value::Kind::kBool)
            out += value.text;
        else
            out += to_json(value);
    }
    return true;
}

}  // namespace godwit::seed
