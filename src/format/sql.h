// SQL with sections: VERSION_description.sql, `-- UP` and `-- DOWN`. See docs/formats/sql.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/head.h"
#include "format/sections.h"
#include "format/source.h"

namespace godwit::format {

// The grammar of such a file, for the formats that build upon it.
class SqlGrammar : public Grammar {
public:
    explicit SqlGrammar(const FileScan& scan);
    Result<std::optional<Direction>> on_comment(const CommentLine& comment) override;

    const HeadReader& head() const { return head_; }
    // Lines that may have been meant as a DOWN marker; to be told where there is no down part.
    const std::vector<std::string>& near_misses() const { return near_misses_; }

protected:
    const FileScan& scan_;

private:
    Result<void> refuse_foreign_marker(const CommentLine& comment) const;

    HeadReader head_;
    std::vector<std::string> near_misses_;
};

// Adds what the grammar has read: the head's fields and notes.
void take_head(const SqlGrammar& grammar, const SectionedFile& file, ReadMigration& out);

bool recognises_sql(const Source& source, const Head& head);
Result<void> read_sql(const Source& source, FileScan& scan, ReadMigration& out);

}  // namespace godwit::format
