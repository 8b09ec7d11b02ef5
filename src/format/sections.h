// Cuts a script into what comes before the first marker, its up part and its
// down part, whatever the markers of its format look like.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/directive.h"
#include "format/file_scan.h"
#include "format/statement_finder.h"
#include "model/migration.h"

namespace godwit::format {

struct Section {
    int64_t begin = 0;
    int64_t end = 0;
    int32_t first_line = 1;
    Spot marker;                 // The line that started it; unknown when none did.
    Spot command;                // The first command, be it only BEGIN; unknown when there is none.
    Spot statement;              // The first one that changes something; unknown when there is none.
    bool no_op = false;          // Says `-- godwit: no-op`.
    bool only_comments = true;   // Each line that is not blank starts with `--`,
    bool commented_sql = false;  // and what follows the `--` reads as SQL.

    bool has_statement() const { return statement.known(); }
};

struct SectionedFile {
    FileFacts facts;
    Section before;  // All of the file where it has no marker.
    std::optional<Section> up;
    std::optional<Section> down;
    Directives directives;
};

// A `--` line in plain text that is not a directive.
struct CommentLine {
    const Line& line;
    std::string_view text;  // What follows the `--`,
    size_t at = 0;          // which is at this byte of the line.
    bool in_head = false;   // No marker and no statement has come yet.
};

// What one format makes of the lines of its files.
class Grammar {
public:
    virtual ~Grammar() = default;

    // The direction when the comment starts a section.
    virtual Result<std::optional<Direction>> on_comment(const CommentLine& comment) = 0;

    // Any other line, and every piece of a long one. Called for all lines while
    // reads_text(), else only for some.
    virtual Result<void> on_text(const Line&) { return {}; }
    virtual bool reads_text() const { return false; }

    // Whether what has been read so far is a head of free prose, not SQL.
    virtual bool in_prose() const { return false; }
};

// A file without sections: all of it is one part.
class PlainGrammar : public Grammar {
public:
    Result<std::optional<Direction>> on_comment(const CommentLine&) override { return std::nullopt; }
};

// Reads the file that `scan` has opened. kInvalidInput when a section is
// repeated (both lines are named), DOWN comes before UP, or SQL stands before
// the UP marker, where it would never run. `directives` are those that another
// file of the same migration has given.
Result<SectionedFile> read_sections(FileScan& scan, Grammar& grammar, ChecksumBuilder& checksum,
                                    Directives directives = {});

// The two directions of a migration, from a file that may hold both. An up part
// without a statement is unfinished unless it is marked as doing nothing on purpose;
// then there is nothing to undo either, and the down part is an empty script.
struct Bodies {
    Body up;
    Body down;
    std::optional<SourceSpan> unfinished;  // See Migration::unfinished.
};
struct BodyRules {
    bool may_be_empty = false;  // As in Alembic, where a merge of branches does nothing on purpose.
};
Result<Bodies> bodies_of(const SectionedFile& file, const BodyRules& rules);

// The down part from a file of its own; std::monostate when it holds no statement.
Body down_body_of(const SectionedFile& file);

}  // namespace godwit::format
