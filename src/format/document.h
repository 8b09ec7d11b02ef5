// JSON operations of a database that does not speak SQL. See docs/formats/operations.md.
#pragma once

#include "base/result.h"
#include "format/file_scan.h"
#include "format/head.h"
#include "format/source.h"

namespace godwit::format {

bool recognises_document(const Source& source, const Head& head);
// Flat in memory, however many items the operations hold. The operations themselves are
// looked at as far as they are JSON objects with a type: the rest is their database's.
Result<void> read_document(const Source& source, FileScan& scan, ReadMigration& out);

}  // namespace godwit::format
