// update_stream: UpdateTable's request with its StreamSpecification.
#include <fmt/format.h>

#include "base/text.h"
#include "target/dynamodb/operations/setting.h"

namespace godwit::dynamodb {
namespace {

// The view type of a stream that is on; empty when it is off.
std::string view_of(std::string_view specification) {
    const Members members = members_of(specification);
    return text_of(members, "StreamEnabled") == "true" ? text_of(members, "StreamViewType") : "";
}

class UpdateStream final : public SettingOperation {
public:
    using SettingOperation::SettingOperation;

protected:
    std::string action() const override { return "UpdateTable"; }

    Result<std::optional<std::string>> request_for(TableWork& work, const TableState& table) override {
        const std::string now = view_of(net::json_raw(members_of(table.raw), "StreamSpecification"));
        const std::string wanted = view_of(request().raw("StreamSpecification"));
        if (now == wanted) return std::optional<std::string>();
        if (!now.empty() && !wanted.empty()) {
            return work.reject(
                fmt::format("the stream of the table {} is on with {}, and cannot be changed to {}",
                            work.table().shown(), now, wanted),
                "Switch it off in a step before (\"StreamEnabled\": false). Its readers then need the new "
                "stream's ARN.");
        }
        return request().for_table(work.table().real);
    }

    Result<std::string> members_now(TableWork&, const TableState& table) override {
        const std::string now = view_of(net::json_raw(members_of(table.raw), "StreamSpecification"));
        if (now.empty()) return std::string(R"("StreamSpecification":{"StreamEnabled":false})");
        return fmt::format(R"("StreamSpecification":{{"StreamEnabled":true,"StreamViewType":"{}"}})", now);
    }
};

}  // namespace

Made make_update_stream(RequestPtr request) {
    const std::string_view specification = request->raw("StreamSpecification");
    if (text_of(members_of(specification), "StreamEnabled") == "true" && view_of(specification).empty()) {
        return fail(make_error(ErrorCode::kInvalidInput, "StreamViewType is missing in StreamSpecification")
                        .at(request->place().of(specification))
                        .with_remedy("Say what the stream has: NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES or "
                                     "KEYS_ONLY."));
    }
    return std::make_unique<UpdateStream>(std::move(request));
}

}  // namespace godwit::dynamodb
