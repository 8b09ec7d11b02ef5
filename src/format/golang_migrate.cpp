#include "format/golang_migrate.h"

#include "format/script_migration.h"
#include "format/sections.h"
#include "model/checksum.h"

namespace godwit::format {

bool recognises_golang_migrate(const Source& source, const Head&) {
    return source.kind == SourceKind::kUpDownFiles;
}

Result<void> read_golang_migrate(const Source& source, FileScan& scan, ReadMigration& out) {
    PlainGrammar grammar;
    ChecksumBuilder checksum;
    const SectionedFile file = TRY(read_sections(scan, grammar, checksum));
    out.migration.checksum = checksum.finish();
    return take_script(source, scan, file, {}, out);
}

}  // namespace godwit::format
