// dbmate's files: `-- migrate:up` and `-- migrate:down`. See docs/formats/other-tools.md.
#pragma once

#include "base/result.h"
#include "format/file_scan.h"
#include "format/head.h"
#include "format/source.h"

namespace godwit::format {

bool recognises_dbmate(const Source& source, const Head& head);
Result<void> read_dbmate(const Source& source, FileScan& scan, ReadMigration& out);

}  // namespace godwit::format
