#include "format/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "base/text.h"

namespace godwit::format {
namespace {

constexpr std::string_view kRollback = "_rollback";

struct CodeEnding {
    std::string_view ending;
    std::string_view language;
};
constexpr std::array<CodeEnding, 7> kCodeEndings = {{{".java", "Java"},
                                                     {".class", "Java"},
                                                     {".kt", "Kotlin"},
                                                     {".groovy", "Groovy"},
                                                     {".go", "Go"},
                                                     {".rs", "Rust"},
                                                     {".js", "JavaScript"}}};

// Flyway's callbacks that lie among the migrations.
bool is_callback(std::string_view stem) {
    const std::string_view name = stem.substr(0, stem.find("__"));
    constexpr std::array<std::string_view, 14> kNames = {"beforeMigrate",
                                                         "beforeEachMigrate",
                                                         "afterEachMigrate",
                                                         "afterEachMigrateError",
                                                         "afterMigrate",
                                                         "afterMigrateError",
                                                         "beforeRepeatables",
                                                         "afterMigrateApplied",
                                                         "beforeValidate",
                                                         "afterValidate",
                                                         "afterVersioned",
                                                         "beforeEachMigrateStatement",
                                                         "afterEachMigrateStatement",
                                                         "afterConnect"};
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// A file that belongs to an up script, which may come later in the listing.
struct Companion {
    std::string name;
    std::string key;
};

class Sorter {
public:
    Sorter(const Directory& directory, Dialect dialect)
        : directory_(directory), documents_(dialect == Dialect::kDocument) {}

    Result<Sources> sort() {
        entries_ = TRY(directory_.list());
        any_json_ = std::any_of(entries_.begin(), entries_.end(), [](const Entry& entry) {
            return without_ending(entry.name, ".json").has_value();
        });
        out_.sources.reserve(entries_.size());
        for (const Entry& entry : entries_) {
            if (is_editor_leftover(entry.name)) continue;
            take(entry);
        }
        attach();
        return std::move(out_);
    }

private:
    bool has(const std::string& name) const {
        const auto at =
            std::lower_bound(entries_.begin(), entries_.end(), name,
                             [](const Entry& entry, const std::string& text) { return entry.name < text; });
        return at != entries_.end() && at->name == name;
    }
    bool has_json(std::string_view stem) const { return any_json_ && has(std::string(stem) + ".json"); }

    void fault(const std::string& name, std::string message, std::string remedy) {
        out_.faults.push_back(make_error(ErrorCode::kInvalidInput, std::move(message))
                                  .at({directory_.shown(name)})
                                  .with_remedy(std::move(remedy)));
    }
    void note(const std::string& name, std::string_view text) {
        out_.notes.push_back(fmt::format("{}: {}", directory_.shown(name), text));
    }

    void take(const Entry& entry) {
        EntryKind kind = entry.kind;
        if (kind == EntryKind::kLink) {
            Result<EntryKind> target = directory_.target_of_link(entry.name);
            if (!target) {
                out_.faults.push_back(std::move(target).error());
                return;
            }
            kind = *target == EntryKind::kFolder ? EntryKind::kLink : *target;
        }
        if (kind == EntryKind::kLink) {
            return fault(entry.name, "is a symbolic link to a folder",
                         "Put the files themselves in the migrations folder.");
        }
        if (kind == EntryKind::kFolder) return take_folder(entry.name);
        if (const auto stem = without_ending(entry.name, ".sql")) return take_sql(entry.name, *stem);
        if (const auto stem = without_ending(entry.name, ".json")) return take_json(entry.name, *stem);
        if (const auto script = without_ending(entry.name, ".conf");
            script && without_ending(*script, ".sql")) {
            settings_.push_back({entry.name, key_of(SourceKind::kPlain, *script)});
            return;
        }
        if (without_ending(entry.name, ".py") && kind == EntryKind::kFile)
            return out_.python.push_back(entry.name);
        take_other(entry.name);
    }

    void take_other(const std::string& name) {
        for (const CodeEnding& each : kCodeEndings) {
            const auto stem = without_ending(name, each.ending);
            if (!stem ||
                !(version_in_name(*stem) || version_behind_prefix(*stem, 'V') || repeatable_name(*stem)))
                continue;
            return note(name, fmt::format("a migration in {} cannot be run; write it as SQL", each.language));
        }
        note(name, "not a migration, ignored");
    }

    void take_folder(const std::string& name) {
        Result<Directory> opened = directory_.open_folder(name);
        if (!opened) {
            out_.faults.push_back(std::move(opened).error());
            return;
        }
        const bool up = opened->kind_of("up.sql") != EntryKind::kUnknown;
        const bool down = opened->kind_of("down.sql") != EntryKind::kUnknown;
        if (!up && !down && without_ending(name, ".sql")) {
            return fault(name + "/", "is a folder, not a file",
                         "Put a regular file in its place, or take it out of the folder.");
        }
        if (!up && !down) return note(name + "/", "a folder without up.sql, ignored");
        if (!up)
            return fault(name + "/down.sql", "a down script without an up script",
                         "Add up.sql beside it, or remove it.");
        Source source;
        source.kind = SourceKind::kFolder;
        source.version = version_of_folder(name);
        if (!source.version) {
            return fault(name + "/", "the name of the folder gives no version",
                         "A version must come first, as in 2025-01-04-100000_add_email/up.sql.");
        }
        source.script = "up.sql";
        if (down) source.down_script = "down.sql";
        if (opened->kind_of("metadata.toml") != EntryKind::kUnknown) source.settings = "metadata.toml";
        source.directory = &out_.folders.emplace_back(std::move(*opened));
        out_.sources.push_back(std::move(source));
    }

    void take_document(const std::string& name, std::string_view stem) {
        if (const auto base = without_ending(stem, kRollback); base && has_json(*base)) return;
        Source source;
        source.kind = SourceKind::kMetadata;
        source.document = true;
        source.version = version_in_name(stem);
        if (!source.version) source.version = version_behind_prefix(stem, 'V');
        if (!source.version) return note(name, "not a migration, ignored");
        source.metadata = name;
        const std::string rollback = std::string(stem) + std::string(kRollback) + ".json";
        if (has(rollback)) source.down_script = rollback;
        add(std::move(source));
    }

    void take_json(const std::string& name, std::string_view stem) {
        if (documents_) return take_document(name, stem);
        if (const auto base = without_ending(stem, kRollback); base && has_json(*base)) {
            return fault(name, "the rollback of an SQL migration cannot stand in JSON",
                         fmt::format("Write it as SQL into {}.sql.", shown_name(stem)));
        }
        const std::string script = std::string(stem) + ".sql";
        std::optional<NamedVersion> version = version_in_name(stem);
        if (!version && !has(script)) return note(name, "not a migration, ignored");
        Source source;
        source.kind = SourceKind::kMetadata;
        source.metadata = name;
        if (has(script)) source.script = script;
        if (has(std::string(stem) + "_rollback.sql"))
            source.down_script = std::string(stem) + "_rollback.sql";
        source.version = std::move(version);
        add(std::move(source));
    }

    void take_sql(const std::string& name, std::string_view stem) {
        if (documents_) {
            return fault(name, "this database does not speak SQL",
                         "Write the migration as JSON with operations, or move the file to the folder of "
                         "the database it is meant for.");
        }
        if (has_json(stem)) return;  // Its metadata brings it.
        if (const auto base = without_ending(stem, kRollback)) {
            if (has_json(*base)) return;
            if (const std::string script = std::string(*base) + ".sql"; has(script)) {
                downs_.push_back({name, key_of(SourceKind::kPlain, script)});
                return;
            }
        }
        if (const auto base = without_ending(stem, ".up")) return take_up_file(name, *base);
        if (const auto base = without_ending(stem, ".down")) {
            return take_down_file(name, version_in_name(*base), SourceKind::kUpDownFiles);
        }
        if (stem.starts_with("U") && version_behind_prefix(stem, 'U')) {
            return take_down_file(name, version_behind_prefix(stem, 'U'), SourceKind::kVersioned);
        }
        Source source;
        source.script = name;
        if ((source.version = repeatable_name(stem)))
            source.kind = SourceKind::kRepeatable;
        else if ((source.version = version_behind_prefix(stem, 'V')))
            source.kind = SourceKind::kVersioned;
        else if ((source.version = version_in_name(stem)))
            source.kind = SourceKind::kPlain;
        else if (const auto baseline = version_behind_prefix(stem, 'B'))
            return take_baseline(name, *baseline);
        else if (is_callback(stem))
            return note(name, "a callback of Flyway is not run");
        add(std::move(source));
    }

    void take_up_file(const std::string& name, std::string_view stem) {
        Source source;
        source.kind = SourceKind::kUpDownFiles;
        source.script = name;
        source.version = version_in_name(stem);
        if (!source.version) return fault(name, "the name gives no version", std::string(kNamePatterns));
        add(std::move(source));
    }

    void take_down_file(const std::string& name, std::optional<NamedVersion> version, SourceKind kind) {
        if (!version) return fault(name, "the name gives no version", std::string(kNamePatterns));
        downs_.push_back({name, key_of(kind, version->version)});
    }

    // A baseline stands for the versions up to its own, on a new database. Where
    // they are all there, they are run instead.
    void take_baseline(const std::string& name, const NamedVersion& baseline) {
        const bool replaced = std::any_of(entries_.begin(), entries_.end(), [&](const Entry& each) {
            const auto stem = without_ending(each.name, ".sql");
            const auto version = stem ? version_behind_prefix(*stem, 'V') : std::nullopt;
            return version && version->version == baseline.version;
        });
        if (replaced) return note(name, "a baseline of Flyway is not run; the versions it stands for are");
        fault(name, "a baseline of Flyway is not supported",
              "Name it V… if the versions before it are gone.");
    }

    void add(Source source) {
        source.directory = &directory_;
        out_.sources.push_back(std::move(source));
    }

    // What a down script or settings name their up script by: the kind and
    // version of its name, or the name itself.
    static std::string key_of(SourceKind kind, std::string_view text) {
        return fmt::format("{}:{}", static_cast<int>(kind), text);
    }

    void attach() {
        if (downs_.empty() && settings_.empty()) return;
        std::unordered_map<std::string, Source*> by_key;
        for (Source& source : out_.sources) {
            if (source.directory != &directory_) continue;
            by_key.try_emplace(key_of(SourceKind::kPlain, source.script), &source);
            if (source.version) by_key.try_emplace(key_of(source.kind, source.version->version), &source);
        }
        for (const Companion& down : downs_) attach_down(down, by_key[down.key]);
        for (const Companion& settings : settings_) {
            Source* source = by_key[settings.key];
            if (source == nullptr)
                note(settings.name, "settings without their script, ignored");
            else
                source->settings = settings.name;
        }
    }

    void attach_down(const Companion& down, Source* source) {
        if (source == nullptr) {
            return fault(down.name, "a down script without an up script",
                         "Add the up script of the same version, or remove it.");
        }
        if (!source->down_script.empty()) {
            return fault(
                down.name,
                fmt::format("a second down script; the first is {}", directory_.shown(source->down_script)),
                "Keep one of the two.");
        }
        source->down_script = down.name;
    }

    const Directory& directory_;
    const bool documents_;
    std::vector<Entry> entries_;  // Sorted by name.
    bool any_json_ = false;
    Sources out_;
    std::vector<Companion> downs_;
    std::vector<Companion> settings_;
};

}  // namespace

Result<Sources> sort_into_sources(const Directory& directory, Dialect dialect) {
    return Sorter(directory, dialect).sort();
}

}  // namespace godwit::format
