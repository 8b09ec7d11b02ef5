#include "target/memory/memory_record.h"

#include <algorithm>
#include <fmt/format.h>

namespace godwit {
namespace {

using Entries = std::vector<LedgerEntry>;

Timestamp now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

LedgerEntry* find(Entries& entries, const std::string& version) {
    const auto at = std::find_if(entries.begin(), entries.end(),
                                 [&](const LedgerEntry& entry) { return entry.version == version; });
    return at == entries.end() ? nullptr : &*at;
}

LedgerEntry& find_or_add(Entries& entries, const std::string& version) {
    if (LedgerEntry* entry = find(entries, version)) return *entry;
    entries.emplace_back().version = version;
    return entries.back();
}

void erase(Entries& entries, const std::string& version) {
    std::erase_if(entries, [&](const LedgerEntry& entry) { return entry.version == version; });
}

void change_heads(Entries& heads, const RecordChange& change) {
    for (const std::string& head : change.heads_removed) erase(heads, head);
    for (const std::string& head : change.heads_added) find_or_add(heads, head);
}

void add_to_history(Entries& history, const RecordChange& change, int64_t took_ms) {
    LedgerEntry& entry = find_or_add(history, change.version);
    entry.description = change.description;
    entry.checksum = change.checksum;
    entry.applied_at = now();
    entry.execution_time_ms = change.execution_time_ms.value_or(took_ms);
}

void keep_inverse(std::vector<std::string>& inverses, const RecordChange& change) {
    inverses.resize(static_cast<size_t>(change.steps_done));
    inverses.push_back(change.inverse);
}

// Of a migration that is neither applied nor in flight nothing is kept.
void forget_inverses(MemoryRecord& record, const std::string& version) {
    if (find(record.history, version) == nullptr) record.inverses.erase(version);
}

void note_progress(Entries& journal, const RecordChange& change) {
    LedgerEntry& entry = find_or_add(journal, change.version);
    entry.state = change.direction == Direction::kUp ? EntryState::kApplying : EntryState::kReverting;
    entry.description = change.description;
    entry.checksum = change.checksum;
    entry.steps_done = change.steps_done;
    entry.steps_total = change.steps_total;
    entry.step_hash = change.step_hash;
    entry.step_text = change.step_text;
    entry.error = change.error;
    entry.owner = change.owner;
}

}  // namespace

Result<void> change_memory_record(MemoryRecord& record, const RecordChange& change, HistoryLayout layout,
                                  int64_t took_ms) {
    const bool heads_only = layout == HistoryLayout::kAlembic;
    switch (change.kind) {
        case RecordChange::Kind::kProgress:
            note_progress(record.journal, change);
            if (change.keeps_inverse) keep_inverse(record.inverses[change.version], change);
            return {};
        case RecordChange::Kind::kApplied:
            heads_only ? change_heads(record.history, change) : add_to_history(record.history, change, took_ms);
            erase(record.journal, change.version);
            if (std::ssize(record.inverses[change.version]) != change.steps_total) record.inverses.erase(change.version);
            return {};
        case RecordChange::Kind::kReverted:
            heads_only ? change_heads(record.history, change) : erase(record.history, change.version);
            erase(record.journal, change.version);
            forget_inverses(record, change.version);
            return {};
        case RecordChange::Kind::kForgotten:
            erase(record.journal, change.version);
            forget_inverses(record, change.version);
            return {};
        case RecordChange::Kind::kPurged: record = {}; return {};
        case RecordChange::Kind::kChecksum: {
            LedgerEntry* entry = find(record.history, change.version);
            if (entry == nullptr) {
                return fail(ErrorCode::kRejected, fmt::format("{} is not in the history", change.version));
            }
            if (!heads_only) entry->checksum = change.checksum;
            return {};
        }
    }
    return fail(ErrorCode::kInternal, "unknown change of the record");
}

Ledger memory_ledger_of(const MemoryRecord& record, HistoryLayout layout) {
    Ledger ledger;
    ledger.layout = layout;
    ledger.exists = true;
    const auto with_inverses = [&](LedgerEntry entry) {
        const auto kept = record.inverses.find(entry.version);
        if (kept != record.inverses.end()) entry.inverses = kept->second;
        return entry;
    };
    for (const LedgerEntry& entry : record.history) ledger.add(with_inverses(entry));
    for (const LedgerEntry& in_flight : record.journal) {
        LedgerEntry entry = with_inverses(in_flight);
        if (const LedgerEntry* applied = ledger.find(entry.version)) {
            entry.applied_at = applied->applied_at;
            entry.execution_time_ms = applied->execution_time_ms;
        }
        ledger.add(std::move(entry));
    }
    return ledger;
}

}  // namespace godwit
