// Writes what read_folder() gives as text that can be compared and read.
#pragma once

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.h"
#include "format/folder.h"

namespace godwit::test {

inline std::string read_whole(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

inline std::string dump(const SourceSpan& span) {
    return span.offset < 0 ? to_string(span) : fmt::format("{} @{}", to_string(span), span.offset);
}

inline std::string dump(const std::vector<Reference>& references) {
    std::vector<std::string> parts;
    for (const Reference& each : references) {
        parts.push_back(fmt::format("{}:{} ({})", each.id.database, each.id.version, dump(each.where)));
    }
    return parts.empty() ? "-" : join(parts, ", ");
}

// The place of the script and its text as the file holds it.
inline std::string dump(const Body& body) {
    const auto* script = std::get_if<Script>(&body);
    if (script == nullptr) return " -\n";
    const std::string text = read_whole(script->path);
    std::string out =
        fmt::format(" {} bytes {}-{} of {} from line {}{}\n", script->file, script->begin, script->end,
                    script->file_size, script->first_line, script->commented_out ? ", commented out" : "");
    const std::string part =
        text.substr(static_cast<size_t>(script->begin), static_cast<size_t>(script->end - script->begin));
    if (part.empty()) return out;
    std::vector<std::string_view> lines = split(part, '\n');
    const bool ends = lines.back().empty();
    if (ends) lines.pop_back();
    for (const std::string_view line : lines) out += fmt::format("    |{}\n", printable(line));
    if (!ends) out += "    (no line end)\n";
    return out;
}

inline std::string dump(const MigrationOptions& options) {
    constexpr const char* kPhases[] = {"", "expand", "backfill", "contract"};
    std::vector<std::string> parts;
    if (options.transaction == TransactionWish::kOff) parts.emplace_back("transaction=off");
    if (options.lock_timeout)
        parts.push_back(fmt::format("lock_timeout={}ms", options.lock_timeout->count()));
    if (options.statement_timeout)
        parts.push_back(fmt::format("statement_timeout={}ms", options.statement_timeout->count()));
    if (options.phase != Phase::kNone)
        parts.push_back(fmt::format("phase={}", kPhases[static_cast<int>(options.phase)]));
    return parts.empty() ? "-" : join(parts, " ");
}

inline std::string dump(const Migration& migration) {
    constexpr const char* kSchemes[] = {"timestamp", "number", "dotted", "revision", "repeatable"};
    const auto or_dash = [](const std::string& text) { return text.empty() ? std::string("-") : text; };
    std::string out = fmt::format("migration {}:{}\n", migration.id.database, migration.id.version);
    const auto line = [&](std::string_view key, const std::string& value) {
        out += fmt::format("  {}: {}\n", key, value);
    };
    line("format", fmt::format("{}, {}", migration.format, kSchemes[static_cast<int>(migration.scheme)]));
    line("description", or_dash(migration.description));
    line("author", or_dash(migration.author));
    line("created", or_dash(migration.created));
    line("where", dump(migration.where));
    if (!migration.down_file.empty()) line("down file", migration.down_file);
    line("parents", migration.explicit_parents ? dump(migration.parents) : "implied");
    line("depends on", dump(migration.depends_on));
    if (!migration.labels.empty()) line("labels", join(migration.labels, ", "));
    if (migration.unfinished) line("unfinished", dump(*migration.unfinished));
    line("options", dump(migration.options));
    line("checksum", migration.checksum);
    out += "  up:" + dump(migration.up);
    out += "  down:" + dump(migration.down);
    for (const std::string& note : migration.notes) line("note", note);
    return out;
}

inline std::string dump(const Error& error) {
    std::string out =
        fmt::format("{} {}: {}\n", to_string(error.code), to_string(error.where), error.message);
    for (const std::string& detail : error.details) out += fmt::format("  {}\n", detail);
    if (!error.remedy.empty()) out += fmt::format("  > {}\n", error.remedy);
    return out;
}

inline std::string dump(const Result<Folder>& folder) {
    if (!folder) return dump(folder.error());
    std::string out;
    for (const Migration& migration : folder->migrations) out += dump(migration);
    for (const std::string& note : folder->notes) out += fmt::format("note: {}\n", note);
    return out;
}

}  // namespace godwit::test
