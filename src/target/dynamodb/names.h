// Logical names of tables, as migrations write them, and the real ones.
//
//     name_template = "{name}-{environment}", environment dev: EchoesTable → EchoesTable-dev
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "target/target.h"

namespace godwit::dynamodb {

class TableNames {
public:
    // By TargetConfig's name_template, names and environment. kInvalidInput: a template
    // without {name} or with an unknown word in braces, {environment} where none is
    // chosen, two names for one table, a name that DynamoDB does not take.
    static Result<TableNames> make(const TargetConfig& config);

    // An ARN stays what it is. Whether DynamoDB takes the name is check_name()'s to say.
    std::string real(std::string_view logical) const;

private:
    std::string template_;  // {environment} is filled in already.
    std::map<std::string, std::string, std::less<>> names_;
};

// kInvalidInput unless DynamoDB takes it for a table's or an index's name: 3 to 255 of
// letters, digits, `_`, `.` and `-`. Source: "Naming rules" in the DynamoDB Developer Guide.
Result<void> check_name(std::string_view real);

}  // namespace godwit::dynamodb
