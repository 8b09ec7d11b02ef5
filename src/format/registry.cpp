#include "format/registry.h"

#include <algorithm>
#include <array>

#include "format/dbmate.h"
#include "format/diesel.h"
#include "format/document.h"
#include "format/flyway.h"
#include "format/golang_migrate.h"
#include "format/goose.h"
#include "format/operations.h"
#include "format/revision.h"
#include "format/sql.h"

namespace godwit::format {

std::span<const Format> formats() {
    // Those that are told by their names first; `sql` takes what no other does.
    static constexpr std::array<Format, 9> kFormats = {{
        {"operations", recognises_document, read_document},
        {"operations", recognises_operations, read_operations},
        {"golang-migrate", recognises_golang_migrate, read_golang_migrate},
        {"flyway", recognises_flyway, read_flyway},
        {"diesel", recognises_diesel, read_diesel},
        {"revision", recognises_revision, read_revision},
        {"goose", recognises_goose, read_goose},
        {"dbmate", recognises_dbmate, read_dbmate},
        {"sql", recognises_sql, read_sql},
    }};
    return kFormats;
}

const Format* format_of(const Source& source, const Head& head) {
    for (const Format& format : formats()) {
        if (format.recognises(source, head)) return &format;
    }
    return nullptr;
}

}  // namespace godwit::format
