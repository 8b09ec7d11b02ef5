// Turns what migrations call each other into ids.
#pragma once

#include <string>
#include <vector>

#include "format/source.h"

namespace godwit::format {

// A migration and the files it was read from.
struct NamedMigration {
    const Source* source = nullptr;
    ReadMigration read;
};

// Fills Migration::depends_on from `depends_on`. A reference may be a file's name
// with or without its ending, a version, a revision id, or one of these behind
// `database:`. Whether such a migration exists is for the graph to say; but a
// reference from prose that looks like nothing of the kind becomes a note.
void resolve_references(std::vector<NamedMigration>& migrations, const std::string& database);

}  // namespace godwit::format
