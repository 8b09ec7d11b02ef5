#include "run/settle.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/process.h"
#include "base/text.h"
#include "run/locks.h"
#include "run/step_hash.h"

namespace godwit {
namespace {

using Index = Graph::Index;

// Changes to the records of all databases, and what to say of them.
struct Changes {
    std::map<std::string, std::vector<RecordChange>> by_database;
    std::vector<SettledRow> rows;

    void add(const MigrationId& id, RecordChange change, std::string what) {
        change.version = id.version;
        by_database[id.database].push_back(std::move(change));
        rows.push_back({id, std::move(what)});
    }
};

RecordChange change_of(RecordChange::Kind kind, const Migration& migration) {
    RecordChange change;
    change.kind = kind;
    change.version = migration.id.version;
    change.description = migration.description;
    change.checksum = migration.checksum;
    change.execution_time_ms = 0;
    return change;
}

std::set<std::string> recorded_heads(const Ledger& ledger) {
    std::set<std::string> heads;
    for (const LedgerEntry& entry : ledger.entries()) {
        if (entry.state != EntryState::kApplying) heads.insert(entry.version);
    }
    return heads;
}

// Alembic's rows for exactly the migrations marked in `applied`.
std::set<std::string> heads_of(const Graph& graph, const std::vector<bool>& applied, const std::string& database) {
    State wanted;
    wanted.applied = applied;
    std::set<std::string> heads;
    for (const Index index : wanted.applied_heads(graph, database)) heads.insert(graph.at(index).id.version);
    return heads;
}

// Lets the first change of an alembic_version database carry the move of its heads.
void attach_heads(const Graph& graph, const Ledgers& ledgers, const std::vector<bool>& applied, Changes& changes) {
    for (auto& [database, list] : changes.by_database) {
        const Ledger& ledger = ledgers.at(database);
        if (ledger.layout != HistoryLayout::kAlembic || list.empty()) continue;
        const std::set<std::string> before = recorded_heads(ledger);
        const std::set<std::string> after = heads_of(graph, applied, database);
        const auto mover = std::find_if(list.begin(), list.end(), [](const RecordChange& change) { return change.kind != RecordChange::Kind::kPurged; });
        if (mover == list.end()) continue;
        RecordChange& first = *mover;
        std::set_difference(before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(first.heads_removed));
        std::set_difference(after.begin(), after.end(), before.begin(), before.end(), std::back_inserter(first.heads_added));
    }
}

Result<void> write(const Targets& targets, const Changes& changes, const RunOptions& options, const std::string& command) {
    AuditRecord audit = options.audit;
    audit.run_id = random_hex(16);
    audit.command = command;
    for (const auto& [database, list] : changes.by_database) {
        if (list.empty()) continue;
        Target& target = *targets.at(database);
        CHECK(target.create_ledger());
        std::vector<std::string> versions;
        for (const RecordChange& change : list) versions.push_back(fmt::format(R"({{"version":{}}})", json_quote(change.version)));
        audit.plan = "[" + join(versions, ",") + "]";
        CHECK(target.audit_begin(audit));
        const auto body = [&]() -> Result<void> {
            for (const RecordChange& change : list) CHECK(target.record(change));
            return {};
        };
        CHECK(target.transactional() ? target.in_transaction(Execution{}, body) : body());
        audit.result = "done";
        audit.duration_ms = 0;
        CHECK(target.audit_end(audit));
    }
    return {};
}

// What is to be applied afterwards: what is aimed at with its ancestors, and,
// as in Alembic, the applied heads of branches that share no lineage with it.
std::vector<bool> wanted_by(const Graph& graph, const State& state, std::vector<Index> aims) {
    const std::vector<bool> above = graph.with_descendants(aims, Graph::Follow::kLineage);
    const std::vector<bool> below = graph.with_ancestors(aims, Graph::Follow::kLineage);
    std::set<std::string> aimed;
    for (const Index aim : aims) aimed.insert(graph.at(aim).id.database);
    for (const std::string& database : aimed) {
        for (const Index head : state.applied_heads(graph, database)) {
            const auto place = static_cast<size_t>(head);
            if (!above[place] && !below[place]) aims.push_back(head);
        }
    }
    return graph.with_ancestors(aims, Graph::Follow::kDatabase);
}

void forget_unknown(const State& state, const std::set<std::string>& databases, Changes& changes) {
    for (const StandingRow& row : state.rows) {
        if (row.migration != nullptr || !databases.contains(row.id.database)) continue;
        RecordChange change;
        change.kind = RecordChange::Kind::kReverted;
        changes.add(row.id, std::move(change), "removed from the history: no file has it");
    }
}

// Empties the records of `databases`, and with them `ledgers` for what follows.
Changes purge_changes(Ledgers& ledgers, const std::set<std::string>& databases) {
    Changes changes;
    for (const std::string& database : databases) {
        Ledger& ledger = ledgers.at(database);
        RecordChange purge;
        purge.kind = RecordChange::Kind::kPurged;
        changes.by_database[database].push_back(std::move(purge));
        for (const LedgerEntry& entry : ledger.entries()) changes.rows.push_back({{database, entry.version}, "removed from the history"});
        Ledger empty;
        empty.layout = ledger.layout;
        ledger = std::move(empty);
    }
    return changes;
}

void add_stamp_changes(const Graph& graph, const State& state, const std::vector<bool>& wanted, const std::set<std::string>& databases,
                       Changes& changes) {
    forget_unknown(state, databases, changes);
    for (Index index = 0; index < graph.size(); ++index) {
        const Migration& migration = graph.at(index);
        if (!databases.contains(migration.id.database) || graph.repeatable(index)) continue;
        const bool is = state.is_applied(index);
        const bool in_flight = state.row(graph, index).standing == Standing::kFailed;
        const bool want = wanted[static_cast<size_t>(index)];
        if (want && (!is || in_flight)) {
            changes.add(migration.id, change_of(RecordChange::Kind::kApplied, migration), "marked as applied");
        } else if (!want && (is || in_flight)) {
            changes.add(migration.id, change_of(RecordChange::Kind::kReverted, migration), "removed from the history");
        }
    }
}

struct Aims {
    std::vector<Index> migrations;
    std::set<std::string> databases;
};

Result<Aims> aims_of(const Graph& graph, const State& state, const Targets& targets, const StampRequest& request) {
    Aims aims;
    for (const std::string& address : request.addresses) {
        const std::vector<Index> meant = TRY(resolve(graph, state, address, request.databases));
        aims.migrations.insert(aims.migrations.end(), meant.begin(), meant.end());
        for (const Index index : meant) aims.databases.insert(graph.at(index).id.database);
        if (!meant.empty()) continue;
        // base: of the database that it names, else of all.
        const std::string named = address.substr(0, address.find(':'));
        for (const auto& [database, target] : targets) {
            if (database == named || !targets.contains(named)) aims.databases.insert(database);
        }
    }
    return aims;
}

// The rows that a repair speaks of: those addressed, or all that it can mean.
class Repair {
public:
    Repair(const Graph& graph, const Targets& targets, const RepairRequest& request, const Ledgers& ledgers)
        : graph_(graph), targets_(targets), request_(request), ledgers_(ledgers), state_(examine(graph, ledgers)) {}

