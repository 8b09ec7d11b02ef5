#include "format/script_migration.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "model/checksum.h"

namespace godwit::format {
namespace {

constexpr int64_t kLargestSettings = 64 * 1024;

// Keeps the text of a small file that a scan reads and checks.
class TextCollector : public LineHandler {
public:
    Result<void> on_line(const Line& line) override {
        text.append(line.text);
        if (line.next > line.begin + static_cast<int64_t>(line.text.size())) text += '\n';
        return {};
    }
    std::string text;
};

Result<void> take_down_file(const Source& source, FileScan& scan, Directives directives, ReadMigration& out) {
    Migration& migration = out.migration;
    if (migration.reversible()) {
        const auto& script = std::get<Script>(migration.down);
        if (script.begin < script.end) {
            return refuse({source.directory->shown(source.down_script)},
                          fmt::format("is a second down script; {} has one from line {} on", script.file,
                                      script.first_line),
                          "Keep one of the two.");
        }
    }
    CHECK(open_in(source, source.down_script, scan));
    ChecksumBuilder unused;  // See docs/formats/: a down file is not part of the checksum.
    PlainGrammar plain;
    SectionedFile file = TRY(read_sections(scan, plain, unused, std::move(directives)));
    Body down = down_body_of(file);
    if (!std::holds_alternative<std::monostate>(down))
        migration.down = std::move(down);
    else if (!migration.reversible() && !migration.unfinished) {
        migration.notes.push_back(
            fmt::format("{}: holds no statement, so the migration cannot be reverted", file.facts.shown));
    }
    migration.down_file = file.facts.shown;
    migration.options = file.directives.options;
    out.depends_on = std::move(file.directives.depends_on);
    return {};
}

}  // namespace

Result<void> take_script(const Source& source, FileScan& scan, const SectionedFile& file,
                         const BodyRules& rules, ReadMigration& out) {
    Migration& migration = out.migration;
    migration.where.file = file.facts.shown;
    migration.where.line = 1;
    migration.where.offset = 0;
    if (source.version) {
        migration.id.version = source.version->version;
        migration.scheme = source.version->scheme;
        migration.description = source.version->description;
    }
    Bodies bodies = TRY(bodies_of(file, rules));
    migration.up = std::move(bodies.up);
    migration.down = std::move(bodies.down);
    migration.unfinished = std::move(bodies.unfinished);
    if (file.down && !migration.reversible() && !migration.unfinished) {
        migration.notes.push_back(
            fmt::format("{}: the down section holds no statement, so the migration cannot be reverted",
                        to_string(file.down->marker.in(file.facts.shown))));
    }
    if (!source.down_script.empty()) return take_down_file(source, scan, file.directives, out);
    migration.options = file.directives.options;
    out.depends_on = file.directives.depends_on;
    return {};
}

Result<void> open_in(const Source& source, const std::string& name, FileScan& scan) {
    return scan.open(TRY(source.directory->open_file(name)));
}

Result<std::string> read_small_file(const Directory& directory, const std::string& name, int64_t limit_bytes,
                                    FileScan& scan, ChecksumBuilder& checksum) {
    OpenFile file = TRY(directory.open_file(name));
    if (file.size > limit_bytes) {
        return refuse({file.shown},
                      fmt::format("the file has {} bytes; at most {} are read", file.size, limit_bytes),
                      "Make it smaller.");
    }
    CHECK(scan.open(std::move(file)));
    TextCollector collector;
    collector.lexical = false;
    CHECK(scan.run(collector, checksum));
    return std::move(collector.text);
}

SourceSpan place_in(const std::string& shown, std::string_view text, size_t at) {
    const std::string_view before = text.substr(0, at);
    const size_t line_end = before.rfind('\n');
    const std::string_view in_line =
        line_end == std::string_view::npos ? before : before.substr(line_end + 1);
    SourceSpan place;
    place.file = shown;
    place.line = 1 + static_cast<int32_t>(std::count(before.begin(), before.end(), '\n'));
    place.column = 1 + static_cast<int32_t>(code_points(in_line));
    return place;
}

Result<std::vector<Setting>> read_settings(const Directory& directory, const std::string& name,
                                           FileScan& scan) {
    ChecksumBuilder unused;
    const std::string text = TRY(read_small_file(directory, name, kLargestSettings, scan, unused));
    std::vector<Setting> settings;
    for (const std::string_view raw : split(text, '\n')) {
        const std::string_view line = trim(raw.substr(0, raw.find('#')));
        if (line.empty() || line.front() == '[') continue;
        SourceSpan where =
            place_in(directory.shown(name), text, static_cast<size_t>(line.data() - text.data()));
        const size_t equals = line.find('=');
        if (equals == std::string_view::npos) {
            return refuse(std::move(where), fmt::format("\"{}\" is no setting", printable(line)),
                          "Write each setting as key=value.");
        }
        std::string_view value = trim(line.substr(equals + 1));
        if (value.size() > 1 && (value.front() == '"' || value.front() == '\'') &&
            value.front() == value.back()) {
            value = value.substr(1, value.size() - 2);
        }
        settings.push_back({std::string(trim(line.substr(0, equals))), std::string(value), std::move(where)});
    }
    return settings;
}

Result<bool> truth_of(const Setting& setting) {
    if (equal_ignoring_case(setting.value, "true")) return true;
    if (equal_ignoring_case(setting.value, "false")) return false;
    return refuse(setting.where,
                  fmt::format("\"{}\" is no value for {}", printable(setting.value), setting.key),
                  "Write true or false.");
}

}  // namespace godwit::format
