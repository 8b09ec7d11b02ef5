#include "target/postgres/parser.h"

#include <pg_query.h>
#include <pg_query/pg_query.pb-c.h>

#include <algorithm>
#include <memory>
#include <span>

#include "base/text.h"
#include "target/postgres/history_sql.h"

namespace godwit::postgres {
namespace {

using NodeList = std::span<PgQuery__Node* const>;

struct FreeTree {
    void operator()(PgQuery__ParseResult* tree) const { pg_query__parse_result__free_unpacked(tree, nullptr); }
};
struct FreeTokens {
    void operator()(PgQuery__ScanResult* tokens) const { pg_query__scan_result__free_unpacked(tokens, nullptr); }
};

ObjectName name_of(const PgQuery__RangeVar* relation) {
    if (relation == nullptr) return {};
    return {relation->schemaname, relation->relname};
}

std::string string_of(const PgQuery__Node* node) {
    return node != nullptr && node->node_case == PG_QUERY__NODE__NODE_STRING ? node->string->sval : "";
}

// `schema.name` or `name` as a list of strings.
ObjectName name_of(NodeList names) {
    if (names.empty()) return {};
    return {names.size() > 1 ? string_of(names[names.size() - 2]) : "", string_of(names.back())};
}

const PgQuery__DefElem* find_option(NodeList options, std::string_view name) {
    for (const PgQuery__Node* option : options) {
        if (option->node_case == PG_QUERY__NODE__NODE_DEF_ELEM && equal_ignoring_case(option->def_elem->defname, name)) {
            return option->def_elem;
        }
    }
    return nullptr;
}

// An option is on when it is there without a value or with one that means yes,
// as defGetBoolean() reads it.
bool is_on(NodeList options, std::string_view name, bool otherwise) {
    const PgQuery__DefElem* option = find_option(options, name);
    if (option == nullptr) return otherwise;
    if (option->arg == nullptr) return true;
    if (option->arg->node_case == PG_QUERY__NODE__NODE_INTEGER) return option->arg->integer->ival != 0;
    const std::string value = string_of(option->arg);
    return !equal_ignoring_case(value, "false") && !equal_ignoring_case(value, "off");
}

void read_drop(const PgQuery__DropStmt& drop, ParsedStatement& out) {
    if (drop.remove_type != PG_QUERY__OBJECT_TYPE__OBJECT_INDEX) return;
    out.syntax = Syntax::kDropIndex;
    out.concurrently = out.alone = drop.concurrent;
    if (drop.n_objects != 1 || drop.objects[0]->node_case != PG_QUERY__NODE__NODE_LIST) return;
    const PgQuery__List& names = *drop.objects[0]->list;
    out.object = name_of(NodeList(names.items, names.n_items));
}

void read_reindex(const PgQuery__ReindexStmt& reindex, ParsedStatement& out) {
    out.syntax = Syntax::kReindex;
    out.concurrently = is_on(NodeList(reindex.params, reindex.n_params), "concurrently", false);
    out.object = name_of(reindex.relation);
    const bool one = reindex.kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_INDEX ||
                     reindex.kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_TABLE;
    out.alone = out.concurrently || !one;
}

void read_alter_table(const PgQuery__AlterTableStmt& alter, ParsedStatement& out) {
    for (const PgQuery__Node* node : NodeList(alter.cmds, alter.n_cmds)) {
        const PgQuery__AlterTableCmd& command = *node->alter_table_cmd;
        if (command.subtype != PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartition) continue;
        out.syntax = Syntax::kDetachPartition;
        out.table = name_of(alter.relation);
        out.object = name_of(command.def->partition_cmd->name);
        out.concurrently = out.alone = command.def->partition_cmd->concurrent;
    }
}

void read_alter_subscription(const PgQuery__AlterSubscriptionStmt& alter, ParsedStatement& out) {
    out.syntax = Syntax::kAlterSubscription;
    out.object.name = alter.subname;
    const NodeList options(alter.options, alter.n_options);
    switch (alter.kind) {
        case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_SET_PUBLICATION:
        case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_ADD_PUBLICATION:
        case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_DROP_PUBLICATION:
            out.alone = is_on(options, "refresh", true);
            break;
        case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_REFRESH: out.alone = true; break;
        case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_OPTIONS:
            // Newer servers change these on the publisher too.
            out.alone = find_option(options, "failover") != nullptr || find_option(options, "two_phase") != nullptr;
            break;
        default: break;
    }
}

void read_do(const PgQuery__DoStmt& block, ParsedStatement& out) {
    out.syntax = Syntax::kDo;
    out.object.name = "plpgsql";
    const NodeList arguments(block.args, block.n_args);
    if (const auto* body = find_option(arguments, "as")) out.text = string_of(body->arg);
    if (const auto* language = find_option(arguments, "language")) out.object.name = to_lower(string_of(language->arg));
}

void read_select(const PgQuery__SelectStmt& select, ParsedStatement& out) {
    const bool bare = select.n_target_list == 1 && select.n_from_clause == 0 && select.where_clause == nullptr &&
                      select.larg == nullptr && select.with_clause == nullptr;
    if (!bare || select.target_list[0]->node_case != PG_QUERY__NODE__NODE_RES_TARGET) return;
    const PgQuery__Node* value = select.target_list[0]->res_target->val;
    if (value == nullptr || value->node_case != PG_QUERY__NODE__NODE_FUNC_CALL) return;
    const PgQuery__FuncCall& call = *value->func_call;
    if (name_of(NodeList(call.funcname, call.n_funcname)).name != "set_config" || call.n_args != 3) return;
    const bool constants = std::all_of(call.args, call.args + 3, [](const PgQuery__Node* argument) {
        return argument->node_case == PG_QUERY__NODE__NODE_A_CONST;
    });
    if (!constants) return;
    const PgQuery__AConst& local = *call.args[2]->a_const;
    const bool session = local.val_case == PG_QUERY__A__CONST__VAL_BOOLVAL && local.boolval->boolval == 0;
    if (session) out.syntax = Syntax::kSetConfig;
}

void read_vacuum(const PgQuery__VacuumStmt& vacuum, ParsedStatement& out) {
    out.syntax = Syntax::kVacuum;
    out.alone = vacuum.is_vacuumcmd != 0;
}

void read_enum(const PgQuery__AlterEnumStmt& alter, ParsedStatement& out) {
    if (alter.old_val[0] != '\0') return;  // RENAME VALUE.
    out.syntax = Syntax::kAddEnumValue;
    out.object = name_of(NodeList(alter.type_name, alter.n_type_name));
    out.text = alter.new_val;
}

void named(ParsedStatement& out, Syntax syntax, const char* name, bool alone) {
    out.syntax = syntax;
    out.object.name = name;
    out.alone = alone;
}

void read_index(const PgQuery__IndexStmt& index, ParsedStatement& out) {
    out.syntax = Syntax::kCreateIndex;
    out.object.name = index.idxname;
    out.table = name_of(index.relation);
    out.concurrently = out.alone = index.concurrent;
}

void read_cluster(const PgQuery__ClusterStmt& cluster, ParsedStatement& out) {
    out.syntax = Syntax::kCluster;
    out.object = name_of(cluster.relation);
    out.alone = out.object.name.empty();
}

void read_node(const PgQuery__Node& node, ParsedStatement& out) {
    switch (node.node_case) {
        case PG_QUERY__NODE__NODE_INDEX_STMT: return read_index(*node.index_stmt, out);
        case PG_QUERY__NODE__NODE_DROP_STMT: return read_drop(*node.drop_stmt, out);
        case PG_QUERY__NODE__NODE_REINDEX_STMT: return read_reindex(*node.reindex_stmt, out);
        case PG_QUERY__NODE__NODE_VACUUM_STMT: return read_vacuum(*node.vacuum_stmt, out);
        case PG_QUERY__NODE__NODE_CLUSTER_STMT: return read_cluster(*node.cluster_stmt, out);
        case PG_QUERY__NODE__NODE_CREATEDB_STMT:
            return named(out, Syntax::kCreateDatabase, node.createdb_stmt->dbname, true);
        case PG_QUERY__NODE__NODE_DROPDB_STMT:
            return named(out, Syntax::kDropDatabase, node.dropdb_stmt->dbname, true);
        case PG_QUERY__NODE__NODE_ALTER_DATABASE_STMT: {
            const PgQuery__AlterDatabaseStmt& alter = *node.alter_database_stmt;
            const bool moves = find_option(NodeList(alter.options, alter.n_options), "tablespace") != nullptr;
            return named(out, Syntax::kAlterDatabase, alter.dbname, moves);
        }
        case PG_QUERY__NODE__NODE_CREATE_TABLE_SPACE_STMT:
            return named(out, Syntax::kCreateTablespace, node.create_table_space_stmt->tablespacename, true);
        case PG_QUERY__NODE__NODE_DROP_TABLE_SPACE_STMT:
            return named(out, Syntax::kDropTablespace, node.drop_table_space_stmt->tablespacename, true);
        case PG_QUERY__NODE__NODE_ALTER_SYSTEM_STMT: return named(out, Syntax::kAlterSystem, "", true);
        case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT: return read_alter_table(*node.alter_table_stmt, out);
        case PG_QUERY__NODE__NODE_CREATE_SUBSCRIPTION_STMT: {
            const PgQuery__CreateSubscriptionStmt& create = *node.create_subscription_stmt;
            const NodeList options(create.options, create.n_options);
            const bool slot = is_on(options, "create_slot", is_on(options, "connect", true));
            return named(out, Syntax::kCreateSubscription, create.subname, slot);
        }
        case PG_QUERY__NODE__NODE_ALTER_SUBSCRIPTION_STMT:
            return read_alter_subscription(*node.alter_subscription_stmt, out);
        case PG_QUERY__NODE__NODE_DROP_SUBSCRIPTION_STMT:
            return named(out, Syntax::kDropSubscription, node.drop_subscription_stmt->subname, true);
        case PG_QUERY__NODE__NODE_CREATE_ENUM_STMT:
            out.syntax = Syntax::kCreateEnum;
            out.object = name_of(NodeList(node.create_enum_stmt->type_name, node.create_enum_stmt->n_type_name));
            return;
        case PG_QUERY__NODE__NODE_ALTER_ENUM_STMT: return read_enum(*node.alter_enum_stmt, out);
        case PG_QUERY__NODE__NODE_DO_STMT: return read_do(*node.do_stmt, out);
        case PG_QUERY__NODE__NODE_CALL_STMT: return named(out, Syntax::kCall, "", false);
        case PG_QUERY__NODE__NODE_SELECT_STMT: return read_select(*node.select_stmt, out);
        default: return;
    }
}

bool is_one_of(std::string_view token, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(), [&](auto word) { return equal_ignoring_case(token, word); });
}

// COMMIT and ROLLBACK are statements of their own in PL/pgSQL: what stands before
// and behind them tells them from columns and functions of that name. (The
// grammar of the language itself would have to know the types of all variables.)
BlockCommits words_commit(std::string_view body) {
    const auto tokens = scan_tokens(body);
    if (!tokens) return BlockCommits::kMay;
    BlockCommits found = BlockCommits::kNever;
    for (size_t i = 0; i + 1 < tokens->size(); ++i) {
        if (i > 0 && !is_one_of((*tokens)[i - 1], {";", "BEGIN", "THEN", "ELSE", "LOOP", ">>"})) continue;
        const std::string_view token = (*tokens)[i];
        const std::string_view next = (*tokens)[i + 1];
        const bool ends = is_one_of(next, {";", "AND", "WORK", "TRANSACTION"});
        if (ends && is_one_of(token, {"COMMIT", "ROLLBACK"})) return BlockCommits::kDoes;
        if (is_one_of(token, {"CALL"})) found = BlockCommits::kMay;
    }
    return found;
}

}  // namespace

