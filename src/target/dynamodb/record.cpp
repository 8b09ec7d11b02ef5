#include "target/dynamodb/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/text.h"

namespace godwit::dynamodb {
namespace {

// TransactWriteItems takes 100; one is the fence.
constexpr size_t kMostEntries = 99;

// Beyond it a key is none of ours.
constexpr int32_t kMostSteps = 1'000'000;

std::string journal_key(std::string_view version) { return std::string(keys::kJournal) + std::string(version); }
std::string undo_key(std::string_view version, int32_t step) {
    return fmt::format("{}{}:{}", keys::kUndo, version, step);
}

bool counts_as_applied(const Item& item) {
    constexpr std::array<std::string_view, 6> kApplied{"applied", "completed", "complete", "success", "done", ""};
    const std::string status = to_lower(item.text("status"));
    return std::find(kApplied.begin(), kApplied.end(), status) != kApplied.end();
}

std::optional<std::string> after(std::string_view text, std::string_view start) {
    if (!text.starts_with(start)) return std::nullopt;
    return std::string(text.substr(start.size()));
}

struct UndoKey {
    std::string version;
    int32_t step = 0;
};

std::optional<UndoKey> read_undo_key(std::string_view key) {
    const auto rest = after(key, keys::kUndo);
    const size_t colon = rest ? rest->rfind(':') : std::string::npos;
    if (colon == std::string::npos) return std::nullopt;
    UndoKey undo{rest->substr(0, colon), 0};
    const auto [end, error] = std::from_chars(rest->data() + colon + 1, rest->data() + rest->size(), undo.step);
    if (error != std::errc() || end != rest->data() + rest->size() || undo.step < 0 ||
        undo.step >= kMostSteps)
        return std::nullopt;
    return undo;
}

LedgerEntry history_entry_of(const Item& item) {
    LedgerEntry entry;
    entry.version = item.text(kKey);
    entry.description = item.text("description");
    entry.checksum = item.text("checksum");
    if (const auto at_ms = read_iso_time_ms(item.text("applied_at")))
        entry.applied_at = Timestamp(std::chrono::milliseconds(*at_ms));
    entry.execution_time_ms = item.number("execution_time_ms");
    return entry;
}

using Inverses = std::map<std::string, std::vector<std::string>>;

Inverses inverses_in(const std::vector<Item>& items) {
    Inverses inverses;
    for (const Item& item : items) {
        const auto key = read_undo_key(item.text(kKey));
        if (!key) continue;
        std::vector<std::string>& of_version = inverses[key->version];
        of_version.resize(std::max(of_version.size(), static_cast<size_t>(key->step) + 1));
        of_version[static_cast<size_t>(key->step)] = item.text("inverse");
    }
    return inverses;
}

// In order of application; those of which no time is known come first.
std::vector<LedgerEntry> history_of(const std::vector<Item>& items, const Inverses& inverses) {
    std::vector<LedgerEntry> entries;
    for (const Item& item : items) {
        if (item.text(kKey).starts_with(keys::kOwn) || !counts_as_applied(item)) continue;
        LedgerEntry& entry = entries.emplace_back(history_entry_of(item));
        // Otherwise they are what an interruption has left of others.
        const auto kept = inverses.find(entry.version);
        if (kept != inverses.end() && item.number("inverses") == std::ssize(kept->second)) entry.inverses = kept->second;
    }
    std::sort(entries.begin(), entries.end(), [](const LedgerEntry& a, const LedgerEntry& b) {
        return std::pair(a.applied_at, a.version) < std::pair(b.applied_at, b.version);
    });
    return entries;
}

LedgerEntry journal_entry_of(const Item& item, const std::string& version, const LedgerEntry* applied) {
    LedgerEntry entry;
    if (applied != nullptr) entry = *applied;
    entry.version = version;
    entry.state = item.text("direction") == "down" ? EntryState::kReverting : EntryState::kApplying;
    entry.description = item.text("description");
    entry.checksum = item.text("checksum");
    entry.steps_done = static_cast<int32_t>(item.number("steps_done").value_or(0));
    entry.steps_total = static_cast<int32_t>(item.number("steps_total").value_or(0));
    entry.step_hash = item.text("step_hash");
    entry.step_text = item.text("step_text");
    entry.error = item.text("error");
    entry.owner = item.text("owner");
    return entry;
}

}  // namespace

// Moves the journal's count together with what it counts.
class Record::Progress final : public Checkpoint {
public:
    Progress(std::string table, std::string key, Flight& flight)
        : table_(std::move(table)), key_(std::move(key)), flight_(flight) {}

