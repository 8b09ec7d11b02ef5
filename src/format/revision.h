// Alembic's revisions as SQL: a head with `Revision ID:` and `Revises:`, then
// `-- upgrade` and `-- downgrade`. See docs/formats/revision.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/file_scan.h"
#include "format/head.h"
#include "format/source.h"

namespace godwit::format {

bool recognises_revision(const Source& source, const Head& head);
Result<void> read_revision(const Source& source, FileScan& scan, ReadMigration& out);

// Empty when `id` can serve as a revision id, else what is wrong with it.
std::string revision_id_fault(std::string_view id);

// The revision id of one of Alembic's own Python files, from its first stretch;
// nothing when it is no revision.
std::optional<std::string> python_revision_id(std::string_view head);

}  // namespace godwit::format
