// JSON metadata with the statements in an .sql file of the same name. See docs/formats/operations.md.
#pragma once

#include "base/result.h"
#include "format/file_scan.h"
#include "format/head.h"
#include "format/source.h"

namespace godwit::format {

bool recognises_operations(const Source& source, const Head& head);
Result<void> read_operations(const Source& source, FileScan& scan, ReadMigration& out);

}  // namespace godwit::format
