#include "net/aws_files.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/text.h"

namespace godwit::net {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

class FileParser {
public:
    FileParser(const std::string& file, bool is_credentials) : file_(file), is_credentials_(is_credentials) {}

    Result<std::map<std::string, AwsSection, std::less<>>> parse(std::string_view text) {
        if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
        for (std::string_view line : split(text, '\n')) {
            line_++;
            if (line.ends_with('\r')) line.remove_suffix(1);
            CHECK(take_line(line));
        }
        return std::move(sections_);
    }

private:
    Error wrong(std::string message) const {
        SourceSpan place;
        place.file = file_;
        place.line = line_;
        return make_error(ErrorCode::kInvalidInput, std::move(message)).at(std::move(place));
    }

    Result<void> take_line(std::string_view line) {
        const std::string_view text = trim(line);
        if (text.empty() || text[0] == '#' || text[0] == ';') return {};
        if (text[0] == '[' && !is_blank(line[0])) return open_section(text);
        if (section_ == nullptr) {
            return fail(wrong("a setting stands before the first section")
                            .with_remedy("Write a line such as [default] above it."));
        }
        return is_blank(line[0]) && !setting_.empty() ? take_indented(text) : take_setting(text);
    }

    Result<void> open_section(std::string_view text) {
        const size_t end = text.find(']');
        const std::string_view rest = end == std::string_view::npos ? "" : trim(text.substr(end + 1));
        if (end == std::string_view::npos || !(rest.empty() || rest[0] == '#' || rest[0] == ';')) {
            return fail(wrong("a section's heading does not end with ]"));
        }
        const auto words = split_any(text.substr(1, end - 1), " \t");
        if (words.empty()) return fail(wrong("a section's heading is empty"));
        std::string name = std::string(words[0]);
        if (is_credentials_ || (words.size() == 1 && name == "default")) {
            name = "profile " + std::string(trim(text.substr(1, end - 1)));
        } else if (words.size() > 1) {
            const std::string_view inner = text.substr(1, end - 1);
            name += " " + unquoted(trim(inner.substr(inner.find(words[0]) + words[0].size())));
        }
        section_ = &sections_[name];
        setting_.clear();
        return {};
    }

    static std::string unquoted(std::string_view text) {
        const bool quoted = text.size() > 1 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0];
        return std::string(quoted ? text.substr(1, text.size() - 2) : text);
    }

    Result<void> take_setting(std::string_view text) {
        const size_t equals = text.find('=');
        if (equals == std::string_view::npos || trim(text.substr(0, equals)).empty()) {
            return fail(wrong("this line is neither a section nor a setting")
                            .with_remedy("Write settings as: name = value."));
        }
        setting_ = to_lower(trim(text.substr(0, equals)));
        put(setting_, trim(text.substr(equals + 1)));
        return {};
    }

    // Below a setting without a value: one of a group. Below one with: its continuation.
    Result<void> take_indented(std::string_view text) {
        const std::string& value = (*section_)[setting_].first.expose();
        if (!value.empty()) {
            put(setting_, value + "\n" + std::string(text));
            return {};
        }
        const size_t equals = text.find('=');
        if (equals == std::string_view::npos || trim(text.substr(0, equals)).empty()) {
            return fail(wrong(fmt::format("this line below {} is not a setting", printable(setting_)))
                            .with_remedy("Write settings as: name = value."));
        }
        put(setting_ + "." + to_lower(trim(text.substr(0, equals))), trim(text.substr(equals + 1)));
        return {};
    }

    void put(const std::string& name, std::string_view value) {
        SourceSpan place;
        place.file = file_;
        place.line = line_;
        (*section_)[name] = {Secret(std::string(value)), std::move(place)};
    }

    const std::string& file_;
    bool is_credentials_;
    int32_t line_ = 0;
    std::map<std::string, AwsSection, std::less<>> sections_;
    AwsSection* section_ = nullptr;
    std::string setting_;
};

}  // namespace

Result<AwsFile> AwsFile::parse(std::string_view text, const std::string& file, bool is_credentials) {
    AwsFile parsed;
    parsed.path_ = file;
    parsed.sections_ = TRY(FileParser(file, is_credentials).parse(text));
    return parsed;
}

Result<AwsFile> AwsFile::read(const std::string& path, bool is_credentials) {
    const std::unique_ptr<FILE, int (*)(FILE*)> stream(std::fopen(path.c_str(), "rbe"), std::fclose);
    if (stream == nullptr && (errno == ENOENT || errno == ENOTDIR)) return parse("", path, is_credentials);
    std::string text;
    char buffer[4096];
    for (size_t got = 0;
         stream != nullptr && (got = std::fread(buffer, 1, sizeof buffer, stream.get())) > 0;) {
        text.append(buffer, got);
    }
    if (stream == nullptr || std::ferror(stream.get()) != 0) {
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("{} cannot be read: {}", printable(path), std::strerror(errno)));
    }
    return parse(text, path, is_credentials);
}

const AwsSection* AwsFile::section(std::string_view name) const {
    const auto found = sections_.find(name);
    return found == sections_.end() ? nullptr : &found->second;
}

}  // namespace godwit::net