std::string ObjectName::sql() const {
    return schema.empty() ? identifier(name) : identifier(schema) + "." + identifier(name);
}

std::optional<ParsedStatement> parse_statement(std::string_view sql) {
    const PgQueryProtobufParseResult result = pg_query_parse_protobuf(std::string(sql).c_str());
    std::optional<ParsedStatement> parsed;
    if (result.error == nullptr) {
        const std::unique_ptr<PgQuery__ParseResult, FreeTree> tree(pg_query__parse_result__unpack(
            nullptr, result.parse_tree.len, reinterpret_cast<const uint8_t*>(result.parse_tree.data)));
        if (tree != nullptr && tree->n_stmts == 1 && tree->stmts[0]->stmt != nullptr) {
            read_node(*tree->stmts[0]->stmt, parsed.emplace());
        }
    }
    pg_query_free_protobuf_parse_result(result);
    return parsed;
}

std::optional<std::vector<std::string_view>> scan_tokens(std::string_view sql) {
    const PgQueryScanResult result = pg_query_scan(std::string(sql).c_str());
    std::optional<std::vector<std::string_view>> words;
    if (result.error == nullptr) {
        const std::unique_ptr<PgQuery__ScanResult, FreeTokens> tokens(pg_query__scan_result__unpack(
            nullptr, result.pbuf.len, reinterpret_cast<const uint8_t*>(result.pbuf.data)));
        if (tokens != nullptr) words.emplace();
        for (size_t i = 0; tokens != nullptr && i < tokens->n_tokens; ++i) {
            const PgQuery__ScanToken& token = *tokens->tokens[i];
            if (token.token == PG_QUERY__TOKEN__SQL_COMMENT || token.token == PG_QUERY__TOKEN__C_COMMENT) continue;
            words->push_back(sql.substr(static_cast<size_t>(token.start), static_cast<size_t>(token.end - token.start)));
        }
    }
    pg_query_free_scan_result(result);
    return words;
}

BlockCommits block_commits(std::string_view sql) {
    const std::optional<ParsedStatement> parsed = parse_statement(sql);
    if (!parsed || parsed->syntax != Syntax::kDo) return BlockCommits::kMay;
    const std::string lower = to_lower(parsed->text);
    const auto says = [&](std::string_view word) { return lower.find(word) != std::string::npos; };
    if (!says("commit") && !says("rollback") && !says("call")) return BlockCommits::kNever;
    if (parsed->object.name != "plpgsql") return BlockCommits::kMay;
    return words_commit(parsed->text);
}

}  // namespace godwit::postgres
