// update_ttl: UpdateTimeToLive's request. It is done when the service has taken it:
// that it deletes by it may take the service an hour more, for which nobody waits.
#include <fmt/format.h>

#include "base/text.h"
#include "target/dynamodb/operations/setting.h"

namespace godwit::dynamodb {
namespace {

struct TimeToLive {
    std::string status;     // ENABLED, ENABLING, DISABLING, DISABLED.
    std::string attribute;  // Empty when it is off.
    bool is_on() const { return status == "ENABLED" || status == "ENABLING"; }
};

class UpdateTtl final : public SettingOperation {
public:
    using SettingOperation::SettingOperation;

protected:
    std::string action() const override { return "UpdateTimeToLive"; }
    Result<std::optional<std::string>> request_for(TableWork& work, const TableState& table) override;
    Result<std::string> members_now(TableWork& work, const TableState& table) override;

private:
    static Result<TimeToLive> look(TableWork& work);
    // While the service is still at the last change, it takes no other.
    static Result<TimeToLive> wait_until_decided(TableWork& work);
};

Result<TimeToLive> UpdateTtl::look(TableWork& work) {
    const std::string reply = TRY(work.call(
        "DescribeTimeToLive", fmt::format(R"({{"TableName":{}}})", json_quote(work.table().real))));
    const Members members = members_of(net::json_raw(members_of(reply), "TimeToLiveDescription"));
    return TimeToLive{text_of(members, "TimeToLiveStatus"), text_of(members, "AttributeName")};
}

Result<TimeToLive> UpdateTtl::wait_until_decided(TableWork& work) {
    while (true) {
        const TimeToLive now = TRY(look(work));
        if (now.status != "DISABLING" && now.status != "ENABLING") return now;
        CHECK(work.pause(fmt::format("time to live of the table {}, which is {} (up to an hour)",
                                     work.table().shown(), now.status),
                         0, 0));
    }
}

Result<std::optional<std::string>> UpdateTtl::request_for(TableWork& work, const TableState&) {
    const Members wanted = members_of(request().raw("TimeToLiveSpecification"));
    const std::string attribute = text_of(wanted, "AttributeName");
    const bool on = text_of(wanted, "Enabled") == "true";
    TimeToLive now = TRY(look(work));
    if (now.is_on() == on && (!on || now.attribute == attribute)) return std::optional<std::string>();
    now = TRY(wait_until_decided(work));
    if (now.is_on() && now.attribute != attribute) {
        return work.reject(fmt::format("the time to live of the table {} is by the attribute {}, not {}",
                                       work.table().shown(), printable(now.attribute), printable(attribute)),
                           fmt::format("Switch it off in a step before: {{\"type\": \"update_ttl\", …, "
                                       "\"TimeToLiveSpecification\": {{\"AttributeName\": {}, \"Enabled\": "
                                       "false}}}}.",
                                       json_quote(now.attribute)));
    }
    return request().for_table(work.table().real);
}

Result<std::string> UpdateTtl::members_now(TableWork& work, const TableState&) {
    const TimeToLive now = TRY(look(work));
    const std::string attribute =
        now.is_on() ? now.attribute
                    : text_of(members_of(request().raw("TimeToLiveSpecification")), "AttributeName");
    return fmt::format(R"("TimeToLiveSpecification":{{"AttributeName":{},"Enabled":{}}})", json_quote(attribute),
                       now.is_on());
}

}  // namespace

Made make_update_ttl(RequestPtr request) { return std::make_unique<UpdateTtl>(std::move(request)); }

}  // namespace godwit::dynamodb