    int64_t done() const override { return flight_.elements_done; }

    std::string transact_entry(int64_t done) const override {
        Update update(table_, key_);
        update.set("elements_done", done).when_equal("elements_done", flight_.elements_done);
        if (flight_.token) update.when_equal("token", *flight_.token);
        return update.entry();
    }

    std::string transact_statement(int64_t done) const override {
        std::string statement = fmt::format(R"(UPDATE "{}" SET "elements_done"=? WHERE "{}"=? AND "elements_done"=?)",
                                            table_, kKey);
        std::vector<std::string> values{number_value(done), text_value(key_), number_value(flight_.elements_done)};
        if (flight_.token) {
            statement += R"( AND "token"=?)";
            values.push_back(number_value(*flight_.token));
        }
        return fmt::format(R"({{"Statement":{},"Parameters":[{}]}})", json_quote(statement), join(values, ","));
    }

    void moved(int64_t done) override { flight_.elements_done = done; }

private:
    const std::string table_;
    const std::string key_;
    Flight& flight_;
};

Record::Record(HistoryTable& table, const TargetConfig& config)
    : table_(table), layout_(config.layout), environment_(config.environment) {}
Record::~Record() = default;

Checkpoint* Record::checkpoint(std::string_view step_text) {
    progress_.reset();
    auto flight = flights_.find(last_);
    if (flight == flights_.end()) {
        // Asked about before anything was noted: what the crash has left.
        flight = std::find_if(flights_.begin(), flights_.end(), [&](const auto& each) {
            return !each.second.step_text.empty() && each.second.step_text == step_text;
        });
    }
    if (flight == flights_.end()) return nullptr;
    progress_ = std::make_unique<Progress>(table_.name(), journal_key(flight->first), flight->second);
    return progress_.get();
}

void Record::note_items(const std::vector<Item>& items) {
    progress_.reset();
    flights_.clear();
    inverses_.clear();
    last_.clear();
    exists_ = false;
    for (const Item& item : items) {
        const std::string key = item.text(kKey);
        if (key != keys::kLease) exists_ = true;
        if (const auto undo = read_undo_key(key)) inverses_[undo->version].insert(undo->step);
        const auto version = after(key, keys::kJournal);
        if (!version) continue;
        Flight& flight = flights_[*version];
        flight.direction = item.text("direction") == "down" ? Direction::kDown : Direction::kUp;
        flight.steps_done = static_cast<int32_t>(item.number("steps_done").value_or(0));
        flight.step_text = item.text("step_text");
        flight.elements_done = item.number("elements_done").value_or(0);
        flight.token = item.number("token");
    }
}

Result<Ledger> Record::read() {
    const auto items = TRY(table_.scan_all_but(keys::kAudit));
    note_items(items.value_or(std::vector<Item>{}));
    Ledger ledger;
    ledger.layout = layout_;
    ledger.exists = exists_;
    if (!items) return ledger;
    const Inverses inverses = inverses_in(*items);
    for (LedgerEntry& entry : history_of(*items, inverses)) ledger.add(std::move(entry));
    for (const Item& item : *items) {
        const auto version = after(item.text(kKey), keys::kJournal);
        if (!version) continue;
        LedgerEntry entry = journal_entry_of(item, *version, ledger.find(*version));
        const auto kept = inverses.find(*version);
        if (entry.state == EntryState::kApplying && kept != inverses.end()) entry.inverses = kept->second;
        ledger.add(std::move(entry));
    }
    return ledger;
}

Result<void> Record::create(std::optional<int64_t> fence) {
    if (exists_) return {};
    const auto write = [&]() -> Result<void> {
        Update marker(table_.name(), keys::kRecord);
        marker.set("status", "record").set("format", int64_t{1});
        return commit({marker.entry()}, fence, "");
    };
    Result<void> written = write();
    if (!written && written.error().native_code == "ResourceNotFoundException") {
        CHECK(table_.ensure());
        written = write();
    }
    if (written) exists_ = true;
    return written;
}

Result<void> Record::commit(const std::vector<std::string>& entries, std::optional<int64_t> fence,
                            std::string_view unmet) {
    if (TRY(table_.transact(entries, fence))) return {};
    return fail(ErrorCode::kRejected, std::string(unmet));
}

Result<void> Record::change(const RecordChange& change, std::optional<int64_t> fence) {
    progress_.reset();
    switch (change.kind) {
        case RecordChange::Kind::kProgress: return note_progress(change, fence);
        case RecordChange::Kind::kApplied:
        case RecordChange::Kind::kReverted: return settle(change, fence);
        case RecordChange::Kind::kForgotten: return forget(change, fence);
        case RecordChange::Kind::kChecksum: return replace_checksum(change, fence);
        case RecordChange::Kind::kPurged: return purge(fence);
    }
    return fail(ErrorCode::kInternal, "unknown change of the record");
}

Result<void> Record::note_progress(const RecordChange& change, std::optional<int64_t> fence) {
    const auto known = flights_.find(change.version);
    const bool same_step = known != flights_.end() && known->second.direction == change.direction &&
                           known->second.steps_done == change.steps_done;
    // What an earlier life of this version has left would be taken for this one's.
    if (known == flights_.end() && change.direction == Direction::kUp)
        CHECK(forget_inverses(change.version, 0, fence));
    Update journal(table_.name(), journal_key(change.version));
    journal.set("status", "journal")
        .set("direction", change.direction == Direction::kUp ? "up" : "down")
        .set("description", change.description)
        .set("checksum", change.checksum)
        .set("steps_done", change.steps_done)
        .set("steps_total", change.steps_total)
        .set("step_hash", change.step_hash)
        .set("step_text", change.step_text)
        .set("error", change.error)
        .set("owner", change.owner);
    if (!same_step) journal.set("elements_done", int64_t{0});
    if (fence) journal.set("token", *fence);
    std::vector<std::string> entries = TRY(inverse_entries(change, fence));
    entries.push_back(journal.entry());
    CHECK(commit(entries, fence, ""));
    Flight& flight = flights_[change.version];
    flight = {change.direction, change.steps_done, change.step_text, same_step ? flight.elements_done : 0,
              fence ? fence : same_step ? flight.token : std::nullopt};
    if (change.keeps_inverse) inverses_[change.version].insert(change.steps_done);
    last_ = change.version;
    return {};
}

Result<std::vector<std::string>> Record::inverse_entries(const RecordChange& change, std::optional<int64_t> fence) {
    std::vector<std::string> entries;
    if (!change.keeps_inverse) return entries;
    CHECK(forget_inverses(change.version, change.steps_done + 1, fence));
    const bool fits = change.inverse.size() <= kLargestInverse;
    Update undo(table_.name(), undo_key(change.version, change.steps_done));
    undo.set("status", "undo").set("inverse", fits ? change.inverse : "");
    entries.push_back(undo.entry());
    return entries;
}

bool Record::has_inverses(const std::string& version, int32_t steps) const {
    const auto kept = inverses_.find(version);
    return steps > 0 && kept != inverses_.end() && std::ssize(kept->second) == steps && *kept->second.rbegin() == steps - 1;
}

std::string Record::history_entry(const std::string& version, const RecordChange& change) const {
    Update item(table_.name(), version);
    item.set("status", "applied").set("applied_at", iso_time(table_.session().wall_ms()));
    if (!environment_.empty()) item.set("environment", environment_);
    if (version != change.version) return item.entry();  // A head that comes back.
    item.set("description", change.description)
        .set("checksum", change.checksum)
        .set("execution_time_ms", change.execution_time_ms.value_or(0));
    if (has_inverses(version, change.steps_total))
        item.set("inverses", change.steps_total);
    else
        item.remove("inverses");
    return item.entry();
}

Result<void> Record::settle(const RecordChange& change, std::optional<int64_t> fence) {
    const bool applied = change.kind == RecordChange::Kind::kApplied;
    std::vector<std::string> entries{delete_entry(table_.name(), journal_key(change.version))};
    if (layout_ == HistoryLayout::kAlembic) {
        for (const std::string& head : change.heads_removed) entries.push_back(delete_entry(table_.name(), head));
        for (const std::string& head : change.heads_added) entries.push_back(history_entry(head, change));
    } else if (applied) {
        entries.push_back(history_entry(change.version, change));
    } else {
        entries.push_back(delete_entry(table_.name(), change.version));
    }
    CHECK(commit(entries, fence, ""));
    flights_.erase(change.version);
    if (applied && has_inverses(change.version, change.steps_total)) return {};
    return forget_inverses(change.version, 0, fence);
}

Result<void> Record::forget(const RecordChange& change, std::optional<int64_t> fence) {
    CHECK(commit({delete_entry(table_.name(), journal_key(change.version))}, fence, ""));
    const auto flight = flights_.find(change.version);
    const bool was_going_up = flight != flights_.end() && flight->second.direction == Direction::kUp;
    flights_.erase(change.version);
    return was_going_up ? forget_inverses(change.version, 0, fence) : Result<void>();
}

Result<void> Record::replace_checksum(const RecordChange& change, std::optional<int64_t> fence) {
    Update item(table_.name(), change.version);
    item.set("checksum", change.checksum).when_there(kKey);
    return commit({item.entry()}, fence, fmt::format("{} is not in the history", printable(change.version)));
}

// A transaction has room for so many only. The journal goes first: what is left after
// an interruption are whole entries of the history.
Result<void> Record::purge(std::optional<int64_t> fence) {
    const auto items = TRY(table_.scan_all_but(keys::kAudit));
    std::vector<std::string> journal, others;
    for (const Item& item : items.value_or(std::vector<Item>{})) {
        const std::string key = item.text(kKey);
        if (key.starts_with(keys::kJournal))
            journal.push_back(key);
        else if (key.starts_with(keys::kUndo) || (!key.starts_with(keys::kOwn) && counts_as_applied(item)))
            others.push_back(key);
    }
    CHECK(delete_fenced(journal, fence));
    CHECK(delete_fenced(others, fence));
    flights_.clear();
    inverses_.clear();
    return {};
}

Result<void> Record::forget_inverses(const std::string& version, int32_t from, std::optional<int64_t> fence) {
    const auto kept = inverses_.find(version);
    if (kept == inverses_.end()) return {};
    std::vector<std::string> gone;
    for (auto step = kept->second.lower_bound(from); step != kept->second.end(); ++step)
        gone.push_back(undo_key(version, *step));
    CHECK(delete_fenced(gone, fence));
    kept->second.erase(kept->second.lower_bound(from), kept->second.end());
    return {};
}

Result<void> Record::delete_fenced(const std::vector<std::string>& gone, std::optional<int64_t> fence) {
    for (size_t first = 0; first < gone.size(); first += kMostEntries) {
        std::vector<std::string> entries;
        for (size_t i = first; i < std::min(first + kMostEntries, gone.size()); ++i)
            entries.push_back(delete_entry(table_.name(), gone[i]));
        CHECK(commit(entries, fence, ""));
    }
    return {};
}

}  // namespace godwit::dynamodb
