// update_deletion_protection: UpdateTable's request with DeletionProtectionEnabled.
#include <fmt/format.h>

#include "target/dynamodb/operations/setting.h"

namespace godwit::dynamodb {
namespace {

class UpdateDeletionProtection final : public SettingOperation {
public:
    using SettingOperation::SettingOperation;

protected:
    std::string action() const override { return "UpdateTable"; }

    Result<std::optional<std::string>> request_for(TableWork& work, const TableState& table) override {
        const bool wanted = request().text("DeletionProtectionEnabled") == "true";
        if (table.deletion_protected == wanted) return std::optional<std::string>();
        return request().for_table(work.table().real);
    }

    Result<std::string> members_now(TableWork&, const TableState& table) override {
        return fmt::format(R"("DeletionProtectionEnabled":{})", table.deletion_protected);
    }
};

}  // namespace

Made make_update_deletion_protection(RequestPtr request) {
    return std::make_unique<UpdateDeletionProtection>(std::move(request));
}

}  // namespace godwit::dynamodb
