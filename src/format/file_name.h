// Takes the names of migration files apart.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/migration.h"

namespace godwit::format {

struct NamedVersion {
    std::string version;  // As written; of V1_2__x "1.2".
    Scheme scheme = Scheme::kNumber;
    std::string description;  // "add email".
};

// `stem` is a name without its ending: 20250104_100000_add_email,
// 20250104100000_x, 0007_x, 7, 1.2.0_x, 2.0.0-rc.1_x. Nothing when no version
// comes first, and for what is nearly a timestamp (20250104_1000_x).
std::optional<NamedVersion> version_in_name(std::string_view stem);

// V1__x, V1.2__x, V1_2__x, V1 (also with another prefix than V). Underscores
// within the version read as dots.
std::optional<NamedVersion> version_behind_prefix(std::string_view stem, char prefix);

// R__create_views.
std::optional<NamedVersion> repeatable_name(std::string_view stem);

// 2024-01-01-000000_create_users: diesel's folders. The version is what stands
// before the first underscore without its dashes, as diesel records it.
std::optional<NamedVersion> version_of_folder(std::string_view name);

// "add_email" -> "add email"; safe to print.
std::string description_in_name(std::string_view text);

// The name without `ending`, in whatever case, or nothing.
std::optional<std::string_view> without_ending(std::string_view name, std::string_view ending);

// Hidden files and what editors leave behind: .x, x~, #x#, x.swp, x.swo.
bool is_editor_leftover(std::string_view name);

// History tables hold a version in 50 characters.
inline constexpr size_t kLongestVersion = 50;

}  // namespace godwit::format
