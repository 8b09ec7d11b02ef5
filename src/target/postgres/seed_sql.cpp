#include "target/postgres/seed_sql.h"

#include <fmt/format.h>

#include "base/text.h"
#include "target/postgres/history_sql.h"

namespace godwit::postgres {
namespace {

std::string columns_of(std::string_view alias, const std::vector<std::string>& names) {
    std::vector<std::string> columns;
    for (const std::string& name : names) columns.push_back(fmt::format("{}{}", alias, identifier(name)));
    return join(columns, ", ");
}

}  // namespace

std::string SeedTable::key_expression(std::string_view alias) const {
    std::vector<std::string> parts;
    for (const KeyColumn& column : key)
        parts.push_back(fmt::format("{}.{}::text", alias, identifier(column.name)));
    return "pg_catalog.jsonb_build_array(" + join(parts, ", ") + ")::text";
}

SeedSql::SeedSql(std::string_view schema, std::string_view history)
    : schema_(literal(schema)), history_(literal(history)) {
    const std::string prefix = schema.empty() ? "" : identifier(schema) + ".";
    runs_ = prefix + "godwit_seeds";
    seeded_ = prefix + "godwit_seeded";
}

std::string SeedSql::of_table(std::string_view alias, std::string_view qualified) const {
    return fmt::format("{0}.history = {1} AND {0}.table_name = {2}", alias, history_, literal(qualified));
}

std::string SeedSql::describe() const {
    return fmt::format(
        "SELECT c.relname, a.attname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
        "c.relnamespace"
        " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE n.nspname = {} AND c.relname IN ('godwit_seeds', 'godwit_seeded')",
        schema_);
}

std::vector<std::string> SeedSql::create() const {
    return {// CREATE TABLE IF NOT EXISTS alone fails when two runs with other histories come at once.
            "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('godwit_seeds'))",
            fmt::format(
                "CREATE TABLE IF NOT EXISTS {} (run TEXT PRIMARY KEY, history TEXT NOT NULL, purpose TEXT "
                "NOT NULL,"
                " seed TEXT NOT NULL, instant TEXT NOT NULL, environment TEXT NOT NULL, owner TEXT NOT NULL,"
                " started_at TIMESTAMP WITH TIME ZONE NOT NULL)",
                runs_),
            fmt::format("CREATE TABLE IF NOT EXISTS {} (number BIGINT GENERATED ALWAYS AS IDENTITY, history "
                        "TEXT NOT NULL,"
                        " table_name TEXT NOT NULL, key TEXT NOT NULL, run TEXT NOT NULL, PRIMARY KEY "
                        "(history, table_name, key))",
                        seeded_)};
}

std::vector<std::string> SeedSql::settings() {
    return {"SET LOCAL datestyle = ISO", "SET LOCAL timezone = 'UTC'", "SET LOCAL intervalstyle = postgres",
            "SET LOCAL extra_float_digits = 1", "SET LOCAL bytea_output = hex"};
}

std::string SeedSql::find_run(std::string_view purpose, std::string_view seed) const {
    return fmt::format(
        "SELECT run, purpose, seed, instant, environment, owner FROM {} AS runs WHERE history = {} AND"
        " purpose = {} AND seed = {} AND EXISTS (SELECT FROM {} AS known WHERE known.run = runs.run)"
        " ORDER BY started_at DESC LIMIT 1",
        runs_, history_, literal(purpose), literal(seed), seeded_);
}

std::string SeedSql::add_run(const SeedRun& run) const {
    return fmt::format(
        "INSERT INTO {} (run, history, purpose, seed, instant, environment, owner, started_at)"
        " VALUES ({}, {}, {}, {}, {}, {}, {}, clock_timestamp())",
        runs_, literal(run.id), history_, literal(run.purpose), literal(run.seed), literal(run.now),
        literal(run.environment), literal(run.owner));
}

std::string SeedSql::forget_empty_runs() const {
    return fmt::format(
        "DELETE FROM {0} WHERE NOT EXISTS (SELECT FROM {1} AS known WHERE known.run = {0}.run)", runs_,
        seeded_);
}

std::string SeedSql::counts() const {
    return fmt::format(
        "SELECT table_name, count(*) FROM {} WHERE history = {} GROUP BY table_name ORDER BY min(number) "
        "DESC",
        seeded_, history_);
}

std::string SeedSql::describe_table(std::string_view name) {
    return fmt::format(
        "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), a.attname,"
        " pg_catalog.format_type(a.atttypid, a.atttypmod),"
        " coalesce((SELECT k.n FROM pg_catalog.pg_index i CROSS JOIN LATERAL"
        " unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, n) WHERE i.indrelid = c.oid AND "
        "i.indisprimary"
        " AND k.attnum = a.attnum), 0) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
        "c.relnamespace"
        " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.oid = pg_catalog.to_regclass({}) ORDER BY a.attnum",
        literal(name));
}

std::string SeedSql::insert(const SeedTable& table, const std::vector<std::string>& fields,
                            std::string_view rows, std::string_view run) const {
    std::vector<std::string> same;
    for (const SeedTable::KeyColumn& column : table.key) {
        same.push_back(fmt::format("there.{0} = given.{0}", identifier(column.name)));
    }
    // A table that stands in for a composite type: its columns' own input functions
    // read the values, exactly and with their lengths.
    return fmt::format(
        "WITH given AS MATERIALIZED (SELECT one.*, {key_of_one} AS godwit_key FROM"
        " pg_catalog.json_populate_recordset(NULL::{table}, {rows}) AS one),"
        " written AS (INSERT INTO {table} AS made ({fields}) SELECT {given_fields} FROM given ON CONFLICT DO "
        "NOTHING"
        " RETURNING {key_of_made} AS key),"
        " noted AS (INSERT INTO {seeded} (history, table_name, key, run) SELECT {history}, {name}, key, "
        "{run} FROM written"
        " ON CONFLICT (history, table_name, key) DO UPDATE SET run = excluded.run)"
        " SELECT count(*)::text, NULL, 'written' FROM written UNION ALL"
        " SELECT given.godwit_key, known.run, CASE WHEN EXISTS (SELECT FROM {table} AS there WHERE {same}) "
        "THEN 'there'"
        " ELSE 'other' END FROM given LEFT JOIN {seeded} AS known ON {known} AND known.key = given.godwit_key"
        " WHERE NOT EXISTS (SELECT FROM written WHERE written.key = given.godwit_key) UNION ALL"
        " SELECT godwit_key, NULL, 'twice' FROM given GROUP BY godwit_key HAVING count(*) > 1",
        fmt::arg("key_of_one", table.key_expression("one")), fmt::arg("table", table.qualified),
        fmt::arg("rows", literal(rows)), fmt::arg("fields", columns_of("", fields)),
        fmt::arg("given_fields", columns_of("given.", fields)),
        fmt::arg("key_of_made", table.key_expression("made")), fmt::arg("seeded", seeded_),
        fmt::arg("history", history_), fmt::arg("name", literal(table.qualified)),
        fmt::arg("run", literal(run)), fmt::arg("same", join(same, " AND ")),
        fmt::arg("known", of_table("known", table.qualified)));
}

std::string SeedSql::acting_children(const SeedTable& table) const {
    const auto names = [](std::string_view relation, std::string_view numbers) {
        return fmt::format(
            "(SELECT pg_catalog.json_agg(a.attname ORDER BY k.n) FROM unnest({1}) WITH ORDINALITY AS "
            "k(attnum, n)"
            " JOIN pg_catalog.pg_attribute a ON a.attrelid = {0} AND a.attnum = k.attnum)",
            relation, numbers);
    };
    return fmt::format(
        "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), {}, {} FROM pg_catalog.pg_constraint f"
        " JOIN pg_catalog.pg_class c ON c.oid = f.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = "
        "c.relnamespace"
        " WHERE f.contype = 'f' AND f.confdeltype IN ('c', 'n', 'd') AND f.confrelid = "
        "pg_catalog.to_regclass({})"
        " ORDER BY 1",
        names("f.conrelid", "f.conkey"), names("f.confrelid", "f.confkey"), literal(table.qualified));
}

std::string SeedSql::reaches_others(const SeedTable& table, const SeedTable& child,
                                    const std::vector<std::string>& from,
                                    const std::vector<std::string>& to) const {
    std::vector<std::string> same;
    for (size_t i = 0; i < from.size(); ++i)
        same.push_back(fmt::format("child.{} = seeded.{}", identifier(from[i]), identifier(to[i])));
    const std::string child_is_seeded =
        child.key.empty() ? "false"
                          : fmt::format("EXISTS (SELECT FROM {} AS own WHERE {} AND own.key = {})", seeded_,
                                        of_table("own", child.qualified), child.key_expression("child"));
    return fmt::format(
        "SELECT EXISTS (SELECT FROM {} AS child JOIN {} AS seeded ON {} JOIN {} AS known ON {} AND known.key "
        "= {}"
        " WHERE NOT {})",
        child.qualified, table.qualified, join(same, " AND "), seeded_, of_table("known", table.qualified),
        table.key_expression("seeded"), child_is_seeded);
}

std::string SeedSql::unfit_keys(const SeedTable& table) const {
    return fmt::format(
        "SELECT count(*) FROM {} AS known WHERE {} AND pg_catalog.jsonb_array_length(key::jsonb) <> {}",
        seeded_, of_table("known", table.qualified), table.key.size());
}

std::string SeedSql::remove(const SeedTable& table) const {
    std::vector<std::string> same;
    for (size_t i = 0; i < table.key.size(); ++i) {
        same.push_back(fmt::format("old.{} = (known.key::jsonb->>{})::{}", identifier(table.key[i].name), i,
                                   table.key[i].type));
    }
    return fmt::format(
        "WITH removed AS (DELETE FROM {} AS old USING {} AS known WHERE {} AND {} RETURNING 1)"
        " SELECT count(*) FROM removed",
        table.qualified, seeded_, of_table("known", table.qualified), join(same, " AND "));
}

std::string SeedSql::forget(std::string_view qualified) const {
    return fmt::format("DELETE FROM {} AS known WHERE {}", seeded_, of_table("known", qualified));
}

}  // namespace godwit::postgres
