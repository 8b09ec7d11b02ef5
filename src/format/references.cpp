#include "format/references.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/text.h"

namespace godwit::format {
namespace {

// "infra/migrations/0001_x.up.sql" -> "0001_x".
std::string_view stem_of(std::string_view text) {
    text = text.substr(text.rfind('/') + 1);
    for (const std::string_view ending : {".sql", ".json", ".py"}) {
        if (const auto stem = without_ending(text, ending)) text = *stem;
    }
    if (const auto stem = without_ending(text, ".up")) text = *stem;
    return text;
}

// The name that people call a migration by: its script's, or that of its folder.
std::string_view name_of(const Source& source) {
    return source.kind == SourceKind::kFolder ? source.directory->name() : std::string_view(source.script);
}

std::optional<std::string> version_of_name(std::string_view stem) {
    for (const auto& named :
         {version_in_name(stem), version_behind_prefix(stem, 'V'), repeatable_name(stem)}) {
        if (named) return named->version;
    }
    return std::nullopt;
}

// "postgresql" of "postgresql:1.0.0"; empty when there is no such prefix.
std::string_view database_of(std::string_view text) {
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon + 1 == text.size()) return {};
    const std::string_view name = text.substr(0, colon);
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    });
    return plain ? name : std::string_view();
}

class Resolver {
public:
    Resolver(const std::vector<Source>& sources, const std::vector<Migration>& migrations,
             const FolderOptions& options)
        : database_(options.database), databases_(options.databases) {
        for (size_t i = 0; i < migrations.size(); ++i) {
            const std::string& version = migrations[i].id.version;
            versions_.try_emplace(version, version);
            versions_.try_emplace(std::string(stem_of(name_of(sources[i]))), version);
        }
    }

    // Nothing when `raw` is prose.
    Result<std::optional<Reference>> resolve(const RawReference& raw) const {
        const std::string_view database = database_of(raw.text);
        std::string_view name = raw.text;
        if (!database.empty()) name.remove_prefix(database.size() + 1);
        const std::string_view stem = stem_of(name);
        const std::vector<std::string> meant = databases_meant(database, databases_);
        Reference reference{{database.empty() ? database_ : std::string(database), std::string(name)},
                            raw.where};
        if (meant.size() == 1) reference.id.database = meant.front();
        const bool own = reference.id.database == database_;
        if (const auto known = own ? find(name, stem) : nullptr; known != nullptr) {
            reference.id.version = *known;
            return reference;
        }
        const std::optional<std::string> version = version_of_name(stem);
        const bool one_word = name.find_first_of(" \t") == std::string_view::npos;
        const bool has_digit = name.find_first_of("0123456789") != std::string_view::npos;
        if (raw.from_prose && !(one_word && (has_digit || stem.size() < name.size()))) return std::nullopt;
        if (meant.size() > 1) return fail(ambiguous_kind(raw, database, meant));
        if (version) reference.id.version = *version;
        return reference;
    }

private:
    static Error ambiguous_kind(const RawReference& raw, std::string_view kind,
                                const std::vector<std::string>& meant) {
        const std::string first = meant.front() + raw.text.substr(kind.size());
        return make_error(ErrorCode::kInvalidInput, fmt::format("several databases are of the kind {}: {}",
                                                                kind, printable(join(meant, ", "))))
            .at(raw.where)
            .with_remedy(fmt::format("Name the one that is meant, as in {}.", printable(first)));
    }

    const std::string* find(std::string_view name, std::string_view stem) const {
        for (const std::string_view each : {name, stem}) {
            if (const auto known = versions_.find(std::string(each)); known != versions_.end())
                return &known->second;
        }
        return nullptr;
    }

    const std::string& database_;
    const std::vector<DatabaseName>& databases_;
    std::unordered_map<std::string, std::string> versions_;  // By version and by the stem of the file's name.
};

}  // namespace

void resolve_references(const std::vector<Source>& sources, const std::vector<Pending>& pending,
                        const FolderOptions& options, std::vector<Migration>& migrations,
                        std::vector<Error>& faults) {
    if (pending.empty()) return;
    const Resolver resolver(sources, migrations, options);
    for (const Pending& each : pending) {
        Migration& migration = migrations[each.index];
        for (const RawReference& raw : each.references) {
            Result<std::optional<Reference>> reference = resolver.resolve(raw);
            if (!reference) {
                faults.push_back(std::move(reference).error());
                continue;
            }
            if (*reference) {
                migration.depends_on.push_back(std::move(**reference));
                continue;
            }
            migration.notes.push_back(fmt::format("{}: \"{}\" names no migration and was passed over",
                                                  to_string(raw.where), printable(raw.text)));
        }
    }
}

}  // namespace godwit::format
