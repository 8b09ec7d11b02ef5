#include "format/sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "format/marker.h"
#include "format/script_migration.h"

namespace godwit::format {
namespace {

constexpr size_t kNearMissesTold = 3;

struct ForeignMarker {
    std::string_view begins;  // In lower case, after blanks.
    std::string_view format;
    std::string_view remedy;
};

constexpr std::array<ForeignMarker, 3> kForeignMarkers = {{
    {"+goose ", "goose", "Put `-- +goose Up` before the first statement, or write -- UP and -- DOWN."},
    {"migrate:", "dbmate", "Put `-- migrate:up` before the first statement, or write -- UP and -- DOWN."},
    {"+migrate ", "sql-migrate", "Write -- UP and -- DOWN; sql-migrate's own lines are not read."},
}};

constexpr std::array<std::string_view, 8> kKeys = {"migration",   "author",       "date",       "created",
                                                   "description", "dependencies", "dependency", "depends on"};
constexpr std::array<std::string_view, 1> kFlowingKeys = {"description"};

// The version or the file's name in the place of a title says nothing new.
bool is_title(std::string_view text, const Migration& migration) {
    return !text.empty() && !text.starts_with(migration.id.version) && !without_ending(text, ".sql");
}

}  // namespace

SqlGrammar::SqlGrammar(const FileScan& scan) : scan_(scan), head_(kKeys, kFlowingKeys) {}

Result<std::optional<Direction>> SqlGrammar::on_comment(const CommentLine& comment) {
    CHECK(refuse_foreign_marker(comment));
    const std::optional<Direction> direction = section_marker(comment.text, kUpDown);
    if (direction) return direction;
    if (comment.in_head && head_.read(scan_, comment.line, comment.text, comment.at)) return direction;
    if (near_misses_.size() < kNearMissesTold && resembles_down_marker(comment.text)) {
        near_misses_.push_back(fmt::format("{}: \"{}\" starts no down section; a line `-- DOWN` does",
                                           to_string(scan_.place(comment.line, comment.at - 2)),
                                           printable(trim(comment.line.text))));
    }
    return direction;
}

// A marker of another format that is taken for a comment would run the down part
// together with the up part.
Result<void> SqlGrammar::refuse_foreign_marker(const CommentLine& comment) const {
    const std::string_view text = trim(comment.text);
    const auto place = [&] { return scan_.place(comment.line, comment.at - 2); };
    for (const ForeignMarker& marker : kForeignMarkers) {
        if (!equal_ignoring_case(text.substr(0, marker.begins.size()), marker.begins)) continue;
        return refuse(
            place(),
            fmt::format("\"{}\" belongs to files of {}, and this is none", printable(text), marker.format),
            std::string(marker.remedy));
    }
    std::string_view word = text;
    while (word.ends_with(':')) word.remove_suffix(1);
    if (!equal_ignoring_case(word, kUpgradeDowngrade.up) &&
        !equal_ignoring_case(word, kUpgradeDowngrade.down))
        return {};
    return refuse(
        place(),
        fmt::format("\"{}\" belongs to revision files, and this one has no `Revision ID:`", printable(text)),
        "Add the head of a revision, or write -- UP and -- DOWN.");
}

void take_head(const SqlGrammar& grammar, const SectionedFile& file, ReadMigration& out) {
    Migration& migration = out.migration;
    const auto field = [&](std::string_view key) {
        const Field* found = grammar.head().find(key);
        return found == nullptr ? std::string() : text_of(*found);
    };
    const std::string title = field("migration");
    if (is_title(title, migration))
        migration.description = title;
    else if (std::string text = field("description"); !text.empty())
        migration.description = std::move(text);
    migration.author = field("author");
    migration.created = field("date");
    if (migration.created.empty()) migration.created = field("created");
    for (const std::string_view key : {"dependencies", "dependency", "depends on"}) {
        const Field* found = grammar.head().find(key);
        if (found == nullptr) continue;
        for (RawReference& reference : references_in(*found, file.facts.shown, true))
            out.depends_on.push_back(std::move(reference));
    }
    if (file.down || !migration.down_file.empty()) return;
    for (const std::string& note : grammar.near_misses()) migration.notes.push_back(note);
}

bool recognises_sql(const Source& source, const Head&) {
    return source.kind == SourceKind::kPlain && source.version.has_value();
}

Result<void> read_sql(const Source& source, FileScan& scan, ReadMigration& out) {
    SqlGrammar grammar(scan);
    ChecksumBuilder checksum;
    const SectionedFile file = TRY(read_sections(scan, grammar, checksum));
    out.migration.checksum = checksum.finish();
    CHECK(take_script(source, scan, file, {}, out));
    take_head(grammar, file, out);
    return {};
}

}  // namespace godwit::format
