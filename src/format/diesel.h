// diesel's folders: 2024-01-01-000000_x/up.sql, down.sql and metadata.toml. See docs/formats/other-tools.md.
#pragma once

#include "base/result.h"
#include "format/file_scan.h"
#include "format/head.h"
#include "format/source.h"

namespace godwit::format {

bool recognises_diesel(const Source& source, const Head& head);
Result<void> read_diesel(const Source& source, FileScan& scan, ReadMigration& out);

}  // namespace godwit::format