    Result<std::vector<SettledRow>> show() const {
        std::vector<SettledRow> rows;
        for (const StandingRow& row : state_.rows) {
            if (!targets_.contains(row.id.database)) continue;
            if (row.standing == Standing::kFailed) rows.push_back({row.id, describe_in_flight(*row.entry)});
            if (row.standing == Standing::kEdited) rows.push_back({row.id, "edited since it was applied"});
            if (row.standing == Standing::kMissing) rows.push_back({row.id, "recorded as applied, but no file has it"});
        }
        return rows;
    }

    Result<Changes> changes() {
        Changes changes;
        std::vector<bool> applied = state_.applied;
        for (const StandingRow* row : TRY(rows())) {
            CHECK(settle(*row, applied, changes));
        }
        attach_heads(graph_, ledgers_, applied, changes);
        return changes;
    }

private:
    using Action = RepairRequest::Action;

    static std::string describe_in_flight(const LedgerEntry& entry) {
        std::string text = fmt::format("{}: stopped after step {} of {}", entry.state == EntryState::kApplying ? "half applied" : "half reverted",
                                       entry.steps_done, entry.steps_total);
        if (!entry.step_text.empty()) text += fmt::format("; in doubt: {}", printable(entry.step_text.substr(0, 200)));
        if (!entry.error.empty()) text += fmt::format("; error: {}", printable(entry.error));
        if (!entry.owner.empty()) text += fmt::format("; run by {}", printable(entry.owner));
        return text;
    }

