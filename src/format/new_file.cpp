#include "format/new_file.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "format/directive.h"
#include "format/directory.h"
#include "format/file_name.h"
#include "format/head.h"
#include "format/marker.h"
#include "format/revision.h"
#include "sql/dialect.h"

namespace godwit {
namespace {

constexpr size_t kLongestSlug = 60;
constexpr size_t kRevisionBytes = 6;
constexpr size_t kTimestampLength = 15;  // 20250104_100000

struct NewFile {
    std::string name;
    std::string text;
};

// In one line, since every field of a head is one.
std::string one_line(std::string_view text) {
    std::string out(trim(text));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7F; }, ' ');
    return out;
}

std::string list_or_none(const std::vector<std::string>& items) {
    return items.empty() ? "None" : join(items, ", ");
}

tl::unexpected<Error> refuse(std::string message, std::string remedy) {
    return fail(make_error(ErrorCode::kInvalidInput, std::move(message)).with_remedy(std::move(remedy)));
}

Result<void> check(const NewMigration& migration) {
    for (const std::string* text : {&migration.description, &migration.author, &migration.created}) {
        if (find_invalid_utf8(*text))
            return refuse("the description or the author is not UTF-8", "Use a UTF-8 locale.");
    }
    if (!trim(migration.description).empty() && format::says_nothing(migration.description)) {
        return refuse(fmt::format("\"{}\" would read as no description", printable(migration.description)),
                      "Say what the migration does.");
    }
    if (migration.format == NewFormat::kRevision) {
        const std::string fault = format::revision_id_fault(migration.version);
        return fault.empty() ? Result<void>() : refuse(fault, "Take 12 hexadecimal digits.");
    }
    const auto named = format::version_in_name(migration.version);
    if (named && named->version == migration.version && migration.version.size() <= format::kLongestVersion)
        return {};
    return refuse(fmt::format("\"{}\" is no version", printable(migration.version)),
                  "Versions are made of numbers: 20250104_100000, 0007, 1.2.0.");
}

std::string sql_text(const NewMigration& migration) {
    const std::string title = one_line(migration.description);
    const std::string author = one_line(migration.author);
    return fmt::format(
        "-- Migration: {}\n"
        "-- Author: {}\n"
        "-- Date: {}\n"
        "-- Description: {}\n"
        "-- Dependencies: {}\n"
        "\n"
        "-- UP: Apply changes\n"
        "\n"
        "\n"
        "-- DOWN: Rollback changes\n"
        "\n",
        title.empty() ? "[Description]" : title, author.empty() ? "[Your name]" : author,
        one_line(migration.created), title.empty() ? "[Detailed description of the changes]" : title,
        list_or_none(migration.depends_on));
}

// The message stands in a line of its own, as in Alembic, unless it would be
// taken for something else there.
std::string message_line(const std::string& message) {
    const bool marker = format::section_marker(message, format::kUpgradeDowngrade).has_value();
    const bool letter = !message.empty() && (std::isalnum(static_cast<unsigned char>(message.front())) != 0 ||
                                             static_cast<uint8_t>(message.front()) >= 0x80);
    const bool plain = letter && !marker && message.find(':') == std::string::npos && message.back() != '"' &&
                       message.back() != '\'' && !message.ends_with("*/");
    return (plain ? "-- " : "-- Message: ") + message;
}

std::string revision_text(const NewMigration& migration) {
    const std::string message = one_line(migration.description);
    std::string text = message.empty() ? "" : message_line(message) + "\n--\n";
    text += fmt::format("-- Revision ID: {}\n-- Revises: {}\n-- Create Date: {}\n", migration.version,
                        list_or_none(migration.parents), one_line(migration.created));
    if (!trim(migration.author).empty()) text += fmt::format("-- Author: {}\n", one_line(migration.author));
    if (!migration.labels.empty())
        text += fmt::format("-- Branch Labels: {}\n", join(migration.labels, ", "));
    if (!migration.depends_on.empty())
        text += fmt::format("-- Depends On: {}\n", join(migration.depends_on, ", "));
    return text + "\n-- upgrade\n\n\n-- downgrade\n\n";
}

