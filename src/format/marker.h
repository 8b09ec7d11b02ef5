// Recognises the lines that start a section: `-- UP`, `-- down:`, `-- upgrade`.
#pragma once

#include <optional>
#include <string_view>

#include "model/migration.h"

namespace godwit::format {

struct MarkerWords {
    std::string_view up;  // Lower case: "up", "upgrade".
    std::string_view down;
};

inline constexpr MarkerWords kUpDown{"up", "down"};
inline constexpr MarkerWords kUpgradeDowngrade{"upgrade", "downgrade"};

// `comment` is a comment line's text after its `--`. It is a marker when, after
// blanks, there is one of the words in any case, followed by
//   - the end of the line, or
//   - optional blanks, a colon, and anything, or
//   - text that begins with `(` or `-`, or whose first word is migration(s),
//     section, script, changes or sql, or
//   - a blank and anything, where the word is in capitals;
// also where the word stands alone between rulers: `-- ==== DOWN ====`.
// So `-- Down the road` and `-- Update users` are comments.
std::optional<Direction> section_marker(std::string_view comment, const MarkerWords& words);

// Whether a person may have meant the line to start a DOWN section: its first
// word is down, downgrade, rollback, undo or revert.
bool resembles_down_marker(std::string_view comment);

}  // namespace godwit::format
