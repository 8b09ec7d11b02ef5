// goose's files: `-- +goose Up` and `-- +goose Down`. See docs/formats/other-tools.md.
#pragma once

#include "base/result.h"
#include "format/file_scan.h"
#include "format/head.h"
#include "format/source.h"

namespace godwit::format {

bool recognises_goose(const Source& source, const Head& head);
Result<void> read_goose(const Source& source, FileScan& scan, ReadMigration& out);

}  // namespace godwit::format
