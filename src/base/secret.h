// A password or token that cannot be printed by accident.
#pragma once

#include <string>
#include <utility>

namespace godwit {

// Has no stream or format operator; expose() marks the few places that hand
// the text to a client library. Wiped when destroyed.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    Secret(Secret&&) = default;
    Secret& operator=(Secret&&) = default;
    ~Secret();

    bool empty() const { return text_.empty(); }
    const std::string& expose() const { return text_; }

private:
    std::string text_;
};

}  // namespace godwit
