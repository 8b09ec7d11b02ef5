// Replaces ${NAME}, ${NAME:-default} and ${NAME:?message} in a value.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "project/settings.h"

namespace godwit {

// ${NAME} of a variable that is not set is an error, as is one that is never
// closed; "$$" stands for "$". A default may hold another ${…}.
Result<std::string> substitute(std::string_view text, const Environment& environment);

// Resolves a secret reference: env:NAME, file:PATH (final newline removed; a
// relative path counts from `folder`). Anything else is the secret itself.
// aws-sm: and ssm: are kNotSupported until the AWS client is there.
Result<Secret> resolve_secret(const std::string& text, const std::string& folder,
                              const Environment& environment);

}  // namespace godwit
