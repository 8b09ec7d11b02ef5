#include "format/directive.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace godwit::format {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kWord = "godwit";
const std::vector<std::string> kKeys = {"transaction", "lock_timeout", "statement_timeout",
                                        "depends_on",  "phase",        "no-op"};

size_t after_blanks(std::string_view text, size_t at) {
    return std::min(text.find_first_not_of(kBlanks, at), text.size());
}

// Up to the next blank; blanks after a comma belong to the value.
size_t end_of_value(std::string_view text, size_t at) {
    while (true) {
        const size_t end = std::min(text.find_first_of(kBlanks, at), text.size());
        if (end == 0 || text[end - 1] != ',') return end;
        at = after_blanks(text, end);
        if (at == text.size()) return end;
    }
}

tl::unexpected<Error> bad_value(const SourceSpan& place, std::string_view key, std::string_view value,
                                std::string remedy) {
    return refuse(place, fmt::format("\"{}\" is no value for {}", printable(value), key), std::move(remedy));
}

}  // namespace

Result<bool> Directives::read(const FileScan& scan, const Line& line, std::string_view comment, size_t at) {
    size_t here = after_blanks(comment, 0);
    if (!equal_ignoring_case(comment.substr(here, kWord.size()), kWord)) return false;
    here = after_blanks(comment, here + kWord.size());
    if (here == comment.size() || comment[here] != ':') return false;
    here = after_blanks(comment, here + 1);
    if (here == comment.size()) {
        return refuse(scan.place(line, at), "`-- godwit:` says nothing",
                      "Write options behind it, as in `-- godwit: transaction=off`.");
    }
    while (here < comment.size()) {
        Item item;
        const size_t key_end = std::min(comment.find_first_of(" \t=", here), comment.size());
        item.key = comment.substr(here, key_end - here);
        item.key_place = scan.place(line, at + here);
        const size_t equals = after_blanks(comment, key_end);
        here = equals;
        if (equals < comment.size() && comment[equals] == '=') {
            const size_t value = after_blanks(comment, equals + 1);
            here = end_of_value(comment, value);
            item.value = comment.substr(value, here - value);
            item.value_place = scan.place(line, at + value);
            here = after_blanks(comment, here);
        }
        CHECK(apply(item));
    }
    return true;
}

Result<void> Directives::apply(const Item& item) {
    std::string key = to_lower(item.key);
    std::replace(key.begin(), key.end(), '-', '_');
    if (key == "no_op") {
        if (item.value) return refuse(item.value_place, "no-op takes no value", "Write `-- godwit: no-op`.");
        no_op = true;
        return {};
    }
    if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
        const std::optional<std::string> meant = nearest(key, kKeys);
        return refuse(item.key_place, fmt::format("unknown option \"{}\"", printable(item.key)),
                      meant ? fmt::format("Did you mean {}?", *meant)
                            : fmt::format("The options are {}.", join(kKeys, ", ")));
    }
    if (!item.value || item.value->empty()) {
        return refuse(item.key_place, fmt::format("option {} has no value", key),
                      fmt::format("Write it as `{}=…`, without blanks around the `=`.", key));
    }
    if (key == "depends_on") return add_dependencies(item);
    const auto [known, added] =
        seen_.try_emplace(key, Setting{std::string(*item.value), to_string(item.key_place)});
    if (!added && known->second.value != *item.value) {
        return refuse(item.key_place,
                      fmt::format("option {} is {} here and {} at {}", key, printable(*item.value),
                                  printable(known->second.value), known->second.place),
                      "Options hold for the whole migration; keep one of the two.");
    }
    return apply_value(Item{known->first, item.value, item.key_place, item.value_place});
}

Result<void> Directives::apply_value(const Item& item) {
    if (item.key == "phase") return set_phase(item);
    const std::string value = to_lower(*item.value);
    if (item.key == "transaction") {
        if (value != "off" && value != "auto") {
            return bad_value(item.value_place, item.key, *item.value,
                             "Write transaction=off or transaction=auto.");
        }
        options.transaction = value == "off" ? TransactionWish::kOff : TransactionWish::kAuto;
        return {};
    }
    // Without a unit PostgreSQL counts these settings in milliseconds, and so do we.
    const std::optional<int64_t> ms = parse_duration_ms(value, 1);
    if (!ms) {
        return bad_value(item.value_place, item.key, *item.value,
                         fmt::format("Write a number with ms, s, min or h, as in {}=5s.", item.key));
    }
    (item.key == "lock_timeout" ? options.lock_timeout : options.statement_timeout) =
        std::chrono::milliseconds(*ms);
    return {};
}

Result<void> Directives::set_phase(const Item& item) {
    const std::string value = to_lower(*item.value);
    if (value == "expand")
        options.phase = Phase::kExpand;
    else if (value == "backfill")
        options.phase = Phase::kBackfill;
    else if (value == "contract")
        options.phase = Phase::kContract;
    else
        return bad_value(item.value_place, "phase", *item.value,
                         "The phases are expand, backfill and contract.");
    return {};
}

Result<void> Directives::add_dependencies(const Item& item) {
    size_t at = 0;
    for (const std::string_view part : split(*item.value, ',')) {
        const std::string_view name = trim(part);
        SourceSpan place = item.value_place;
        const size_t before = at + static_cast<size_t>(name.empty() ? 0 : name.data() - part.data());
        place.column += static_cast<int32_t>(code_points(item.value->substr(0, before)));
        place.offset += static_cast<int64_t>(before);
        at += part.size() + 1;
        if (name.empty()) {
            return refuse(std::move(place), "depends_on has an empty name in its list",
                          "Write it as `depends_on=20250101_120000,postgresql:1.0.0`.");
        }
        depends_on.push_back({std::string(name), std::move(place), false});
    }
    return {};
}

}  // namespace godwit::format
