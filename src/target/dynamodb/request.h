// One operation's text, taken apart: what it asks for, and where each part stands.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/migration.h"
#include "net/json_text.h"
#include "target/dynamodb/operation.h"
#include "target/dynamodb/shape.h"

namespace godwit::dynamodb {

using Members = std::vector<net::JsonPart>;

// Views into `json`, which is known to be an object or an array; else nothing.
Members members_of(std::string_view json);
std::vector<std::string_view> elements_of(std::string_view json);
// A member's text; empty when it is not there.
std::string text_of(const Members& members, std::string_view name);

class Request {
public:
    // `streamed` names the member that is handed over apart; empty: none is.
    static Result<std::shared_ptr<const Request>> read(const Step& step, const Shape& shape,
                                                       std::string_view streamed);
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;

    const std::string& type() const { return type_; }
    const SourceSpan& where() const { return place_.where(); }
    const TextPlace& place() const { return place_; }
    const Members& members() const { return members_; }
    // As it stands; an empty view when it is not there.
    std::string_view raw(std::string_view name) const { return net::json_raw(members_, name); }
    std::string text(std::string_view name) const { return text_of(members_, name); }
    // What may be streamed; empty for a type that has no such member.
    std::string_view streamed() const { return streamed_; }

    // AWS's own request: all members but `type` and those of `without`, with this TableName.
    std::string for_table(std::string_view real_name, std::initializer_list<std::string_view> without = {}) const;

    // One reading of the streamed member: from the body if it stands there, else `items`.
    Result<std::unique_ptr<ItemReader>> open(const ItemSource& items) const;

private:
    explicit Request(const Step& step) : type_(step.verb), body_(step.body), place_(body_, step.where) {}

    std::string type_;
    std::string body_;
    TextPlace place_;
    Members members_;
    std::string streamed_;
};
using RequestPtr = std::shared_ptr<const Request>;

// The operation's name and place in an error that says neither.
Error explained(Error error, const Request& request, std::string_view table);

}  // namespace godwit::dynamodb
