// The SQL of seeding as text: rows go in, and out again, many at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "target/postgres/libpq.h"
#include "target/seed_store.h"

namespace godwit::postgres {

// A table that is seeded.
struct SeedTable {
    struct KeyColumn {
        std::string name;
        std::string type;  // As in a cast.
    };
    std::string shown;      // As the seed file has it.
    std::string qualified;  // "schema"."table": as it is remembered.
    std::vector<std::string> columns;
    std::vector<KeyColumn> key;  // Of the primary key, in its order.

    bool exists() const { return !qualified.empty(); }
    // Of the key's columns in the row called `alias`: a JSON array of texts.
    std::string key_expression(std::string_view alias) const;
};

// Two tables beside the history: godwit_seeds, a row for each run, and
// godwit_seeded, a row for each row that was seeded.
class SeedSql {
public:
    // `history` parts what several projects seed in one schema.
    SeedSql(std::string_view schema, std::string_view history);

    // Names of columns, by table: godwit_seeds, godwit_seeded.
    std::string describe() const;
    std::vector<std::string> create() const;
    // What makes texts of keys the same in every session.
    static std::vector<std::string> settings();

    std::string find_run(std::string_view purpose, std::string_view seed) const;
    std::string add_run(const SeedRun& run) const;
    std::string forget_empty_runs() const;
    std::string analyze() const { return "ANALYZE " + seeded_; }
    std::string counts() const;  // Rows: table, count; a table that was seeded first comes last.

    // Rows: qualified name, column, type, place in the primary key or 0.
    static std::string describe_table(std::string_view name);

    // `fields` of the rows of a JSON array. Rows: key, run, what: 'written' with
    // their number as key; 'there' for a row whose key is there, with the run that
    // seeded it or NULL; 'other' where another value must be unique; 'twice'.
    std::string insert(const SeedTable& table, const std::vector<std::string>& fields, std::string_view rows,
                       std::string_view run) const;

    // Rows: child's name, its columns, those that they refer to (as JSON arrays), of
    // foreign keys that change the child when a row goes.
    std::string acting_children(const SeedTable& table) const;
    // One row: whether rows of the child that were not seeded refer to seeded ones.
    std::string reaches_others(const SeedTable& table, const SeedTable& child,
                               const std::vector<std::string>& from,
                               const std::vector<std::string>& to) const;
    // One row: how many keys have another number of columns.
    std::string unfit_keys(const SeedTable& table) const;
    // One row: how many were removed.
    std::string remove(const SeedTable& table) const;
    std::string forget(std::string_view qualified) const;

private:
    std::string of_table(std::string_view alias, std::string_view qualified) const;

    std::string runs_;
    std::string seeded_;
    std::string schema_;   // A literal.
    std::string history_;  // A literal.
};

}  // namespace godwit::postgres
