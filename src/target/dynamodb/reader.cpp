#include "target/dynamodb/reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "net/json_text.h"

namespace godwit::dynamodb {
namespace {

// The members that may be of any length, which are handed over apart.
bool is_streamed(std::string_view verb, std::string_view member) {
    if (verb == "put_items") return member == "Items";
    if (verb == "delete_items") return member == "Keys" || member == "Items";
    if (verb == "update_items") return member == "Updates";
    return verb == "partiql" && member == "Statements";
}

class OperationSteps final : public StepReader {
public:
    explicit OperationSteps(std::vector<Step> steps) : steps_(std::move(steps)) {}

    Result<const ReadStep*> next() override {
        if (next_ == steps_.size()) return nullptr;
        current_ = ReadStep{};
        current_.step = steps_[next_++];
        Step& step = current_.step;
        current_.end_offset = std::max<int64_t>(step.where.offset, 0) + std::ssize(step.body);
        const auto members = net::json_members(step.body);
        if (!members) {
            return fail(make_error(ErrorCode::kInvalidInput, "an operation is a JSON object, and this is none")
                            .at(step.where)
                            .with_remedy("Write {\"type\": …, \"TableName\": …}."));
        }
        if (step.verb.empty()) step.verb = net::json_text(*members, {"type"}).value_or("");
        for (const net::JsonPart& member : *members) {
            if (!is_streamed(step.verb, member.name) || !member.raw.starts_with('[')) continue;
            cut_out(member.raw);
            break;
        }
        CHECK(parse_operation(step));
        return &current_;
    }

private:
    void cut_out(std::string_view raw) {
        std::vector<std::string> elements;
        for (const std::string_view each : net::json_elements(raw).value_or(std::vector<std::string_view>{}))
            elements.emplace_back(each);
        std::string& body = current_.step.body;
        body.replace(static_cast<size_t>(raw.data() - body.data()), raw.size(), "[]");
        current_.data = [elements = std::move(elements), at = size_t{0}]() mutable -> Result<std::string_view> {
            if (at == elements.size()) {
                at = 0;
                return std::string_view();
            }
            return std::string_view(elements[at++]);
        };
    }

    std::vector<Step> steps_;
    size_t next_ = 0;
    ReadStep current_;
};

// One reading of a step's data, to the end in any case, so that the next begins at
// the first element.
class DataReader final : public ItemReader {
public:
    DataReader(std::function<Result<std::string_view>()> data, SourceSpan where, TargetListener* echo)
        : data_(std::move(data)), where_(std::move(where)), echo_(echo) {}
    ~DataReader() override {
        while (!at_end_) {
            const auto element = data_();
            at_end_ = !element || element->empty();
        }
    }
    DataReader(const DataReader&) = delete;
    DataReader& operator=(const DataReader&) = delete;

    Result<std::string_view> next() override {
        if (at_end_) return std::string_view();
        auto element = data_();
        at_end_ = !element || element->empty();
        if (!at_end_ && echo_ != nullptr) echo_->on_statement(*element);
        return element;
    }
    SourceSpan where() const override { return where_; }

private:
    const std::function<Result<std::string_view>()> data_;
    const SourceSpan where_;
    TargetListener* const echo_;
    bool at_end_ = false;
};

}  // namespace

Result<std::unique_ptr<StepReader>> read_steps(const Body& body) {
    if (const auto* script = std::get_if<Script>(&body)) {
        SourceSpan where;
        where.file = script->file;
        where.line = script->first_line;
        return fail(make_error(ErrorCode::kNotSupported, "DynamoDB reads operations, not scripts")
                        .at(where)
                        .with_remedy("Write the migration as JSON, with \"operations\"."));
    }
    const auto* steps = std::get_if<std::vector<Step>>(&body);
    return std::make_unique<OperationSteps>(steps == nullptr ? std::vector<Step>{} : *steps);
}

ItemSource items_of(const ReadStep& step, TargetListener* echo) {
    if (!step.data) return {};
    return [data = std::make_shared<std::function<Result<std::string_view>()>>(step.data), where = step.step.where,
            echo]() -> Result<std::unique_ptr<ItemReader>> {
        return std::make_unique<DataReader>([data] { return (*data)(); }, where, echo);
    };
}

}  // namespace godwit::dynamodb
