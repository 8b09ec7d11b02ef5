#include "target/dynamodb/operations/setting.h"

#include <fmt/format.h>

#include "base/text.h"

namespace godwit::dynamodb {

Result<void> SettingOperation::apply(Service& service, const ItemSource&) {
    TableWork work(service, *request_);
    TRY(work.look_at_existing());
    return work.change(action(), [&](const TableState& table) { return request_for(work, table); });
}

Result<Effect> SettingOperation::effect(Service& service) {
    TableWork work(service, *request_);
    const std::optional<TableState> table = TRY(work.look());
    if (!table || !table->is_settled()) return Effect::kAbsent;
    const auto still = request_for(work, *table);
    return still && !*still ? Effect::kPresent : Effect::kAbsent;
}

Result<std::string> SettingOperation::inverse(Service& service, const ItemSource&) {
    TableWork work(service, *request_);
    const TableState table = TRY(work.look_at_existing());
    const std::string members = TRY(members_now(work, table));
    return fmt::format(R"({{"type":"{}","TableName":{},{}}})", request_->type(), json_quote(work.table().logical),
                       members);
}

}  // namespace godwit::dynamodb
