#include "seed/generator.h"

namespace godwit::seed {

const Generator* find_field(const Fields& fields, std::string_view name) {
    for (const Field& field : fields) {
        if (field.name == name) return field.generator.get();
    }
    return nullptr;
}

bool Making::refuse(const SourceSpan& where, std::string message, std::string remedy) {
    if (!fault) {
        fault =
            make_error(ErrorCode::kInvalidInput, std::move(message)).at(where).with_remedy(std::move(remedy));
    }
    return false;
}

const Profile* Row::profile() const {
    if (of().profiles == nullptr) return nullptr;
    const auto& profiles = of().profiles->profiles;
    return &profiles[static_cast<size_t>(index) % profiles.size()];
}

std::string Row::profile_name() const {
    const auto round = index / static_cast<int64_t>(of().profiles->profiles.size());
    return profile()->name + (round == 0 ? "" : "_" + std::to_string(round + 1));
}

bool Row::field(std::string_view name, Value& out) const {
    const Generator* generator = find_field(item(), name);
    return generator != nullptr && generator->make(*this, derive(stream, name), out);
}

RowChain::RowChain(Making& making, size_t block, int64_t number) {
    std::vector<size_t> path = {block};
    while (const auto parent = (*making.blocks)[path.back()].parent) path.push_back(*parent);
    rows_.resize(path.size());
    for (size_t level = 0; level < path.size(); ++level) {
        Row& row = rows_[path.size() - 1 - level];
        row.making = &making;
        row.block = path[level];
        row.number = number;
        const int64_t count = making.counts[row.block];
        row.index = count == 0 ? 0 : number % count;
        number = count == 0 ? 0 : number / count;
    }
    for (size_t level = 0; level < rows_.size(); ++level) {
        Row& row = rows_[level];
        if (level > 0) row.parent = &rows_[level - 1];
        const Stream from = level > 0 ? row.parent->stream : derive(0, making.seed);
        row.stream = derive(derive(from, row.of().salt), static_cast<uint64_t>(row.index));
    }
}

}  // namespace godwit::seed
