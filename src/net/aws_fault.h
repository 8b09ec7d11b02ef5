// Error replies of Amazon's services: taken apart, sorted by what helps, and put
// into words.
#pragma once

#include <string>

#include "base/result.h"
#include "net/aws_config.h"
#include "net/http.h"

namespace godwit::net {

struct AwsFault {
    int status = 0;          // Of HTTP.
    std::string name;        // "ResourceNotFoundException"; without its namespace.
    std::string message;     // The service's words.
    std::string request_id;  // What AWS's support asks for; may be empty.
    std::string body;        // As it came: some errors carry more, such as the item that was in the way.
};

// Reads the JSON and XML forms, with members and headers in any of the spellings
// in use. A reply that is none of them is named after its status: "HTTP 502".
AwsFault read_fault(const HttpReply& reply);

enum class FaultClass {
    kThrottled,           // Too fast; it had no effect.
    kTransient,           // The service failed; it may have had an effect.
    kBusy,                // The service is at a limit of its own; it had no effect.
    kClockSkew,           // Our clock and theirs differ, or may.
    kExpiredCredentials,  // Fresh ones may help.
    kFinal,               // Trying again gives the same.
};
FaultClass classify(const AwsFault& fault);
// A final refusal of who we are, not of what we ask.
bool is_refusal_of_identity(const AwsFault& fault);

struct FaultContext {
    const AwsService* service = nullptr;
    std::string action;  // "CreateTable"
    std::string region;
    std::string credentials_source;  // "the environment"
};
// The code says what to do: kUnavailable for identity, throttling and failures of
// the service, else kRejected. `native_code` is the fault's name, a detail has the
// request's id, and the remedy of a denial names the action to allow.
Error explain_fault(const AwsFault& fault, const FaultContext& context);

}  // namespace godwit::net
