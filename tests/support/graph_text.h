// Graphs and records written as one line of text, for table tests.
//
// A graph is a list of migrations, each with what comes before it:
//   a            a revision without parent       a<-b     b revises a
//   a&b<-c       c merges a and b                c~x&y    c depends on x and y
//   c@label      a branch label                  c!       c has no down part
//   c?           nobody has written c's statements yet
//   #0007        a version of the line           %views   a repeatable migration
//   items/a      in the database items instead of main
// so "a<-b@left, a<-c!, b&c<-d~items/x, items/x" is a graph of five. The file of
// a migration is its name with ".sql" ("b.sql", "items/x.sql").
//
// A record is a list of versions with marks:
//   a            applied                         b*       and edited since
//   c>2/5        stopped after step 2 of 5 on the way up, c<2/5 on the way down
// With "alembic " or "items alembic " in front a database's layout is Alembic's.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "model/graph.h"
#include "model/ledger.h"
#include "plan/state.h"

namespace godwit::testing {

inline MigrationId id_of(std::string_view text, std::string_view database = "main") {
    const size_t slash = text.find('/');
    if (slash == std::string_view::npos) return {std::string(database), std::string(text)};
    return {std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

inline Scheme scheme_of(std::string_view version) {
    if (version.find_first_not_of("0123456789") == std::string_view::npos) {
        return version.size() == 14 ? Scheme::kTimestamp : Scheme::kNumber;
    }
    if (version.size() == 15 && version[8] == '_') return Scheme::kTimestamp;
    return Scheme::kDotted;
}

inline std::vector<Reference> references_of(std::string_view text, std::string_view file) {
    std::vector<Reference> references;
    for (const std::string_view name : split_any(text, "&")) {
        // Without a database in the text there is none in the reference either.
        references.push_back({id_of(name, ""), {std::string(file), 3, 0, -1}});
    }
    return references;
}

inline Migration migration_of(std::string_view text) {
    Migration migration;
    const size_t arrow = text.find("<-");
    const std::string_view parents = arrow == std::string_view::npos ? "" : text.substr(0, arrow);
    std::string_view rest = arrow == std::string_view::npos ? text : text.substr(arrow + 2);
    const bool linear = rest.find('#') != std::string_view::npos;
    const bool repeatable = rest.find('%') != std::string_view::npos;
    const std::string_view name = rest.substr(0, rest.find_first_of("~@!?"));
    std::string plain(name);
    std::erase_if(plain, [](char c) { return c == '#' || c == '%'; });
    migration.id = id_of(plain);
    migration.description = "about " + migration.id.version;
    migration.where = {plain + ".sql", 1, 0, -1};
    migration.explicit_parents = !linear && !repeatable;
    migration.scheme = linear ? scheme_of(migration.id.version) : Scheme::kRevision;
    if (repeatable) migration.scheme = Scheme::kRepeatable;
    migration.checksum = "sha256-" + migration.id.version;
    migration.up = Script{};
    migration.down = Script{};
    migration.parents = references_of(parents, migration.where.file);
    for (rest.remove_prefix(name.size()); !rest.empty();) {
        const char mark = rest.front();
        rest.remove_prefix(1);
        const std::string_view value = rest.substr(0, rest.find_first_of("~@!?"));
        if (mark == '~') migration.depends_on = references_of(value, migration.where.file);
        if (mark == '@') migration.labels.emplace_back(value);
        if (mark == '!') migration.down = std::monostate{};
        if (mark == '?') migration.unfinished = SourceSpan{migration.where.file, 0, 0, -1};
        rest.remove_prefix(value.size());
    }
    return migration;
}

inline std::vector<Migration> migrations_of(std::string_view text) {
    std::vector<Migration> migrations;
    for (const std::string_view part : split_any(text, ",")) migrations.push_back(migration_of(trim(part)));
    return migrations;
}

inline Graph graph_of(std::string_view text) {
    auto graph = Graph::build(migrations_of(text));
    if (!graph) {
        ADD_FAILURE() << text << ": " << graph.error().message;
        return *Graph::build({});
    }
    return std::move(*graph);
}

inline LedgerEntry entry_of(std::string_view version) {
    LedgerEntry entry;
    const size_t mark = version.find_first_of("*<>");
    entry.version = version.substr(0, mark);
    entry.checksum = "sha256-" + entry.version;
    if (mark == std::string_view::npos) return entry;
    if (version.find('*') != std::string_view::npos) entry.checksum = "sha256-other";
    const size_t way = version.find_first_of("<>");
    if (way == std::string_view::npos) return entry;
    const size_t slash = version.find('/');
    entry.state = version[way] == '>' ? EntryState::kApplying : EntryState::kReverting;
    entry.steps_done = std::stoi(std::string(version.substr(way + 1, slash - way - 1)));
    entry.steps_total = std::stoi(std::string(version.substr(slash + 1)));
    entry.step_hash = "hash of " + entry.version;
    return entry;
}

// Every database of `graph` gets a ledger; `text` may name more.
inline Ledgers ledgers_of(const Graph& graph, std::string_view text) {
    Ledgers ledgers;
    for (const std::string& database : graph.databases()) ledgers[database].exists = true;
    for (std::string_view part : split_any(text, ",")) {
        part = trim(part);
        const size_t layout = part.find("alembic");
        if (layout != std::string_view::npos) {
            const std::string database(trim(part.substr(0, layout)));
            ledgers[database.empty() ? "main" : database].layout = HistoryLayout::kAlembic;
            part = trim(part.substr(layout + 7));
            if (part.empty()) continue;
        }
        // A slash after a mark separates steps, not a database.
        const size_t mark = part.find_first_of("*<>");
        const MigrationId id = id_of(part.substr(0, mark));
        const std::string marks(mark == std::string_view::npos ? "" : part.substr(mark));
        ledgers[id.database].add(entry_of(id.version + marks));
    }
    return ledgers;
}

// "a b c"; in a graph of several databases "items:a main:b".
inline std::string names_of(const Graph& graph, const std::vector<Graph::Index>& indexes) {
    std::vector<std::string> names;
    for (const Graph::Index index : indexes) names.push_back(graph.name(graph.at(index).id));
    return join(names, " ");
}

// "message | remedy", with the place in front and the details behind.
inline std::string text_of(const Error& error) {
    std::string text = error.where.known() ? to_string(error.where) + ": " : "";
    text += error.message;
    for (const std::string& detail : error.details) text += " | " + detail;
    return text + (error.remedy.empty() ? "" : " || " + error.remedy);
}

}  // namespace godwit::testing
