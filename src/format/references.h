// Turns what migrations call each other into ids.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "format/folder.h"
#include "format/source.h"

namespace godwit::format {

// What one migration refers to.
struct Pending {
    size_t index = 0;  // Of the migration.
    std::vector<RawReference> references;
};

// Fills Migration::depends_on from `pending`; `sources` are those of `migrations`,
// in the same order. A reference may be a file's name
// with or without its ending, a version, a revision id, or one of these behind
// `database:` or the kind of a database that only one of the project is of; a
// kind that several are of is one of `faults`. Whether such a migration exists is
// for the graph to say; but a reference from prose that looks like nothing of the
// kind becomes a note.
void resolve_references(const std::vector<Source>& sources, const std::vector<Pending>& pending,
                        const FolderOptions& options, std::vector<Migration>& migrations,
                        std::vector<Error>& faults);

}  // namespace godwit::format
