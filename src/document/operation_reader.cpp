#include "document/operation_reader.h"

#include <fmt/format.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "document/element_reader.h"
#include "document/json_fault.h"

namespace godwit::document {
namespace {

constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag |
                            rapidjson::kParseValidateEncodingFlag;

// Text that is in memory already.
class TextSource final : public ScriptSource {
public:
    explicit TextSource(std::string text) : text_(std::move(text)) {}
    Result<size_t> read_into(char* buffer, size_t capacity) override {
        const size_t size = text_.copy(buffer, capacity, at_);
        at_ += size;
        return size;
    }

private:
    std::string text_;
    size_t at_ = 0;
};

// Finds the `type` of an operation while it checks that all of it is JSON.
class TypeFinder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, TypeFinder> {
public:
    bool Default() { return value(); }
    bool RawNumber(const char*, rapidjson::SizeType, bool) { return value(); }
    bool String(const char* text, rapidjson::SizeType length, bool) {
        if (depth_ == 1 && is_type_) type.emplace(text, length);
        return value();
    }
    bool Key(const char* text, rapidjson::SizeType length, bool) {
        if (depth_ != 1) return true;
        is_type_ = std::string_view(text, length) == "type";
        if (is_type_ && std::exchange(seen_, true)) fault = "type is given twice";
        return fault == nullptr;
    }
    bool StartObject() { return open(); }
    bool StartArray() {
        if (depth_ == 0) fault = "an operation is an object, and this is an array";
        return fault == nullptr && open();
    }
    bool EndObject(rapidjson::SizeType) { return close(); }
    bool EndArray(rapidjson::SizeType) { return close(); }

    std::optional<std::string> type;
    const char* fault = nullptr;

private:
    bool value() {
        if (depth_ == 0) fault = "an operation is an object";
        if (depth_ == 1 && is_type_ && !type) fault = "type must be a string";
        return fault == nullptr;
    }
    bool open() {
        if (depth_ == 1 && is_type_) fault = "type must be a string";
        ++depth_;
        return fault == nullptr;
    }
    bool close() {
        --depth_;
        return true;
    }

    int depth_ = 0;
    bool is_type_ = false;
    bool seen_ = false;
};

// The place of byte `at` of a text that starts at `start`.
SourceSpan place_in(const SourceSpan& start, std::string_view text, size_t at) {
    LineCounter counter(start.offset, start.line);
    counter.advance(text.substr(0, std::min(at, text.size())));
    const int32_t before = counter.line() == start.line ? start.column - 1 : 0;
    return {start.file, counter.line(), counter.column() + before, counter.offset()};
}

Result<std::string> type_of(std::string_view operation, const SourceSpan& where) {
    rapidjson::MemoryStream stream(operation.data(), operation.size());
    rapidjson::Reader reader;
    TypeFinder finder;
    const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, finder);
    const auto refuse = [&](size_t at, std::string message, std::string remedy) {
        return fail(make_error(ErrorCode::kInvalidInput, std::move(message))
                        .at(place_in(where, operation, at))
                        .with_remedy(std::move(remedy)));
    };
    if (finder.fault != nullptr)
        return refuse(0, finder.fault, "Write each operation as {\"type\": \"create_table\", …}.");
    if (result.IsError())
        return refuse(result.Offset(), "not JSON: " + json_fault(result.Code()), "Correct the JSON.");
    if (!finder.type || finder.type->empty())
        return refuse(0, "an operation needs a type", "Add \"type\": \"create_table\", or whichever it is.");
    return std::move(*finder.type);
}

std::vector<std::string> streamed_members() { return {kStreamedMembers.begin(), kStreamedMembers.end()}; }

Result<ElementReader> open_script(const Script& script, std::vector<std::string> cut) {
    return ElementReader(TRY(ScriptSource::open(script)),
                         {script.file, script.first_line, script.first_column, script.begin}, std::move(cut));
}

// Gives the elements that were cut out, again and again.
class DataReader {
public:
    using Open = std::function<Result<ElementReader>()>;
    explicit DataReader(Open open) : open_(std::move(open)) {}

