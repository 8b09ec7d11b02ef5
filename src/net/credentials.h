// Where credentials come from, in AWS's own order.
//
// Source: "Standardized credential providers" in the AWS SDKs and Tools
// Reference Guide, and botocore's chain, whose order this is: environment,
// role of the profile, web identity, keys of the profile, credential_process,
// container, instance metadata.
#pragma once

#include <optional>

#include "net/aws_session.h"

namespace godwit::net {

// The whole chain. kInvalidInput for a setting that is wrong; kUnavailable when
// nothing is found (the details say where was looked) or a source fails.
Result<AwsCredentials> find_credentials(const AwsConfig& config, const Cancellation* cancellation);

// The links of the chain. Nothing: this one is not set up here.
using MaybeCredentials = Result<std::optional<AwsCredentials>>;
MaybeCredentials environment_credentials(const AwsConfig& config);
MaybeCredentials role_credentials(const AwsConfig& config, const Cancellation* cancellation);
MaybeCredentials web_identity_credentials(const AwsConfig& config, const Cancellation* cancellation);
MaybeCredentials profile_credentials(const AwsConfig& config, const std::string& profile,
                                     const Cancellation* cancellation);
MaybeCredentials container_credentials(const AwsConfig& config, const Cancellation* cancellation);
MaybeCredentials instance_credentials(const AwsConfig& config, const Cancellation* cancellation);

// Runs a command of the user's (no shell: words are split at blanks, with quotes
// and backslashes as in a shell) and reads its standard output. `what` names it
// in messages; the command's words are not shown, since they may hold a secret.
Result<AwsCredentials> process_credentials(const std::string& command, const std::string& what,
                                           const SourceSpan& where, const Surroundings& surroundings,
                                           const Cancellation* cancellation);

// The JSON that all of these services answer with: AccessKeyId, SecretAccessKey,
// Token or SessionToken, Expiration. The text is never repeated in an error.
Result<AwsCredentials> parse_credentials(std::string_view json, const std::string& source);

}  // namespace godwit::net
