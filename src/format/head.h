// Reads the fields of a head: `-- Author: …`, `-- Dependencies: …`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/directive.h"
#include "format/file_scan.h"

namespace godwit::format {

// Whether a field says that there is nothing to say: empty, "None", "-", "n/a",
// or a template's placeholder in brackets, "[Previous migration file]".
bool says_nothing(std::string_view value);

// A list as people write it: a, b and lines of their own with `-` or `*` before
// each; quotes and brackets around a name are left out. Offsets are bytes of `text`.
struct ListItem {
    std::string text;
    size_t at = 0;
};
std::vector<ListItem> list_items(std::string_view text);

// The first stretch of a file, by which its format is told.
struct Head {
    std::string_view text;
    // What follows the `--` of the comment lines before the first line of SQL.
    std::vector<std::string_view> comments;

    // Views into `first_stretch`.
    void assign(std::string_view first_stretch);
};

// A piece of a field's value: a field may go on over several lines.
struct FieldPiece {
    std::string text;
    Spot spot;
};
using Field = std::vector<FieldPiece>;

// The pieces in one line, or empty where the field says nothing.
std::string text_of(const Field& field);
// The names in the field, with their places.
std::vector<RawReference> references_in(const Field& field, const std::string& file, bool from_prose);

// Collects `Key: value` lines. A value goes on in the next line where that is
// indented by two blanks or more, begins an item of a list, or the value so far is
// empty or ends with a comma; fields named in `flowing` take any next line that
// has no key of its own.
class HeadReader {
public:
    // Keys in lower case; the spans must outlive the reader. The first of several
    // lines with one key counts.
    HeadReader(std::span<const std::string_view> keys, std::span<const std::string_view> flowing)
        : keys_(keys), flowing_(flowing) {}

    // `text` is a comment's text, at byte `at` of the line. True when the line
    // belongs to a field.
    bool read(const FileScan& scan, const Line& line, std::string_view text, size_t at);

    // Null when there is none.
    const Field* find(std::string_view key) const;

private:
    bool goes_on(std::string_view text) const;

    struct KeyedField {
        std::string_view key;  // One of `keys_`.
        Field field;
    };

    std::span<const std::string_view> keys_;
    std::span<const std::string_view> flowing_;
    std::vector<KeyedField> fields_;
    Field ignored_;          // What a repeated key says.
    Field* open_ = nullptr;  // The field that the next line may continue.
    bool open_flows_ = false;
    int32_t open_line_ = 0;  // Its last line.
};

}  // namespace godwit::format