std::string metadata_text(const NewMigration& migration, const std::string& name) {
    rapidjson::StringBuffer buffer;
    rapidjson::PrettyWriter<rapidjson::StringBuffer> json(buffer);
    json.SetIndent(' ', 2);
    const auto string = [&](std::string_view text) {
        json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    };
    const auto member = [&](std::string_view key, std::string_view value) {
        string(key);
        string(value);
    };
    json.StartObject();
    member("version", migration.version);
    member("name", name);
    member("description", one_line(migration.description));
    member("database_type", migration.database_kind);
    member("migration_type", "schema");
    if (!trim(migration.author).empty()) member("author", one_line(migration.author));
    if (!migration.created.empty()) member("created_at", one_line(migration.created));
    string("dependencies");
    json.StartArray();
    for (const std::string& each : migration.depends_on) string(each);
    json.EndArray();
    if (dialect_of(migration.database_kind) == Dialect::kDocument) {
        string("operations");
        json.StartArray();
        json.EndArray();
    }
    json.EndObject();
    return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

Result<std::vector<NewFile>> files_of(const NewMigration& migration) {
    const std::string name = slug(migration.description);
    const std::string stem = name.empty() ? migration.version : migration.version + "_" + name;
    switch (migration.format) {
        case NewFormat::kSql:
            return std::vector<NewFile>{{stem + ".sql", sql_text(migration)}};
        case NewFormat::kRevision:
            return std::vector<NewFile>{{stem + ".sql", revision_text(migration)}};
        case NewFormat::kOperations:
            break;
    }
    if (dialect_of(migration.database_kind) == Dialect::kDocument)
        return std::vector<NewFile>{{stem + ".json", metadata_text(migration, name)}};
    if (migration.database_kind != "postgresql" && migration.database_kind != "sqlite") {
        return fail(
            make_error(ErrorCode::kNotSupported, fmt::format("JSON migrations for {} are not supported",
                                                             printable(migration.database_kind)))
                .with_remedy("JSON migrations are written for postgresql, sqlite and dynamodb."));
    }
    return std::vector<NewFile>{{stem + ".json", metadata_text(migration, name)},
                                {stem + ".sql", "-- The statements of the migration.\n\n"},
                                {stem + "_rollback.sql", "-- What takes them back, in reverse order.\n\n"}};
}

Result<void> create(const std::string& path, const std::string& text) {
    const std::string shown = format::shown_name(path);
    const format::Descriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (file.get() < 0) {
        if (errno == EEXIST)
            return refuse(fmt::format("{} exists already", shown), "Choose another name, or edit that file.");
        if (errno == ENOENT)
            return refuse(fmt::format("there is no folder for {}", shown),
                          "Create it, or run `godwit init`.");
        return refuse(fmt::format("{} cannot be created: {}", shown, std::strerror(errno)),
                      "Check the folder's rights.");
    }
    std::string_view rest = text;
    while (!rest.empty()) {
        const ssize_t written = ::write(file.get(), rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            const std::string reason = std::strerror(errno);
            ::unlink(path.c_str());
            return refuse(fmt::format("{} cannot be written: {}", shown, reason),
                          "Check the disk's free space.");
        }
        rest.remove_prefix(static_cast<size_t>(written));
    }
    return {};
}

}  // namespace

Result<std::vector<std::string>> write_new_migration(const std::string& folder,
                                                     const NewMigration& migration) {
    CHECK(check(migration));
    std::vector<std::string> paths;
    for (const NewFile& file : TRY(files_of(migration))) {
        std::string path = folder + (folder.empty() || folder.ends_with('/') ? "" : "/") + file.name;
        Result<void> created = create(path, file.text);
        if (!created) {
            // Half a migration would be read as a faulty one.
            for (const std::string& each : paths) ::unlink(each.c_str());
            return fail(std::move(created).error());
        }
        paths.push_back(std::move(path));
    }
    return paths;
}

std::string new_revision_id() {
    std::array<char, kRevisionBytes> bytes{};
    size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t got = ::getrandom(bytes.data() + filled, bytes.size() - filled, 0);
        if (got > 0) filled += static_cast<size_t>(got);
    }
    return to_hex({bytes.data(), bytes.size()});
}

std::string new_timestamp_version(const std::string& folder) {
    std::set<std::string> taken;
    if (const auto directory = format::Directory::open(folder, "")) {
        if (const auto entries = directory->list()) {
            for (const format::Entry& entry : *entries) taken.insert(entry.name.substr(0, kTimestampLength));
        }
    }
    auto time = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto version = [&] {
        return fmt::format("{:%Y%m%d_%H%M%S}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
    };
    while (taken.contains(version())) time += std::chrono::seconds(1);
    return version();
}

std::string slug(const std::string& description) {
    std::string out;
    for (const char c : to_lower(description)) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out += c;
        else if (static_cast<uint8_t>(c) < 0x80 && !out.empty() && out.back() != '_')
            out += '_';
    }
    if (out.size() > kLongestSlug) {
        const size_t word_end = out.rfind('_', kLongestSlug);
        out.resize(word_end == std::string::npos || word_end == 0 ? kLongestSlug : word_end);
    }
    while (out.ends_with('_')) out.pop_back();
    return out;
}

}  // namespace godwit
