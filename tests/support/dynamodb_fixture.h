// What tests special to DynamoDB know of its fixture beyond any target's.
#pragma once

#include <memory>
#include <string>

#include "support/target_fixture.h"

namespace godwit::test {

// The tests' own way to the server.
class DynamodbServer {
public:
    virtual ~DynamodbServer() = default;
    // One request, with the JSON of its reply; throws std::runtime_error when refused.
    virtual std::string call(const std::string& action, const std::string& body) = 0;
    // The real name of a table that the fixture's configuration calls `logical`.
    virtual std::string real(const std::string& logical) const = 0;
};

class DynamodbFixture : public TargetFixture, public DynamodbServer {};

// `GODWIT_TEST_DYNAMODB` holds the URL of the server: http://127.0.0.1:8000.
Result<std::unique_ptr<DynamodbFixture>> make_dynamodb_fixture();

}  // namespace godwit::test