    bool can_mean(const StandingRow& row) const {
        switch (request_.action) {
            case Action::kAcceptChecksum: return row.standing == Standing::kEdited;
            case Action::kStepDone:
            case Action::kStepAgain: return row.standing == Standing::kFailed && !row.entry->step_text.empty();
            default: return row.standing == Standing::kFailed;
        }
    }

    Result<std::vector<const StandingRow*>> rows() const {
        std::vector<const StandingRow*> rows;
        if (request_.versions.empty()) {
            for (const StandingRow& row : state_.rows) {
                if (targets_.contains(row.id.database) && can_mean(row)) rows.push_back(&row);
            }
            if (!rows.empty()) return rows;
            return fail(make_error(ErrorCode::kInvalidInput, "there is nothing that this could settle").with_remedy("`godwit repair` shows what is in doubt."));
        }
        for (const std::string& version : request_.versions) {
            if (const StandingRow* row = without_file(version)) {
                rows.push_back(row);
                continue;
            }
            for (const Index index : TRY(resolve(graph_, state_, version, request_.databases))) rows.push_back(&state_.row(graph_, index));
        }
        return rows;
    }

    const StandingRow* without_file(const std::string& version) const {
        for (const StandingRow& row : state_.rows) {
            if (row.migration == nullptr && (row.id.version == version || row.id.database + ":" + row.id.version == version)) return &row;
        }
        return nullptr;
    }

    // Refuses to settle what stands so already, which is a slip of the pen.
    Result<void> check_needed(const StandingRow& row) const {
        const bool to_apply = request_.action == Action::kApplied;
        if ((!to_apply && request_.action != Action::kReverted) || row.migration == nullptr || row.standing == Standing::kFailed) return {};
        if (state_.is_applied(graph_.index_of(*row.migration)) != to_apply) return {};
        const std::string name = printable(graph_.name(row.id));
        if (row.standing == Standing::kEdited) {
            return fail(make_error(ErrorCode::kInvalidInput, name + " is applied already, and its file was edited since")
                            .with_remedy("Accept the file as it is with `godwit repair --accept-checksum " + name + "`."));
        }
        return fail(make_error(ErrorCode::kInvalidInput, name + (to_apply ? " is applied already" : " is not applied"))
                        .with_remedy("There is nothing to settle; `godwit repair` shows what is in doubt."));
    }

    Result<void> settle(const StandingRow& row, std::vector<bool>& applied, Changes& changes) {
        const std::string name = graph_.name(row.id);
        const auto needs_file = [&] {
            return fail(make_error(ErrorCode::kInvalidInput, "no file has " + printable(name)).with_remedy("Restore its file, or use --reverted."));
        };
        CHECK(check_needed(row));
        switch (request_.action) {
            case Action::kShow: return {};
            case Action::kReverted: {
                RecordChange change;
                change.kind = RecordChange::Kind::kReverted;
                changes.add(row.id, std::move(change), "marked as reverted");
                mark(row, applied, false);
                return {};
            }
            case Action::kApplied:
                if (row.migration == nullptr) return needs_file();
                changes.add(row.id, change_of(RecordChange::Kind::kApplied, *row.migration), "marked as applied");
                mark(row, applied, true);
                return {};
            case Action::kAcceptChecksum:
                if (row.migration == nullptr) return needs_file();
                if (row.standing != Standing::kEdited) {
                    return fail(make_error(ErrorCode::kInvalidInput, printable(name) + " is " + std::string(to_string(row.standing)) + ", not edited"));
                }
                changes.add(row.id, change_of(RecordChange::Kind::kChecksum, *row.migration), "checksum accepted");
                return {};
            case Action::kStepDone:
            case Action::kStepAgain: return settle_step(row, changes);
        }
        return {};
    }

