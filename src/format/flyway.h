// Flyway's files: V1__x.sql, U1__x.sql, R__x.sql and V1__x.sql.conf. See docs/formats/other-tools.md.
#pragma once

#include "base/result.h"
#include "format/file_scan.h"
#include "format/head.h"
#include "format/source.h"

namespace godwit::format {

bool recognises_flyway(const Source& source, const Head& head);
Result<void> read_flyway(const Source& source, FileScan& scan, ReadMigration& out);

}  // namespace godwit::format
