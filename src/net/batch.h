// BatchWriteItem and BatchGetItem to the end: what DynamoDB leaves over is sent
// again until nothing is, or said to be left.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "net/aws_client.h"

namespace godwit::net {

struct BatchOutcome {
    // Success: everything was processed. An error of kUnavailable: throttled for too
    // long; what is left stands below.
    Result<void> result;
    // JSON of RequestItems that are not known to be processed; empty when all are.
    // After kInDoubt some of these may be.
    std::string left;
    size_t left_count = 0;               // Requests (or keys) in `left`.
    std::vector<std::string> responses;  // BatchGetItem: `Responses` of each round, as they came.
    int rounds = 0;
    AwsFault fault;  // Of the request that failed, if one did.
};

// `action` is BatchWriteItem or BatchGetItem, `body` its JSON. Puts and deletes
// without a condition may be sent twice, so unclear ends are tried again. The
// client must outlive it; `done` is called once, from a later step().
void start_batch(AwsClient& client, const std::string& action, std::string body,
                 const Cancellation* cancellation, std::function<void(BatchOutcome)> done);
BatchOutcome send_batch(AwsClient& client, const std::string& action, std::string body,
                        const Cancellation* cancellation = nullptr);

}  // namespace godwit::net
