// update_pitr: UpdateContinuousBackups's request, point-in-time recovery.
#include <fmt/format.h>

#include "base/text.h"
#include "target/dynamodb/operations/setting.h"

namespace godwit::dynamodb {
namespace {

struct Recovery {
    bool on = false;
    std::string days;  // Empty when it is off, or the service does not say.
};

class UpdatePitr final : public SettingOperation {
public:
    using SettingOperation::SettingOperation;

protected:
    std::string action() const override { return "UpdateContinuousBackups"; }
    Result<std::optional<std::string>> request_for(TableWork& work, const TableState& table) override;
    Result<std::string> members_now(TableWork& work, const TableState& table) override;

private:
    static Result<Recovery> look(TableWork& work);
};

Result<Recovery> UpdatePitr::look(TableWork& work) {
    const std::string reply = TRY(work.call(
        "DescribeContinuousBackups", fmt::format(R"({{"TableName":{}}})", json_quote(work.table().real))));
    const Members backups = members_of(net::json_raw(members_of(reply), "ContinuousBackupsDescription"));
    const Members recovery = members_of(net::json_raw(backups, "PointInTimeRecoveryDescription"));
    return Recovery{text_of(recovery, "PointInTimeRecoveryStatus") == "ENABLED",
                    text_of(recovery, "RecoveryPeriodInDays")};
}

Result<std::optional<std::string>> UpdatePitr::request_for(TableWork& work, const TableState&) {
    const Members wanted = members_of(request().raw("PointInTimeRecoverySpecification"));
    const std::string days = text_of(wanted, "RecoveryPeriodInDays");
    const bool on = text_of(wanted, "PointInTimeRecoveryEnabled") == "true";
    const Recovery now = TRY(look(work));
    if (now.on == on && (!on || days.empty() || days == now.days)) return std::optional<std::string>();
    return request().for_table(work.table().real);
}

Result<std::string> UpdatePitr::members_now(TableWork& work, const TableState&) {
    const Recovery now = TRY(look(work));
    const std::string days = now.on && !now.days.empty() ? fmt::format(R"(,"RecoveryPeriodInDays":{})", now.days) : "";
    return fmt::format(R"("PointInTimeRecoverySpecification":{{"PointInTimeRecoveryEnabled":{}{}}})", now.on, days);
}

}  // namespace

Made make_update_pitr(RequestPtr request) { return std::make_unique<UpdatePitr>(std::move(request)); }

}  // namespace godwit::dynamodb
