#include "target/seed_faults.h"

#include "base/text.h"

namespace godwit {
namespace {

Error fault(const SeedRow& row, ErrorCode code, std::string message) {
    return make_error(code, std::move(message)).at(row.where == nullptr ? SourceSpan{} : *row.where);
}

std::string table_of(const SeedRow& row) { return "the table " + printable(row.table); }

}  // namespace

Error no_such_table(const SeedRow& row) {
    return fault(row, ErrorCode::kInvalidInput, "there is no table " + printable(row.table))
        .with_remedy("Run `godwit up` first, or correct the seed file.");
}

Error no_such_column(const SeedRow& row, std::string_view column, const std::vector<std::string>& columns) {
    const auto close = nearest(column, columns);
    return fault(row, ErrorCode::kInvalidInput, table_of(row) + " has no column " + printable(column))
        .with_remedy(close ? "Did you mean " + printable(*close) + "?"
                           : "It has " + printable(join(columns, ", ")) + ".");
}

Error no_primary_key(const SeedRow& row) {
    return fault(
               row, ErrorCode::kInvalidInput,
               table_of(row) + " has no primary key, so rows that were seeded could not be told from others")
        .with_remedy("Give it a primary key.");
}

Error key_not_given(const SeedRow& row, std::string_view column) {
    return fault(row, ErrorCode::kInvalidInput,
                 "the item gives no value for " + printable(column) + ", of the primary key of " +
                     printable(row.table))
        .with_remedy("Give one, such as {\"$sequence\": {}} or {\"$uuid\": true}.");
}

Error made_twice(const SeedRow& row, std::string_view key) {
    return fault(row, ErrorCode::kInvalidInput,
                 "two rows of " + printable(row.table) + " have the key " + printable(key))
        .with_remedy("Let the seed file make another key for each row; nothing was written.");
}

Error not_ours(const SeedRow& row, std::string_view key) {
    return fault(row, ErrorCode::kConflict,
                 table_of(row) + " already has a row " + printable(key) + " that was not seeded")
        .with_remedy("Rename or remove that row, or let the seed file make other keys; nothing was written.");
}

Error not_unique(const SeedRow& row, std::string_view key) {
    return fault(row, ErrorCode::kConflict,
                 "another row of " + printable(row.table) + " has a value that must be unique and that " +
                     printable(key) + " would have")
        .with_remedy("Change that row, or let the seed file make another value; nothing was written.");
}

Error reaches_others(std::string_view table, std::string_view other) {
    return make_error(ErrorCode::kConflict, "rows of " + printable(other) +
                                                " that were not seeded refer to seeded rows of " +
                                                printable(table) + ", and would be changed with them")
        .with_remedy("Remove them, or let them refer to others; nothing was removed.");
}

Error key_changed(std::string_view table) {
    return make_error(ErrorCode::kConflict,
                      "the primary key of " + printable(table) + " is not what it was when rows were seeded")
        .with_remedy("Remove the seeded rows by hand, and their rows in godwit_seeded.");
}

}  // namespace godwit
