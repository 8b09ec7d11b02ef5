#include "model/ledger.h"

namespace godwit {
namespace {

// Spares most histories a move of what is there already.
constexpr size_t kUsualEntries = 1024;

}  // namespace

void Ledger::add(LedgerEntry entry) {
    if (entries_.capacity() == 0) entries_.reserve(kUsualEntries);
    const auto [place, added] = index_.try_emplace(entry.version, entries_.size());
    if (added) {
        entries_.push_back(std::move(entry));
    } else {
        entries_[place->second] = std::move(entry);
    }
}

const LedgerEntry* Ledger::find(std::string_view version) const {
    const auto place = index_.find(std::string(version));
    return place == index_.end() ? nullptr : &entries_[place->second];
}

void Ledger::add_details(LedgerEntry entry) {
    std::string version = entry.version;
    details_.insert_or_assign(std::move(version), std::move(entry));
}

const LedgerEntry* Ledger::details(std::string_view version) const {
    const auto place = details_.find(std::string(version));
    return place == details_.end() ? nullptr : &place->second;
}

}  // namespace godwit
