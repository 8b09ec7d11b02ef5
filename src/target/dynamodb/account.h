// Which account's DynamoDB is meant, and where: from the URL and from AWS's own
// settings (docs/aws.md).
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/aws_session.h"
#include "target/target.h"

namespace godwit::dynamodb {

struct Account {
    std::shared_ptr<net::AwsSession> session;
    // "us-east-1", "us-east-1 at 127.0.0.1:8000".
    std::string where;
    // The URL's `lease`: how long a run that is gone keeps others waiting.
    std::chrono::milliseconds lease_lasts{20'000};
};

// dynamodb://REGION, dynamodb+http://HOST:PORT?region=REGION, dynamodb+https://…;
// parameters are region, profile and lease. Connects to nothing. kInvalidInput: another
// parameter, a port or a path where none belongs, credentials in the URL, no region
// anywhere, a mistake in AWS's files.
Result<Account> open_account(const TargetConfig& config);

}  // namespace godwit::dynamodb
