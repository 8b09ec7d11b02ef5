// The JSON that describes a migration: its members, checked, with their places.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/json.h"
#include "format/source.h"

namespace godwit::format {

// One file's JSON, with the means to point into it.
class Metadata {
public:
    Metadata(std::string shown, std::string text) : shown_(std::move(shown)), text_(std::move(text)) {}

    // kInvalidInput: not JSON, or no object.
    Result<void> parse();
    // Null when it is absent or null.
    const JsonValue* find(std::string_view key) const;
    // Empty when it is absent; kInvalidInput when it is no string.
    Result<std::string> text_of(std::string_view key) const;

    SourceSpan place(size_t at) const;
    const JsonValue& root() const { return root_; }
    const std::string& shown() const { return shown_; }

private:
    std::string shown_;
    std::string text_;
    JsonValue root_;
};

// The name of the source's JSON file without its ending.
std::string_view metadata_stem(const Source& source);

// kInvalidInput: a member that no migration has, a migration_type that is not known.
Result<void> check_members(const Metadata& metadata);
// kInvalidInput unless database_type is one of `names`, in any case. `folder_kind` is what
// people call the database that the folder is for.
Result<void> check_database_type(const Metadata& metadata, const std::vector<std::string_view>& names,
                                 std::string_view folder_kind);

// Version, description, author, time and dependencies, into `out`.
Result<void> take_metadata(const Source& source, const Metadata& metadata, ReadMigration& out);

}  // namespace godwit::format
