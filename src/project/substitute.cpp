#include "project/substitute.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/text.h"

namespace godwit {
namespace {

// `at` is just after "${"; returns the position of the matching "}".
size_t closing_brace(std::string_view text, size_t at) {
    for (int depth = 1; at < text.size(); ++at) {
        if (text.substr(at, 2) == "${") ++depth;
        if (text[at] == '}' && --depth == 0) return at;
    }
    return std::string_view::npos;
}

Result<std::string> look_up(std::string_view reference, const Environment& environment) {
    const size_t colon = reference.find(':');
    const std::string name(reference.substr(0, colon));
    const bool valid =
        !name.empty() &&
        name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
            std::string::npos;
    if (!valid)
        return fail(ErrorCode::kInvalidInput,
                    "${" + printable(reference) + "} names no environment variable");
    if (auto value = environment(name)) return *value;
    if (colon == std::string_view::npos) {
        return fail(make_error(ErrorCode::kInvalidInput, "the environment variable " + name + " is not set")
                        .with_remedy("Set it, or write ${" + name + ":-default}."));
    }
    const std::string_view kind = reference.substr(colon, 2);
    const std::string_view rest = reference.substr(std::min(reference.size(), colon + 2));
    if (kind == ":-") return substitute(rest, environment);
    if (kind == ":?")
        return fail(ErrorCode::kInvalidInput,
                    name + ": " + (rest.empty() ? "is not set" : std::string(rest)));
    return fail(ErrorCode::kInvalidInput,
                "${" + printable(reference) +
                    "} is not understood; write ${NAME}, ${NAME:-default} or ${NAME:?message}");
}

}  // namespace

Result<std::string> substitute(std::string_view text, const Environment& environment) {
    std::string out;
    for (size_t at = 0; at < text.size(); ++at) {
        if (text.substr(at, 2) == "$$") {
            out.push_back('$');
            ++at;
        } else if (text.substr(at, 2) == "${") {
            const size_t end = closing_brace(text, at + 2);
            if (end == std::string_view::npos) return fail(ErrorCode::kInvalidInput, "a ${ is never closed");
            out += TRY(look_up(text.substr(at + 2, end - at - 2), environment));
            at = end;
        } else {
            out.push_back(text[at]);
        }
    }
    return out;
}

Result<Secret> resolve_secret(const std::string& text, const std::string& folder,
                              const Environment& environment) {
    const auto after = [&](std::string_view prefix) { return text.substr(prefix.size()); };
    if (text.starts_with("env:")) {
        auto value = environment(after("env:"));
        if (!value)
            return fail(ErrorCode::kInvalidInput, "the environment variable " + after("env:") +
                                                      ", which holds the password, is not set");
        return Secret(std::move(*value));
    }
    if (text.starts_with("file:")) {
        std::string path = after("file:");
        if (!path.starts_with('/')) path = folder + "/" + path;
        struct stat facts = {};
        if (stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode)) {
            return fail(ErrorCode::kInvalidInput, "the password file " + printable(path) + " is a folder");
        }
        std::ifstream file(path, std::ios::binary);
        if (!file)
            return fail(ErrorCode::kInvalidInput,
                        "cannot read the password file " + printable(path) + ": " + std::strerror(errno));
        std::string secret((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
        while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
        return Secret(std::move(secret));
    }
    if (text.starts_with("aws-sm:") || text.starts_with("ssm:")) {
        return fail(make_error(ErrorCode::kNotSupported, "secrets of AWS cannot be read by this version")
                        .with_remedy("Use env:NAME or file:PATH."));
    }
    return Secret(text);
}

}  // namespace godwit
