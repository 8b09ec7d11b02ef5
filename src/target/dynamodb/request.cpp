#include "target/dynamodb/request.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace godwit::dynamodb {
namespace {

// The elements of an array that stands in the body.
class BodyReader final : public ItemReader {
public:
    BodyReader(std::vector<std::string_view> elements, const TextPlace& place)
        : elements_(std::move(elements)), place_(place) {}

    Result<std::string_view> next() override {
        last_ = at_ < elements_.size() ? elements_[at_++] : std::string_view();
        return last_;
    }
    SourceSpan where() const override { return place_.of(last_); }

private:
    std::vector<std::string_view> elements_;
    const TextPlace& place_;
    size_t at_ = 0;
    std::string_view last_;
};

}  // namespace

Members members_of(std::string_view json) {
    if (auto members = net::json_members(json)) return *std::move(members);
    return {};
}

std::vector<std::string_view> elements_of(std::string_view json) {
    if (auto elements = net::json_elements(json)) return *std::move(elements);
    return {};
}

std::string text_of(const Members& members, std::string_view name) {
    return net::json_text(members, {name}).value_or("");
}

Result<RequestPtr> Request::read(const Step& step, const Shape& shape, std::string_view streamed) {
    std::shared_ptr<Request> request(new Request(step));
    request->streamed_ = streamed;
    const std::string_view body = trim(request->body_);
    auto members = net::json_members(body);
    if (!members) {
        return fail(make_error(ErrorCode::kInvalidInput, fmt::format("{} is no JSON object", step.verb))
                        .at(step.where)
                        .with_remedy("Write {\"type\": …, \"TableName\": …}."));
    }
    request->members_ = *std::move(members);
    const std::string_view cut = streamed.empty() ? std::string_view() : request->raw(streamed);
    if (!cut.empty() && elements_of(cut).empty()) request->place_.cut_from(cut);
    CHECK(check_shape(shape, body, request->type_, request->place_));
    return RequestPtr(std::move(request));
}

std::string Request::for_table(std::string_view real_name,
                               std::initializer_list<std::string_view> without) const {
    std::string out = fmt::format(R"({{"TableName":{})", json_quote(real_name));
    for (const net::JsonPart& member : members_) {
        if (member.name == "type" || member.name == "TableName" ||
            std::find(without.begin(), without.end(), member.name) != without.end())
            continue;
        out += fmt::format(",{}:{}", json_quote(member.name), member.raw);
    }
    return out + "}";
}

Result<std::unique_ptr<ItemReader>> Request::open(const ItemSource& items) const {
    std::vector<std::string_view> inside = elements_of(raw(streamed_));
    if (inside.empty() && items) return items();
    return std::make_unique<BodyReader>(std::move(inside), place_);
}

Error explained(Error error, const Request& request, std::string_view table) {
    if (!error.where.known()) error.where = request.where();
    if (error.code == ErrorCode::kCancelled || error.code == ErrorCode::kTimedOut ||
        error.code == ErrorCode::kLocked)
        return error;
    if (table.empty()) {
        error.message = fmt::format("{}: {}", request.type(), error.message);
    } else if (error.message.find(table) == std::string::npos) {
        error.message = fmt::format("{} of {}: {}", request.type(), table, error.message);
    }
    return error;
}

}  // namespace godwit::dynamodb
