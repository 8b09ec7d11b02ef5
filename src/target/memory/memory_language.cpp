#include "target/memory/memory_language.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/text.h"

namespace godwit {
namespace {

enum class Operand : uint8_t { kNone, kKey, kKeyAndValue, kLines, kText };

struct Word {
    std::string_view text;
    MemoryVerb verb;
    Operand operand;
};

constexpr std::array kWords = {
    Word{"create", MemoryVerb::kCreate, Operand::kKey},
    Word{"drop", MemoryVerb::kDrop, Operand::kKey},
    Word{"set", MemoryVerb::kSet, Operand::kKeyAndValue},
    Word{"unset", MemoryVerb::kUnset, Operand::kKey},
    Word{"append", MemoryVerb::kAppend, Operand::kKeyAndValue},
    Word{"load", MemoryVerb::kLoad, Operand::kLines},
    Word{"insert_version", MemoryVerb::kInsertVersion, Operand::kKey},
    Word{"notice", MemoryVerb::kNotice, Operand::kText},
    Word{"wait", MemoryVerb::kWait, Operand::kText},
    Word{"fail", MemoryVerb::kFail, Operand::kText},
    Word{"begin", MemoryVerb::kBegin, Operand::kNone},
    Word{"commit", MemoryVerb::kCommit, Operand::kNone},
};

constexpr std::string_view kAlonePrefix = "alone ";

// Divides `body` at the first `separator`; false when there is none.
bool divide(std::string_view body, char separator, MemoryOperation& operation) {
    const size_t at = body.find(separator);
    operation.key = body.substr(0, at);
    if (at == std::string_view::npos) return false;
    operation.value = body.substr(at + 1);
    return true;
}

class OperationReader final : public StepReader {
public:
    explicit OperationReader(std::vector<Step> steps) : steps_(std::move(steps)) {}

    Result<const ReadStep*> next() override {
        if (next_ == steps_.size()) return nullptr;
        Step& source = steps_[next_++];
        // An inverse: "drop KEY".
        if (source.verb.empty()) {
            const size_t space = std::min(source.body.find(' '), source.body.size());
            source.verb = source.body.substr(0, space);
            source.body.erase(0, space + 1);
        }
        const MemoryOperation operation = TRY(parse_memory_operation(source));
        current_ = ReadStep{};
        current_.step = source;
        current_.end_offset = std::max<int64_t>(source.where.offset, 0) + std::ssize(source.body);
        if (operation.verb == MemoryVerb::kBegin) current_.kind = StepKind::kBegin;
        if (operation.verb == MemoryVerb::kCommit) current_.kind = StepKind::kCommit;
        if (operation.alone) {
            current_.kind = StepKind::kAlone;
            current_.why_alone = fmt::format("\"{}\" cannot run inside a transaction", source.verb);
        }
        if (operation.verb == MemoryVerb::kLoad) {
            current_.step.body = std::string(operation.key);
            current_.data = [lines = operation.value]() mutable -> Result<std::string_view> {
                const size_t size = std::min(lines.find('\n'), lines.size() - 1) + 1;
                const std::string_view line = lines.substr(0, size);
                lines.remove_prefix(size);
                return line;
            };
        }
        return &current_;
    }

private:
    std::vector<Step> steps_;
    size_t next_ = 0;
    ReadStep current_;
};

}  // namespace

Result<MemoryOperation> parse_memory_operation(const Step& step) {
    MemoryOperation operation;
    std::string_view name = step.verb;
    if (name.starts_with(kAlonePrefix)) {
        operation.alone = true;
        name.remove_prefix(kAlonePrefix.size());
    }
    const auto word = std::find_if(kWords.begin(), kWords.end(), [&](const Word& w) { return w.text == name; });
    if (word == kWords.end()) {
        return fail(make_error(ErrorCode::kInvalidInput,
                               fmt::format("memory has no operation \"{}\"", printable(step.verb)))
                        .at(step.where)
                        .with_remedy("Use an operation that memory_target.h lists."));
    }
    operation.verb = word->verb;
    operation.key = step.body;
    bool complete = true;
    switch (word->operand) {
        case Operand::kNone: complete = step.body.empty(); break;
        case Operand::kKey: complete = !step.body.empty(); break;
        case Operand::kKeyAndValue: complete = divide(step.body, '=', operation) && !operation.key.empty(); break;
        case Operand::kLines:
            divide(step.body, '\n', operation);
            complete = !operation.key.empty();
            break;
        case Operand::kText: break;
    }
    if (!complete) {
        return fail(make_error(ErrorCode::kInvalidInput, fmt::format("\"{}\" has the wrong operands", step.verb))
                        .at(step.where)
                        .with_remedy("Use the form that memory_target.h gives."));
    }
    return operation;
}

Result<std::unique_ptr<StepReader>> read_memory_steps(const Body& body) {
    if (const auto* script = std::get_if<Script>(&body)) {
        SourceSpan where;
        where.file = script->file;
        where.line = script->first_line;
        return fail(make_error(ErrorCode::kNotSupported, "memory reads operations, not scripts").at(where));
    }
    const auto* steps = std::get_if<std::vector<Step>>(&body);
    return std::make_unique<OperationReader>(steps == nullptr ? std::vector<Step>{} : *steps);
}

}  // namespace godwit