    Result<void> settle_step(const StandingRow& row, Changes& changes) {
        if (row.standing != Standing::kFailed || row.entry->step_text.empty() || row.migration == nullptr) {
            return fail(make_error(ErrorCode::kInvalidInput, printable(graph_.name(row.id)) + " has no step in doubt").with_remedy("`godwit repair` shows what is in doubt."));
        }
        const LedgerEntry& entry = *row.entry;
        RecordChange change = change_of(RecordChange::Kind::kProgress, *row.migration);
        change.direction = entry.state == EntryState::kReverting ? Direction::kDown : Direction::kUp;
        change.checksum = entry.checksum;
        change.steps_done = entry.steps_done;
        change.steps_total = entry.steps_total;
        change.step_hash = entry.step_hash;
        change.owner = entry.owner;
        const int32_t number = entry.steps_done + 1;
        if (request_.action == Action::kStepAgain) {
            changes.add(row.id, std::move(change), fmt::format("step {} will be run again", number));
            return {};
        }
        const Step step = TRY(step_at(*row.migration, change.direction, entry.steps_done));
        change.step_hash = chain_step_hash(entry.step_hash, step);
        change.steps_done = number;
        changes.add(row.id, std::move(change), fmt::format("step {} marked as done", number));
        return {};
    }

    Result<Step> step_at(const Migration& migration, Direction direction, int32_t number) const {
        const auto reader = TRY(targets_.at(migration.id.database)->read_steps(migration.body(direction)));
        while (const ReadStep* step = TRY(reader->next())) {
            if (step->kind == StepKind::kBegin || step->kind == StepKind::kCommit) continue;
            if (number-- == 0) return step->step;
        }
        return fail(make_error(ErrorCode::kNeedsRepair, migration.id.version + " has fewer steps than when it was interrupted")
                        .at(migration.where)
                        .with_remedy("Put its file back as it was, or use --applied or --reverted."));
    }

    void mark(const StandingRow& row, std::vector<bool>& applied, bool value) const {
        if (row.migration != nullptr) applied[static_cast<size_t>(graph_.index_of(*row.migration))] = value;
    }

    const Graph& graph_;
    const Targets& targets_;
    const RepairRequest& request_;
    const Ledgers& ledgers_;
    State state_;
};

}  // namespace

Result<std::vector<SettledRow>> stamp(const Graph& graph, const Targets& targets, const StampRequest& request,
                                      EventSink& events, const RunOptions& options) {
    const Leases leases = TRY(lock_all(targets, options.lock_wait, events, options.cancellation));
    Ledgers ledgers = TRY(read_ledgers(targets));
    const Aims aims = TRY(aims_of(graph, examine(graph, ledgers), targets, request));
    Changes changes;
    if (request.purge) changes = purge_changes(ledgers, aims.databases);
    const State state = examine(graph, ledgers);
    const std::vector<bool> wanted = wanted_by(graph, state, aims.migrations);
    add_stamp_changes(graph, state, wanted, aims.databases, changes);
    attach_heads(graph, ledgers, wanted, changes);
    CHECK(write(targets, changes, options, "stamp"));
    return changes.rows;
}

Result<std::vector<SettledRow>> repair(const Graph& graph, const Targets& targets, const RepairRequest& request,
                                       EventSink& events, const RunOptions& options) {
    if (request.action == RepairRequest::Action::kShow) {
        const Ledgers ledgers = TRY(read_ledgers(targets));
        return Repair(graph, targets, request, ledgers).show();
    }
    const Leases leases = TRY(lock_all(targets, options.lock_wait, events, options.cancellation));
    const Ledgers ledgers = TRY(read_ledgers(targets));
    const Changes changes = TRY(Repair(graph, targets, request, ledgers).changes());
    CHECK(write(targets, changes, options, "repair"));
    return changes.rows;
}

}  // namespace godwit
