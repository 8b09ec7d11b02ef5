#include "format/sections.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"

namespace godwit::format {
namespace {

class SectionReader : public LineHandler {
public:
    SectionReader(const FileScan& scan, Dialect dialect, Grammar& grammar, SectionedFile& file)
        : scan_(scan), dialect_(dialect), grammar_(grammar), file_(file), finder_(dialect) {
        current_ = &file.before;
        lexical = !grammar.in_prose();
    }

    Result<void> on_line(const Line& line) override {
        const bool comment = line.starts && line.plain_text && line.is_comment();
        if (line.starts) in_long_comment_ = comment && !line.ends;
        if (comment)
            CHECK(on_comment(line));
        else if (!in_long_comment_)
            CHECK(on_text(line));
        lexical = !grammar_.in_prose();
        every_line =
            !lexical || !current_->has_statement() || current_->only_comments || grammar_.reads_text();
        return {};
    }

private:
    Result<void> on_comment(const Line& line) {
        if (!line.ends) return {};  // Longer than any marker or option.
        CHECK(refuse_carriage_return(line));
        const size_t at = line.text.find("--") + 2;
        const std::string_view comment = line.text.substr(at);
        if (TRY(file_.directives.read(scan_, line, comment, at))) {
            current_->no_op = current_->no_op || std::exchange(file_.directives.no_op, false);
            return {};
        }
        const std::optional<Direction> direction = TRY(grammar_.on_comment({line, comment, at, in_head()}));
        if (direction) return start(*direction, line, at);
        note_commented_sql(comment);
        return {};
    }

    Result<void> on_text(const Line& line) {
        if (!trim(line.text).empty()) current_->only_comments = false;
        if (!current_->has_statement() && !grammar_.in_prose()) {
            const StatementFinder::Found found = finder_.feed(line.text, line.ends);
            if (found.command && !current_->command.known())
                current_->command = scan_.spot(line, *found.command);
            if (found.statement) current_->statement = scan_.spot(line, *found.statement);
        }
        return grammar_.on_text(line);
    }

    bool in_head() const { return current_ == &file_.before && !current_->has_statement(); }

    // PostgreSQL ends a comment at a lone carriage return, SQLite does not: what
    // follows would be run by the one and skipped by the other.
    Result<void> refuse_carriage_return(const Line& line) const {
        const size_t at = line.text.find('\r');
        if (at == std::string_view::npos) return {};
        return refuse(scan_.place(line, at), "a carriage return without a line feed inside a comment",
                      "Save the file with LF or CRLF line ends.");
    }

    Result<void> start(Direction direction, const Line& line, size_t at) {
        const Spot spot = scan_.spot(line, at - 2);
        const auto place = [&] { return spot.in(scan_.shown()); };
        std::optional<Section>& section = direction == Direction::kUp ? file_.up : file_.down;
        const std::string_view name = direction == Direction::kUp ? "up" : "down";
        if (section) {
            return refuse(
                place(),
                fmt::format("a second {} section; the first starts in line {}", name, section->marker.line),
                "Keep one of the two, or put the other into a migration of its own.");
        }
        if (direction == Direction::kUp && file_.down) {
            return refuse(place(),
                          fmt::format("the up section starts after the down section of line {}",
                                      file_.down->marker.line),
                          "Put the up section first.");
        }
        if (direction == Direction::kUp && file_.before.command.known()) {
            return refuse(
                file_.before.command.in(scan_.shown()),
                fmt::format("this statement stands before the up section of line {} and would never run",
                            line.number),
                "Move it below the line that starts the up section.");
        }
        current_->end = line.begin;
        section.emplace();
        section->begin = line.next;
        section->first_line = line.number + 1;
        section->marker = spot;
        current_ = &*section;
        finder_ = StatementFinder(dialect_);
        return {};
    }

    // A commented-out script is told from prose by a line that begins with an
    // SQL verb, in capitals or followed by a line that ends with a semicolon.
    void note_commented_sql(std::string_view comment) {
        if (current_ != (file_.down ? &*file_.down : nullptr) || current_->commented_sql) return;
        const std::string_view text = trim(comment);
        verb_seen_ = verb_seen_ || begins_with_verb(text);
        current_->commented_sql = begins_with_capital_verb(text) || (verb_seen_ && text.ends_with(';'));
    }

    const FileScan& scan_;
    Dialect dialect_;
    Grammar& grammar_;
    SectionedFile& file_;
    StatementFinder finder_;
    Section* current_ = nullptr;
    bool in_long_comment_ = false;
    bool verb_seen_ = false;
};

Script script_of(const SectionedFile& file, const Section& section) {
    Script script;
    script.path = file.facts.path;
    script.file = file.facts.shown;
    script.begin = section.begin;
    script.end = section.end;
    script.first_line = section.first_line;
    script.file_size = file.facts.size;
    script.file_mtime_ns = file.facts.mtime_ns;
    return script;
}

Body down_body_of(const SectionedFile& file, const Section& section) {
    const bool commented = section.only_comments && section.commented_sql;
    if (!section.has_statement() && !commented && !section.no_op) return std::monostate{};
    Script script = script_of(file, section);
    script.commented_out = commented && !section.no_op;
    return script;
}

}  // namespace

Result<SectionedFile> read_sections(FileScan& scan, Grammar& grammar, ChecksumBuilder& checksum,
                                    Directives directives) {
    SectionedFile file;
    file.directives = std::move(directives);
    SectionReader reader(scan, scan.dialect(), grammar, file);
    file.facts = TRY(scan.run(reader, checksum));
    file.before.begin = file.facts.begin;
    Section& last = file.down ? *file.down : file.up ? *file.up : file.before;
    last.end = file.facts.size;
    return file;
}

Result<Bodies> bodies_of(const SectionedFile& file, const BodyRules& rules) {
    const Section& up = file.up ? *file.up : file.before;
    const bool no_op = up.no_op || (file.up && file.before.no_op);
    if (no_op && up.has_statement()) {
        return refuse(up.statement.in(file.facts.shown), "the file says no-op but holds a statement",
                      "Remove `-- godwit: no-op`, or the statement.");
    }
    Bodies bodies;
    bodies.up = script_of(file, up);
    if (file.down) bodies.down = down_body_of(file, *file.down);
    if (!up.has_statement() && !no_op && !rules.may_be_empty) {
        bodies.unfinished = up.marker.known() ? up.marker.in(file.facts.shown) : SourceSpan{file.facts.shown};
        return bodies;
    }
    // What does nothing is undone by nothing.
    if (!up.has_statement() && std::holds_alternative<std::monostate>(bodies.down)) {
        Script nothing = script_of(file, up);
        nothing.end = nothing.begin;
        bodies.down = std::move(nothing);
    }
    return bodies;
}

Body down_body_of(const SectionedFile& file) { return down_body_of(file, file.before); }

}  // namespace godwit::format
