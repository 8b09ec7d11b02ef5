#include "target/postgres/reader.h"

#include <utility>

#include "sql/splitter.h"
#include "target/postgres/classifier.h"

namespace godwit::postgres {
namespace {

class ScriptReader final : public StepReader {
public:
    explicit ScriptReader(std::unique_ptr<StatementSplitter> splitter) : splitter_(std::move(splitter)) {
        step_.step.verb = "sql";
    }

    Result<const ReadStep*> next() override {
        if (!modes_.empty()) return set_transaction();
        while (with_data_ && !TRY(read_data()).empty()) {
        }
        const Statement* statement = TRY(splitter_->next());
        if (statement == nullptr) return nullptr;
        if (statement->prints_data) {
            return fail(make_error(ErrorCode::kInvalidInput, "COPY … TO STDOUT prints data, which a migration has no place for")
                            .at(statement->where)
                            .with_remedy("Delete it, or copy to a table: CREATE TABLE … AS SELECT …."));
        }
        Classification found = TRY(classify(*statement));
        step_.step.body.assign(statement->text);
        step_.step.where = statement->where;
        step_.end_offset = statement->end_offset;
        step_.kind = found.kind;
        step_.why_alone = std::move(found.why_alone);
        step_.session_only = found.session_only;
        step_.may_commit = found.may_commit;
        modes_ = std::move(found.transaction_modes);
        step_.data = {};
        with_data_ = statement->has_data;
        if (with_data_) step_.data = [this] { return read_data(); };
        return &step_;
    }

private:
    // Data that ran on to the end of the file would hold whatever was meant to
    // stand behind it: statements, the marker of the down section and all of that.
    Result<std::string_view> read_data() {
        const std::string_view piece = TRY(splitter_->read_data());
        if (!piece.empty() || splitter_->data_was_closed()) return piece;
        return fail(
            make_error(ErrorCode::kInvalidInput, "the data of COPY … FROM STDIN is not ended by a line \\.")
                .at(step_.step.where)
                .with_remedy("Write \\. on a line of its own behind the last row: without it, all that "
                             "follows in the file would be read as data."));
    }

    // BEGIN itself is not sent; what it says of the transaction must not be lost.
    Result<const ReadStep*> set_transaction() {
        step_.step.body = "SET TRANSACTION " + std::exchange(modes_, {});
        step_.kind = StepKind::kPlain;
        return &step_;
    }

    std::unique_ptr<StatementSplitter> splitter_;
    ReadStep step_;
    bool with_data_ = false;
    std::string modes_;
};

class EmptyReader final : public StepReader {
public:
    Result<const ReadStep*> next() override { return nullptr; }
};

}  // namespace

Result<std::unique_ptr<StepReader>> read_steps(const Body& body,
                                               std::function<void(const SourceSpan&, std::string)> note) {
    if (std::holds_alternative<std::monostate>(body)) return std::make_unique<EmptyReader>();
    const auto* script = std::get_if<Script>(&body);
    if (script == nullptr) {
        const auto& steps = std::get<std::vector<Step>>(body);
        const SourceSpan where = steps.empty() ? SourceSpan{} : steps.front().where;
        return fail(make_error(ErrorCode::kNotSupported, "PostgreSQL takes SQL scripts, not operations").at(where));
    }
    return std::make_unique<ScriptReader>(TRY(StatementSplitter::open(*script, Dialect::kPostgres, std::move(note))));
}

}  // namespace godwit::postgres
