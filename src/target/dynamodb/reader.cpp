#include "target/dynamodb/reader.h"

#include <utility>

#include "document/operation_reader.h"

namespace godwit::dynamodb {
namespace {

// Each step is one that is understood.
class CheckedSteps final : public StepReader {
public:
    explicit CheckedSteps(std::unique_ptr<StepReader> steps) : steps_(std::move(steps)) {}

    Result<const ReadStep*> next() override {
        const ReadStep* step = TRY(steps_->next());
        if (step != nullptr) CHECK(parse_operation(step->step));
        return step;
    }

private:
    const std::unique_ptr<StepReader> steps_;
};

// One reading of a step's data, from its first element on.
class DataReader final : public ItemReader {
public:
    DataReader(const ReadStep& step, TargetListener* echo)
        : data_(step.data), place_(step.data_place), echo_(echo) {
        if (step.data_rewind) step.data_rewind();
    }

    Result<std::string_view> next() override {
        if (at_end_) return std::string_view();
        auto element = data_();
        at_end_ = !element || element->empty();
        if (!at_end_ && echo_ != nullptr) echo_->on_statement(*element);
        return element;
    }
    SourceSpan where() const override { return place_ ? place_() : SourceSpan{}; }

private:
    const std::function<Result<std::string_view>()> data_;
    const std::function<SourceSpan()> place_;
    TargetListener* const echo_;
    bool at_end_ = false;
};

}  // namespace

Result<std::unique_ptr<StepReader>> read_steps(const Body& body) {
    return std::make_unique<CheckedSteps>(TRY(document::read_operations(body)));
}

ItemSource items_of(const ReadStep& step, TargetListener* echo) {
    if (!step.data) return {};
    // The source outlives the step, and all readings share its one position.
    ReadStep data_only;
    data_only.data = step.data;
    data_only.data_place = step.data_place;
    data_only.data_rewind = step.data_rewind;
    return [data_only, untold = std::make_shared<TargetListener*>(echo)]() -> Result<std::unique_ptr<ItemReader>> {
        return std::make_unique<DataReader>(data_only, std::exchange(*untold, nullptr));
    };
}

}  // namespace godwit::dynamodb
