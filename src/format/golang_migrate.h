// golang-migrate's pairs of files: N_x.up.sql and N_x.down.sql. See docs/formats/other-tools.md.
#pragma once

#include "base/result.h"
#include "format/file_scan.h"
#include "format/head.h"
#include "format/source.h"

namespace godwit::format {

bool recognises_golang_migrate(const Source& source, const Head& head);
Result<void> read_golang_migrate(const Source& source, FileScan& scan, ReadMigration& out);

}  // namespace godwit::format
