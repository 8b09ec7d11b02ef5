// What all formats of SQL scripts do alike once the sections are found.
#pragma once

#include "format/sections.h"
#include "format/source.h"

namespace godwit::format {

// Fills in what the name and the sections say: version, description, place, both
// bodies, options. Then adds the down file, where the source has one.
// kInvalidInput as bodies_of(), and for two down parts.
Result<void> take_script(const Source& source, FileScan& scan, const SectionedFile& file,
                         const BodyRules& rules, ReadMigration& out);

// Opens a file of the source's folder in `scan`.
Result<void> open_in(const Source& source, const std::string& name, FileScan& scan);

// Reads a small text file whole, with LF line ends: at most `limit_bytes`, UTF-8,
// without NUL. Its bytes are added to `checksum`.
Result<std::string> read_small_file(const Directory& directory, const std::string& name, int64_t limit_bytes,
                                    FileScan& scan, ChecksumBuilder& checksum);

// The place at a byte of `text`, which is a whole file.
SourceSpan place_in(const std::string& shown, std::string_view text, size_t at);

// One `key = value` of a settings file, with its place.
struct Setting {
    std::string key;
    std::string value;
    SourceSpan where;
};
// Lines `key=value`; blanks, quotes around values and comments behind `#` are left out.
Result<std::vector<Setting>> read_settings(const Directory& directory, const std::string& name,
                                           FileScan& scan);
// true or false; anything else is kInvalidInput.
Result<bool> truth_of(const Setting& setting);

}  // namespace godwit::format
