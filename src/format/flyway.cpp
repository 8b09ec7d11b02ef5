#include "format/flyway.h"

#include <fmt/format.h>

#include <optional>

#include "base/text.h"
#include "format/script_migration.h"
#include "format/sections.h"
#include "format/sql.h"
#include "model/checksum.h"

namespace godwit::format {
namespace {

constexpr size_t kLongestPlaceholder = 128;

// Finds the first `${name}`, also where it lies across two pieces of a long line.
class PlaceholderFinder {
public:
    void feed(const FileScan& scan, const Line& line) {
        for (size_t at = 0; at < line.text.size() && !found_; ++at) {
            const char c = line.text[at];
            if (c == '$') {
                name_ = "$";
                start_ = scan.spot(line, at);
            } else if (name_ == "$") {
                name_ = c == '{' ? "${" : "";
            } else if (!name_.empty()) {
                take(c);
            }
        }
        if (line.ends && !found_) name_.clear();
    }

    bool found() const { return found_; }
    const std::string& name() const { return name_; }
    const Spot& spot() const { return start_; }

private:
    // Flyway's names: letters, digits, and `_ . : -`.
    void take(char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        const bool part = letter || c == '_' || c == '.' || c == ':' || c == '-';
        found_ = c == '}' && name_.size() > 2;
        if (found_ || (part && name_.size() < kLongestPlaceholder))
            name_ += c;
        else
            name_.clear();
    }

    std::string name_;
    Spot start_;
    bool found_ = false;
};

class FlywayGrammar : public SqlGrammar {
public:
    using SqlGrammar::SqlGrammar;
    Result<void> on_text(const Line& line) override {
        if (!placeholder.found()) placeholder.feed(scan_, line);
        return {};
    }
    bool reads_text() const override { return !placeholder.found(); }

    PlaceholderFinder placeholder;
};

struct FlywaySettings {
    bool in_transaction = true;
    bool placeholders = true;
};

Result<FlywaySettings> read_flyway_settings(const Source& source, FileScan& scan) {
    FlywaySettings settings;
    if (source.settings.empty()) return settings;
    for (const auto& setting : TRY(read_settings(*source.directory, source.settings, scan))) {
        if (setting.key == "executeInTransaction")
            settings.in_transaction = TRY(truth_of(setting));
        else if (setting.key == "placeholderReplacement")
            settings.placeholders = TRY(truth_of(setting));
        else if (setting.key == "encoding" && equal_ignoring_case(setting.value, "UTF-8"))
            continue;
        else if (setting.key == "encoding") {
            return refuse(setting.where,
                          fmt::format("encoding {} is not supported", printable(setting.value)),
                          "Save the script as UTF-8 and remove the setting.");
        } else {
            const std::optional<std::string> meant =
                nearest(setting.key, {"executeInTransaction", "placeholderReplacement", "encoding"});
            return refuse(
                setting.where, fmt::format("unknown setting \"{}\"", printable(setting.key)),
                meant ? fmt::format("Did you mean {}?", *meant)
                      : "The settings read are executeInTransaction, placeholderReplacement and encoding.");
        }
    }
    return settings;
}

}  // namespace

bool recognises_flyway(const Source& source, const Head&) {
    return source.kind == SourceKind::kVersioned || source.kind == SourceKind::kRepeatable;
}

Result<void> read_flyway(const Source& source, FileScan& scan, ReadMigration& out) {
    FlywayGrammar grammar(scan);
    ChecksumBuilder checksum;
    const SectionedFile file = TRY(read_sections(scan, grammar, checksum));
    out.migration.checksum = checksum.finish();
    const bool sections = file.up || file.down;
    if (sections && source.kind == SourceKind::kRepeatable) {
        return refuse((file.up ? file.up : file.down)->marker.in(file.facts.shown),
                      "a repeatable migration has no sections",
                      "Remove the line; a repeatable migration is run again, never reverted.");
    }
    CHECK(take_script(source, scan, file, {}, out));
    take_head(grammar, file, out);
    if (sections) out.migration.format = "sql";
    const FlywaySettings settings = TRY(read_flyway_settings(source, scan));
    if (!settings.in_transaction) out.migration.options.transaction = TransactionWish::kOff;
    if (!settings.placeholders || sections || !grammar.placeholder.found()) return {};
    return refuse(
        grammar.placeholder.spot().in(file.facts.shown),
        fmt::format("Flyway's placeholder {} has no value here", printable(grammar.placeholder.name())),
        fmt::format("Write the value into the file, or, where the text is meant as it stands, set "
                    "placeholderReplacement=false in {}.conf.",
                    shown_name(source.script)));
}

}  // namespace godwit::format
