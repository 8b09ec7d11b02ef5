// Names for what a row knows, and texts that hold such names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "seed/generator.h"

namespace godwit::seed {

// What `$get` and the {…} of `$text` name:
//   userId, location.name, item.number   a field of the row, or a part of it
//   parent.userId                        of the row that this one is made for
//   profile                              the profile's name; with _2 in its second round
//   profile.emotion                      what the profile says
//   index, number                        of the row: for its parent, in all; from 1
//   values.park                          one of the file's values, made here
//   parameters.num-users
// index, number, profile and the like stand for a field when it is written item.index.
struct Path {
    enum class Root : uint8_t { kItem, kParent, kProfile, kIndex, kNumber, kValues, kParameters };
    Root root = Root::kItem;
    std::vector<std::string> parts;
    std::string text;
    SourceSpan where;

    static Result<Path> parse(std::string_view text, const SourceSpan& where);
    bool resolve(const Row& row, Stream stream, Value& out) const;

private:
    bool resolve_item(const Row& row, Value& out) const;
    bool resolve_profile(const Row& row, Stream stream, Value& out) const;
    bool resolve_value(const Row& row, Stream stream, Value& out) const;
    bool resolve_parameter(const Row& row, Value& out) const;
    bool descend(const Row& row, size_t part, Value& value) const;
};

// "s3://echoes/{userId}/{echoId}.webm". Two braces stand for one.
class Template {
public:
    static Result<Template> parse(std::string_view text, const SourceSpan& where);
    bool fill(const Row& row, Stream stream, std::string& out) const;

private:
    struct Piece {
        std::string before;  // Stands as it is.
        Path path;
        bool has_path = false;
    };
    std::vector<Piece> pieces_;
};

}  // namespace godwit::seed
