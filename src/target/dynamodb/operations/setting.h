// What the operations that change one setting of a table share: look whether it is
// as wanted, change it, and the setting of before as the inverse.
#pragma once

#include <optional>
#include <string>

#include "target/dynamodb/operations/operations.h"
#include "target/dynamodb/table.h"

namespace godwit::dynamodb {

class SettingOperation : public Operation {
public:
    explicit SettingOperation(RequestPtr request) : request_(std::move(request)) {}

    bool destructive() const override { return false; }
    Result<void> apply(Service& service, const ItemSource& items) override;
    Result<Effect> effect(Service& service) override;
    Result<std::string> inverse(Service& service, const ItemSource& items) override;

protected:
    // The action that changes it.
    virtual std::string action() const = 0;
    // The request that is still to be sent; nothing when all is as wanted. What
    // cannot be done is kRejected.
    virtual Result<std::optional<std::string>> request_for(TableWork& work, const TableState& table) = 0;
    // The members, after TableName, of an operation of this type that sets what is now.
    virtual Result<std::string> members_now(TableWork& work, const TableState& table) = 0;

    const Request& request() const { return *request_; }

private:
    RequestPtr request_;
};

}  // namespace godwit::dynamodb
