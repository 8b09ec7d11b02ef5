// Reads `-- godwit: key=value …` lines, which set a migration's options.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/file_scan.h"
#include "model/migration.h"

namespace godwit::format {

// A migration that another one names, before the folder is known.
struct RawReference {
    std::string text;
    SourceSpan where;
    // From a comment that people write freely ("Dependencies: the uuid extension"):
    // what names nothing is passed over with a note.
    bool from_prose = false;
};

// What the directives of one file say together. A key that two lines set to
// different values is an error.
class Directives {
public:
    // `comment` is a comment line's text after its `--`, `at` its byte offset in
    // the line. False when it is no directive.
    Result<bool> read(const FileScan& scan, const Line& line, std::string_view comment, size_t at);

    MigrationOptions options;
    std::vector<RawReference> depends_on;
    // Set by `-- godwit: no-op` in the section that is being read; the caller resets it.
    bool no_op = false;

private:
    struct Setting {
        std::string value;
        std::string place;  // "file:12:5"
    };
    struct Item {
        std::string_view key;
        std::optional<std::string_view> value;
        SourceSpan key_place;
        SourceSpan value_place;
    };
    Result<void> apply(const Item& item);
    Result<void> apply_value(const Item& item);
    Result<void> set_phase(const Item& item);
    Result<void> add_dependencies(const Item& item);

    std::map<std::string, Setting, std::less<>> seen_;
};

}  // namespace godwit::format