    Result<std::string_view> next() {
        if (!elements_) elements_.emplace(TRY(open_()));
        if (TRY(elements_->next())) return elements_->text();
        elements_.reset();
        return std::string_view();
    }
    void rewind() { elements_.reset(); }
    SourceSpan place() const { return elements_ ? elements_->where() : SourceSpan{}; }

private:
    Open open_;
    std::optional<ElementReader> elements_;
};

void give_data(ReadStep& step, DataReader::Open open) {
    const auto reader = std::make_shared<DataReader>(std::move(open));
    step.data = [reader] { return reader->next(); };
    step.data_place = [reader] { return reader->place(); };
    step.data_rewind = [reader] { reader->rewind(); };
}

// What both kinds of reader make of an element; false at the end.
Result<bool> read_step(ElementReader& elements, ReadStep& step) {
    step = {};
    if (!TRY(elements.next())) return false;
    step.step.where = elements.where();
    step.step.verb = TRY(type_of(elements.text(), elements.where()));
    step.step.body = std::string(elements.text());
    step.end_offset = elements.end_offset();
    if (elements.cuts().size() < 2) return true;
    return fail(make_error(ErrorCode::kInvalidInput, fmt::format("{} and {} cannot stand in one operation", elements.cuts()[0].member,
                                                                 elements.cuts()[1].member))
                    .at(elements.where())
                    .with_remedy("Make two operations of it."));
}

class ScriptReader final : public StepReader {
public:
    ScriptReader(Script script, ElementReader elements) : script_(std::move(script)), elements_(std::move(elements)) {}

    Result<const ReadStep*> next() override {
        if (!TRY(read_step(elements_, step_))) return nullptr;
        for (const Cut& cut : elements_.cuts()) {
            Script part = script_;
            part.begin = cut.begin;
            part.end = cut.end;
            part.first_line = cut.line;
            part.first_column = cut.column;
            give_data(step_, [part = std::move(part)] { return open_script(part, {}); });
        }
        return &step_;
    }

private:
    Script script_;
    ElementReader elements_;
    ReadStep step_;
};

class KeptReader final : public StepReader {
public:
    explicit KeptReader(std::vector<Step> steps) : steps_(std::move(steps)) {}

    Result<const ReadStep*> next() override {
        if (next_ == steps_.size()) return nullptr;
        const Step& kept = steps_[next_++];
        // Offsets are those within the text: nobody wrote it into a file.
        ElementReader elements(std::make_unique<TextSource>(kept.body), {kept.where.file, kept.where.line, 1, 0}, streamed_members());
        if (!TRY(read_step(elements, step_)))
            return fail(make_error(ErrorCode::kInvalidInput, "an operation is missing").at(kept.where));
        step_.step.where = kept.where;
        for (const Cut& cut : elements.cuts()) {
            std::string part = kept.body.substr(static_cast<size_t>(cut.begin), static_cast<size_t>(cut.end - cut.begin));
            give_data(step_, [part = std::move(part), where = kept.where]() -> Result<ElementReader> {
                return ElementReader(std::make_unique<TextSource>(part), where);
            });
            step_.data_place = {};
        }
        return &step_;
    }

private:
    std::vector<Step> steps_;
    size_t next_ = 0;
    ReadStep step_;
};

}  // namespace

Result<std::unique_ptr<StepReader>> read_operations(const Body& body) {
    if (const auto* script = std::get_if<Script>(&body)) {
        return std::make_unique<ScriptReader>(*script, TRY(open_script(*script, streamed_members())));
    }
    const auto* steps = std::get_if<std::vector<Step>>(&body);
    return std::make_unique<KeptReader>(steps == nullptr ? std::vector<Step>{} : *steps);
}

}  // namespace godwit::document
