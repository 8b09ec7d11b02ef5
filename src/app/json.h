// Writes JSON results.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace godwit {

// A document written from its start to its end: containers take the function
// that fills them. Members with an empty text or value are left out by the
// `..._if_any` calls.
class Json {
public:
    // `pretty`: indented over several lines; else one line.
    explicit Json(bool pretty);
    ~Json();
    Json(const Json&) = delete;
    Json& operator=(const Json&) = delete;

    Json& object(const std::function<void()>& fill);
    Json& array(const std::function<void()>& fill);
    Json& key(std::string_view name);
    Json& text(std::string_view value);
    Json& number(int64_t value);
    Json& boolean(bool value);

    Json& member(std::string_view name, std::string_view value) { return key(name).text(value); }
    Json& member(std::string_view name, int64_t value) { return key(name).number(value); }
    Json& flag(std::string_view name, bool value) { return key(name).boolean(value); }
    Json& member_if_any(std::string_view name, std::string_view value) {
        return value.empty() ? *this : member(name, value);
    }
    // A value that is JSON already.
    Json& raw(std::string_view json);

    std::string finish() const;

private:
    struct Writer;
    std::unique_ptr<Writer> writer_;
};

}  // namespace godwit
