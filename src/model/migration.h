// A migration as read from files: data only, no behaviour, no I/O.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/source_span.h"

namespace godwit {

// Unique over all databases of a project. `version` is an opaque token:
// "0007", "2.1.0", "e6239818bb3a". Order comes from the graph, never from
// comparing ids; the ordering here only makes containers and output stable.
struct MigrationId {
    std::string database;  // The name in the project file, "main" by default.
    std::string version;
    auto operator<=>(const MigrationId&) const = default;
};

// How a version reads, which decides the default order within one database.
enum class Scheme : uint8_t {
    kTimestamp,   // 14 digits, or YYYYMMDD_HHMMSS / YYYYMMDD_NNNNNN.
    kNumber,      // 7, 0007.
    kDotted,      // 1.2, 2.0.0-rc.1: numbers compared one by one.
    kRevision,    // A revision id; order comes from `parents` alone.
    kRepeatable,  // Flyway's R__: run again whenever its text changes, after all others.
};

enum class Direction : uint8_t { kUp, kDown };

enum class Phase : uint8_t { kNone, kExpand, kBackfill, kContract };

// A stretch of a text file that holds statements in a database's own language.
// It names the bytes instead of holding them, so that a script of any size is
// read in flat memory.
struct Script {
    std::string path;           // To open it.
    std::string file;           // To show it.
    int64_t begin = 0;          // Byte offset of the first byte (after a byte-order mark).
    int64_t end = 0;            // One past the last byte.
    int32_t first_line = 1;     // Line number of `begin`.
    int32_t first_column = 1;   // Its column, in code points.
    bool commented_out = false; // Each line starts with `--`, which is not part of the script.
    int64_t file_size = 0;      // As it was when read; a file that changes meanwhile is refused.
    int64_t file_mtime_ns = 0;
};

// One indivisible change as data, so that the same plan can be printed,
// checked, sent or applied.
struct Step {
    // How the target reads `body`: "sql", or a document operation such as
    // "create_index". Empty where `body` says it itself: LedgerEntry::inverses.
    std::string verb;
    std::string body;
    SourceSpan where;  // Where `body` starts.
};

// What one direction of a migration consists of: nothing (irreversible), a
// script that the target splits into steps by its own grammar, or operations.
using Body = std::variant<std::monostate, Script, std::vector<Step>>;

enum class TransactionWish : uint8_t { kAuto, kOff };

// From `-- godwit: key=value` lines.
struct MigrationOptions {
    TransactionWish transaction = TransactionWish::kAuto;
    std::optional<std::chrono::milliseconds> lock_timeout;
    std::optional<std::chrono::milliseconds> statement_timeout;
    Phase phase = Phase::kNone;
};

// A name that `depends_on` or `parents` uses before the graph has resolved it.
struct Reference {
    MigrationId id;
    SourceSpan where;  // Where it was written; unknown for an implied parent.
};

struct Migration {
    MigrationId id;
    std::string description;  // "add email"; from the head, else from the file's name.
    std::string author;
    std::string created;      // As written: "2025-01-04 10:00:00".
    std::string format;       // "sql", "revision", "operations", "golang-migrate", "goose", ...
    Scheme scheme = Scheme::kNumber;

    SourceSpan where;          // The file with the up part, as shown; line of the head.
    std::string down_file;     // The file with the down part when it is another one; as shown.

    // Explicit parents come from a revision head. Where `explicit_parents` is
    // false, Graph::build makes the next lower version of the same database the
    // parent.
    bool explicit_parents = false;
    std::vector<Reference> parents;     // Must be applied before; define heads.
    std::vector<Reference> depends_on;  // Must be applied before; no lineage.
    std::vector<std::string> labels;
    SourceSpan labels_where;            // Of the first; unknown when there are none.

    Body up;
    Body down;
    // Where its statements are awaited, in a file that nobody has filled in yet: such a migration
    // is listed, and refused only when it would run.
    std::optional<SourceSpan> unfinished;
    MigrationOptions options;

    std::string checksum;                        // "sha256-…" of the normalised text, see model/checksum.h.
    std::vector<std::string> notes;              // What was read but ignored, one sentence each.

    bool reversible() const { return !std::holds_alternative<std::monostate>(down); }
    const Body& body(Direction d) const { return d == Direction::kUp ? up : down; }
};

}  // namespace godwit
