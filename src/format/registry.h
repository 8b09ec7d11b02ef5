// The formats that are known, in the order in which they are asked.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "format/file_scan.h"
#include "format/head.h"
#include "format/source.h"

namespace godwit::format {

struct Format {
    std::string_view name;  // Becomes Migration::format.
    // Whether these files are of this format. `head` is that of the script,
    // unchecked; empty where the source has metadata to be read first.
    bool (*recognises)(const Source& source, const Head& head);
    // Reads them into `out`. `scan` has the script open, unless there is metadata.
    Result<void> (*read)(const Source& source, FileScan& scan, ReadMigration& out);
};

std::span<const Format> formats();

// Null when none recognises it.
const Format* format_of(const Source& source, const Head& head);

}  // namespace godwit::format
