#include "format/diesel.h"

#include <fmt/format.h>

#include "base/text.h"
#include "format/script_migration.h"
#include "format/sections.h"
#include "model/checksum.h"

namespace godwit::format {

bool recognises_diesel(const Source& source, const Head&) { return source.kind == SourceKind::kFolder; }

Result<void> read_diesel(const Source& source, FileScan& scan, ReadMigration& out) {
    PlainGrammar grammar;
    ChecksumBuilder checksum;
    const SectionedFile file = TRY(read_sections(scan, grammar, checksum));
    out.migration.checksum = checksum.finish();
    CHECK(take_script(source, scan, file, {}, out));
    if (source.settings.empty()) return {};
    for (const auto& setting : TRY(read_settings(*source.directory, source.settings, scan))) {
        if (setting.key != "run_in_transaction") {
            out.migration.notes.push_back(fmt::format("{}: {} is not a setting that is read",
                                                      to_string(setting.where), printable(setting.key)));
        } else if (!TRY(truth_of(setting))) {
            out.migration.options.transaction = TransactionWish::kOff;
        }
    }
    return {};
}

}  // namespace godwit::format
