// The files ~/.aws/config and ~/.aws/credentials, which AWS's own tools share.
//
// Source: "Shared config and credentials files" in the AWS SDKs and Tools
// Reference Guide.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace godwit::net {

// Settings of one section. A setting in a group ("dynamodb =" with indented lines
// below it) is called "dynamodb.endpoint_url".
using AwsSection = std::map<std::string, std::pair<Secret, SourceSpan>, std::less<>>;

// The sections of one file, by kind and name: "profile dev", "services local".
class AwsFile {
public:
    // kInvalidInput with file and line; the line itself is never repeated, since
    // it may hold a secret. `is_credentials`: sections are profiles by themselves.
    static Result<AwsFile> parse(std::string_view text, const std::string& file, bool is_credentials);
    // An absent file is an empty one.
    static Result<AwsFile> read(const std::string& path, bool is_credentials);

    const AwsSection* section(std::string_view name) const;
    const std::map<std::string, AwsSection, std::less<>>& sections() const { return sections_; }
    const std::string& path() const { return path_; }

private:
    std::map<std::string, AwsSection, std::less<>> sections_;
    std::string path_;
};

}  // namespace godwit::net
