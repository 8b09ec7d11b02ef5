#include "target/record_faults.h"

#include <fmt/format.h>

#include "base/text.h"

namespace godwit {

Result<void> check_own_table(std::string_view table, const std::vector<std::string_view>& wanted,
                             const std::set<std::string>& columns) {
    std::vector<std::string> missing;
    for (const std::string_view column : wanted) {
        if (!columns.contains(std::string(column))) missing.emplace_back(column);
    }
    if (missing.empty()) return {};
    return fail(make_error(ErrorCode::kConflict,
                           fmt::format("the table {} is not what its name says: it lacks the {} {}", table,
                                       missing.size() == 1 ? "column" : "columns", join(missing, ", ")))
                    .with_remedy(fmt::format(
                        "Rename it, or drop it if nobody needs it: godwit makes a {} of its own.", table)));
}

Error golang_migrate_history(std::string_view table, const std::optional<GolangMigrateRow>& row) {
    const std::string shown = printable(table);
    const std::string take_over = "name another table (history = \"godwit_history\" in godwit.toml)";
    if (!row) {
        return make_error(ErrorCode::kConflict,
                          fmt::format("the table {} is golang-migrate's own, and empty", shown))
            .with_remedy("Drop it, or " + take_over + ".");
    }
    const std::string version = printable(row->version);
    if (!row->dirty) {
        return make_error(
                   ErrorCode::kConflict,
                   fmt::format("the table {} is golang-migrate's own: it holds the newest version, {}, "
                               "and not a row for each",
                               shown, version))
            .with_remedy(fmt::format("To take the database over, {}, then say `godwit stamp {}`.", take_over,
                                     version));
    }
    return make_error(
               ErrorCode::kConflict,
               fmt::format("the table {} is golang-migrate's own, and says that version {} failed half "
                           "way (dirty)",
                           shown, version))
        .with_remedy(fmt::format(
            "Bring the database to where version {0} is applied wholly or not at all, then {1} and say "
            "`godwit stamp` with the version that it has reached.",
            version, take_over));
}

}  // namespace godwit
