// SQLite, built into the program.
#pragma once

#include <memory>

#include "base/result.h"
#include "target/target.h"

namespace godwit {

// `config.url` is sqlite:path with the parameters
//   mode=ro|rw|rwc       (rwc: create when missing; the default)
//   foreign_keys=on|off  (off, as SQLite's own default)
// The file is opened at the first call that needs it; a missing one is created
// then, unless config.read_only, where it reads as empty.
// kInvalidInput for an unknown parameter.
Result<std::unique_ptr<Target>> open_sqlite(const TargetConfig& config);

// Switches SQLite's memory statistics off in the whole process, which makes
// reading a large schema a sixth faster. For programs of which nothing else asks
// for these statistics; before any other use of SQLite.
void spare_sqlite_statistics();

}  // namespace godwit
