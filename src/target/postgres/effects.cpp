#include "target/postgres/effects.h"

#include <fmt/format.h>

#include "base/text.h"
#include "target/postgres/classifier.h"
#include "target/postgres/history_sql.h"

namespace godwit::postgres {
namespace {

struct Index {
    ObjectName name;
    bool valid = false;
    bool on_table = false;  // On the table that the statement names.
    int builder = 0;        // The session that is building it.
};

Result<std::vector<Index>> find_indexes(Connection& connection, const std::string& condition, const std::string& table) {
    const auto rows = TRY(connection.query(fmt::format(
        "SELECT n.nspname, c.relname, i.indisvalid, coalesce(i.indrelid = pg_catalog.to_regclass({0}), false),"
        " (SELECT p.pid FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid"
        "  AND p.datname = pg_catalog.current_database() AND p.pid <> pg_catalog.pg_backend_pid() LIMIT 1)"
        " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE {1}",
        literal(table), condition)));
    std::vector<Index> indexes;
    for (int row = 0; row < PQntuples(rows.at(0).get()); ++row) {
        indexes.push_back({{text_field(rows[0], row, 0), text_field(rows[0], row, 1)},
                           bool_field(rows[0], row, 2), bool_field(rows[0], row, 3),
                           static_cast<int>(number_field(rows[0], row, 4))});
    }
    return indexes;
}

Result<void> drop_debris(Connection& connection, const Index& index, const Remark& remark) {
    if (index.builder != 0) {
        return fail(make_error(ErrorCode::kBlocked, fmt::format("session {} is still building index {}", index.builder,
                                                                printable(index.name.sql()))));
    }
    CHECK(connection.query("DROP INDEX CONCURRENTLY IF EXISTS " + index.name.sql(), Stopping::kInterrupts));
    remark(fmt::format("dropped invalid index {} left by an interrupted build", printable(index.name.sql())));
    return {};
}

// The index that `create` names; nothing when there is none of that name beside
// its table.
Result<std::optional<Index>> named_index(Connection& connection, const ParsedStatement& create) {
    const std::string table = create.table.sql();
    const auto found = TRY(find_indexes(
        connection,
        fmt::format("c.relname = {} AND c.relnamespace = (SELECT relnamespace FROM pg_catalog.pg_class"
                    " WHERE oid = pg_catalog.to_regclass({}))",
                    literal(create.object.name), literal(table)),
        table));
    return found.empty() ? std::nullopt : std::optional<Index>(found.front());
}

Result<Effect> effect_of_create_index(Connection& connection, const ParsedStatement& create, const Remark& remark) {
    if (create.object.name.empty()) return Effect::kUnknowable;
    const std::optional<Index> index = TRY(named_index(connection, create));
    if (!index) return Effect::kAbsent;
    if (!index->on_table) return Effect::kUnknowable;
    if (index->valid) return Effect::kPresent;
    CHECK(drop_debris(connection, *index, remark));
    return Effect::kAbsent;
}

// REINDEX CONCURRENTLY builds beside the old indexes, as name_ccnew or name_ccold.
Result<Effect> effect_of_reindex(Connection& connection, const ParsedStatement& reindex, const Remark& remark) {
    if (!reindex.concurrently || reindex.object.name.empty()) return Effect::kAbsent;
    const std::string object = literal(reindex.object.sql());
    const auto debris = TRY(find_indexes(
        connection,
        fmt::format("NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND i.indrelid = coalesce("
                    "(SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = pg_catalog.to_regclass({0})),"
                    " pg_catalog.to_regclass({0}))",
                    object),
        reindex.object.sql()));
    for (const Index& index : debris) CHECK(drop_debris(connection, index, remark));
    return Effect::kAbsent;  // Running it again does no harm.
}

Result<bool> exists(Connection& connection, const std::string& query) {
    const auto rows = TRY(connection.query("SELECT EXISTS (" + query + ")"));
    return bool_field(rows.at(0), 0, 0);
}

Result<Effect> present_if(Connection& connection, const std::string& query) {
    return TRY(exists(connection, query)) ? Effect::kPresent : Effect::kAbsent;
}

Result<Effect> absent_if(Connection& connection, const std::string& query) {
    return TRY(exists(connection, query)) ? Effect::kAbsent : Effect::kPresent;
}

// The last of its phases needs a statement of its own when it was interrupted.
Result<Effect> effect_of_detach(Connection& connection, const ParsedStatement& detach, const Remark& remark) {
    if (!detach.concurrently) return Effect::kUnknowable;
    const auto rows = TRY(connection.query(fmt::format(
        "SELECT inhdetachpending FROM pg_catalog.pg_inherits WHERE inhrelid = pg_catalog.to_regclass({})"
        " AND inhparent = pg_catalog.to_regclass({})",
        literal(detach.object.sql()), literal(detach.table.sql()))));
    if (PQntuples(rows.at(0).get()) == 0) return Effect::kPresent;
    if (!bool_field(rows[0], 0, 0)) return Effect::kAbsent;
    CHECK(connection.query(
        fmt::format("ALTER TABLE {} DETACH PARTITION {} FINALIZE", detach.table.sql(), detach.object.sql()),
        Stopping::kInterrupts));
    remark(fmt::format("finished detaching partition {}", printable(detach.object.sql())));
    return Effect::kPresent;
}

std::string enum_value(const ParsedStatement& added) {
    return fmt::format("SELECT FROM pg_catalog.pg_enum WHERE enumtypid = pg_catalog.to_regtype({}) AND enumlabel = {}",
                       literal(added.object.sql()), literal(added.text));
}

std::string database_named(const std::string& name) {
    // -2 marks one whose DROP was interrupted (15.4 and later).
    return fmt::format("SELECT FROM pg_catalog.pg_database WHERE datname = {} AND datconnlimit <> -2", literal(name));
}

std::string subscription_named(const std::string& name) {
    return fmt::format("SELECT FROM pg_catalog.pg_subscription WHERE subname = {} AND subdbid = (SELECT oid FROM"
                       " pg_catalog.pg_database WHERE datname = pg_catalog.current_database())",
                       literal(name));
}

std::string tablespace_named(const std::string& name) {
    return "SELECT FROM pg_catalog.pg_tablespace WHERE spcname = " + literal(name);
}

}  // namespace

Result<Effect> find_effect(Connection& connection, const ReadStep& step, const Remark& remark) {
    if (step.session_only) return Effect::kAbsent;
    const std::optional<ParsedStatement> parsed = parse_statement(step.step.body);
    if (!parsed) return Effect::kUnknowable;
    const std::string& name = parsed->object.name;
    switch (parsed->syntax) {
        case Syntax::kCreateIndex: return effect_of_create_index(connection, *parsed, remark);
        case Syntax::kDropIndex:
            if (name.empty()) return Effect::kUnknowable;
            return absent_if(connection, fmt::format("SELECT WHERE pg_catalog.to_regclass({}) IS NOT NULL", literal(parsed->object.sql())));
        case Syntax::kReindex: return effect_of_reindex(connection, *parsed, remark);
        case Syntax::kDetachPartition: return effect_of_detach(connection, *parsed, remark);
        case Syntax::kAddEnumValue: return present_if(connection, enum_value(*parsed));
        case Syntax::kCreateDatabase: return present_if(connection, database_named(name));
        case Syntax::kDropDatabase:
            return absent_if(connection, "SELECT FROM pg_catalog.pg_database WHERE datname = " + literal(name));
        case Syntax::kCreateTablespace: return present_if(connection, tablespace_named(name));
        case Syntax::kDropTablespace: return absent_if(connection, tablespace_named(name));
        case Syntax::kCreateSubscription: return present_if(connection, subscription_named(name));
        case Syntax::kDropSubscription: return absent_if(connection, subscription_named(name));
        // Running these again does no harm.
        case Syntax::kVacuum:
        case Syntax::kCluster:
        case Syntax::kAlterSystem:
        case Syntax::kAlterDatabase: return Effect::kAbsent;
        case Syntax::kAlterSubscription:
            // ADD and DROP PUBLICATION fail the second time.
            return mentions(step.step.body, " publication") && !mentions(step.step.body, "refresh") &&
                           !mentions(step.step.body, "set ")
                       ? Effect::kUnknowable
                       : Effect::kAbsent;
        default: return Effect::kUnknowable;
    }
}

Result<void> clear_way(Connection& connection, std::string_view sql, const Remark& remark) {
    const std::optional<ParsedStatement> parsed = parse_statement(sql);
    if (!parsed || parsed->syntax != Syntax::kCreateIndex || !parsed->concurrently || parsed->object.name.empty()) return {};
    const std::optional<Index> index = TRY(named_index(connection, *parsed));
    if (!index || index->valid || !index->on_table) return {};
    return drop_debris(connection, *index, remark);
}

}  // namespace godwit::postgres
