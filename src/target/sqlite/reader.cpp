#include "target/sqlite/reader.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sql/splitter.h"

namespace godwit::sqlite {
namespace {

// Pragmas that SQLite refuses or ignores inside a transaction
// (sqlite.org/pragma.html), foreign_keys apart.
constexpr std::array<std::string_view, 5> kPragmasAlone = {"JOURNAL_MODE", "SYNCHRONOUS", "WAL_CHECKPOINT",
                                                           "LOCKING_MODE", "JOURNAL_SIZE_LIMIT"};

bool is(std::string_view word, std::string_view upper) { return equal_ignoring_case(word, upper); }

// Asked of every statement of a script, so it decides by the first letters.
bool begins_with(std::string_view statement, std::string_view word) {
    return is(statement.substr(0, word.size()), word);
}

// The pragma's name in upper case without its schema; empty when `statement` is no PRAGMA.
std::string pragma_name(std::string_view statement) {
    if (!begins_with(statement, "PRAGMA")) return "";
    const std::vector<std::string_view> tokens = split_any(statement.substr(0, 200), " \t\r\n=(;");
    if (tokens.size() < 2 || !equal_ignoring_case(tokens[0], "PRAGMA")) return "";
    const std::string name = to_upper(tokens[1]);
    const size_t dot = name.rfind('.');
    return dot == std::string::npos ? name : name.substr(dot + 1);
}

bool turns_off(std::string_view statement) {
    const size_t at = statement.find_first_of("=(");
    if (at == std::string_view::npos) return false;
    std::string_view value = trim(statement.substr(at + 1));
    while (!value.empty() && (value.back() == ')' || value.back() == '\'' || value.back() == '"')) value.remove_suffix(1);
    while (!value.empty() && (value.front() == '\'' || value.front() == '"')) value.remove_prefix(1);
    value = trim(value);
    return value == "0" || equal_ignoring_case(value, "off") || equal_ignoring_case(value, "false") ||
           equal_ignoring_case(value, "no");
}

std::string_view word(const Statement& statement, size_t index) {
    return index < statement.words.size() ? statement.words[index] : std::string_view();
}

void classify(const Statement& statement, ReadStep& step) {
    const std::string_view first = word(statement, 0);
    step.kind = StepKind::kPlain;
    step.why_alone.clear();
    if (is(first, "BEGIN")) {
        step.kind = StepKind::kBegin;
    } else if (is(first, "COMMIT") || is(first, "END")) {
        step.kind = StepKind::kCommit;
    } else if (is(first, "VACUUM") || is(first, "DETACH")) {
        step.kind = StepKind::kAlone;
        step.why_alone = to_upper(first) + " cannot run inside a transaction";
    } else if (is(first, "PRAGMA")) {
        const std::string name = pragma_name(statement.text);
        if (std::find(kPragmasAlone.begin(), kPragmasAlone.end(), name) != kPragmasAlone.end()) {
            step.kind = StepKind::kAlone;
            step.why_alone = "PRAGMA " + to_lower(name) + " cannot change inside a transaction";
        }
    }
}

class ScriptReader final : public StepReader {
public:
    explicit ScriptReader(std::unique_ptr<StatementSplitter> splitter) : splitter_(std::move(splitter)) {
        step_.step.verb = "sql";
    }

    Result<const ReadStep*> next() override {
        const Statement* statement = TRY(splitter_->next());
        if (statement == nullptr) return nullptr;
        if (is(word(*statement, 0), "ROLLBACK") && !is(word(*statement, 1), "TO") && !is(word(*statement, 2), "TO")) {
            return fail(make_error(ErrorCode::kInvalidInput, "a migration cannot hold ROLLBACK")
                            .at(statement->where)
                            .with_remedy("Remove it: a migration that fails is rolled back by itself."));
        }
        step_.step.body.assign(statement->text);
        step_.step.where = statement->where;
        step_.end_offset = statement->end_offset;
        classify(*statement, step_);
        return &step_;
    }

private:
    std::unique_ptr<StatementSplitter> splitter_;
    ReadStep step_;
};

class EmptyReader final : public StepReader {
public:
    Result<const ReadStep*> next() override { return nullptr; }
};

// What inspect() gathers while it walks over a script.
struct Survey {
    Execution execution;
    SourceSpan begin_at;   // The first BEGIN.
    SourceSpan commit_at;  // The first COMMIT.
    bool in_block = false;
    int blocks = 0;
    SourceSpan outside;    // The first statement that stands beside a block.
    bool drops_table = false;
    bool renames_table = false;
    bool foreign_keys_set = false;
};

Error mixed_blocks(const Survey& survey) {
    const SourceSpan& where = survey.blocks > 1 ? survey.commit_at : survey.outside;
    return make_error(ErrorCode::kInvalidInput, survey.blocks > 1 ? "the script holds more than one BEGIN … COMMIT"
                                                                  : "a statement stands outside the script's BEGIN … COMMIT")
        .at(where)
        .with_remedy("Remove BEGIN and COMMIT (a migration is one transaction anyway), or write "
                     "`-- godwit: transaction=off` to run its blocks and statements one after another.");
}

Result<void> survey_step(const ReadStep& step, bool blocks_allowed, Survey& survey) {
    Execution& execution = survey.execution;
    const std::string& body = step.step.body;
    switch (step.kind) {
        case StepKind::kBegin:
            if (survey.in_block) {
                return fail(make_error(ErrorCode::kInvalidInput, "BEGIN inside a transaction that began at line " +
                                                                     std::to_string(survey.begin_at.line))
                                .at(step.step.where)
                                .with_remedy("Remove it, or end the first transaction with COMMIT."));
            }
            survey.in_block = true;
            survey.begin_at = step.step.where;
            return {};
        case StepKind::kCommit:
            if (!survey.in_block) {
                return fail(make_error(ErrorCode::kInvalidInput, "COMMIT without BEGIN").at(step.step.where)
                                .with_remedy("Remove it: a migration is one transaction anyway."));
            }
            survey.in_block = false;
            ++survey.blocks;
            survey.commit_at = step.step.where;
            return {};
        case StepKind::kAlone:
            if (survey.in_block) {
                return fail(make_error(ErrorCode::kInvalidInput, step.why_alone + ", but stands after the BEGIN of line " +
                                                                     std::to_string(survey.begin_at.line))
                                .at(step.step.where)
                                .with_remedy("Move it out of BEGIN … COMMIT."));
            }
            if (execution.transactional) {
                execution.transactional = false;
                execution.why_not = step.why_alone;
                execution.why_where = step.step.where;
            }
            break;
        case StepKind::kPlain: break;
    }
    ++execution.steps;
    if (sets_foreign_keys(body)) {
        if (!survey.foreign_keys_set || turns_off(body)) {
            execution.foreign_keys = turns_off(body) ? ForeignKeys::kSuspended : ForeignKeys::kOn;
        }
        survey.foreign_keys_set = true;
        return {};
    }
    const bool pragma = !pragma_name(body).empty();
    if (!survey.in_block && !survey.outside.known() && !blocks_allowed && !pragma) survey.outside = step.step.where;
    if (!begins_with(body, "DROP") && !begins_with(body, "ALTER")) return {};
    const std::vector<std::string_view> words = split_any(std::string_view(body).substr(0, 400), " \t\r\n");
    survey.drops_table = survey.drops_table || (words.size() > 1 && is(words[0], "DROP") && is(words[1], "TABLE"));
    const bool alters = words.size() > 1 && is(words[0], "ALTER") && is(words[1], "TABLE");
    survey.renames_table = survey.renames_table || (alters && std::any_of(words.begin(), words.end(), [](auto w) { return is(w, "RENAME"); }));
    return {};
}

}  // namespace

bool sets_foreign_keys(std::string_view statement) {
    return pragma_name(statement) == "FOREIGN_KEYS" && statement.find_first_of("=(") != std::string_view::npos;
}

Result<std::unique_ptr<StepReader>> read_steps(const Body& body) {
    if (std::holds_alternative<std::monostate>(body)) return std::make_unique<EmptyReader>();
    const auto* script = std::get_if<Script>(&body);
    if (script == nullptr) {
        const auto& steps = std::get<std::vector<Step>>(body);
        const SourceSpan where = steps.empty() ? SourceSpan{} : steps.front().where;
        return fail(make_error(ErrorCode::kNotSupported, "SQLite takes SQL scripts, not operations").at(where));
    }
    return std::make_unique<ScriptReader>(TRY(StatementSplitter::open(*script, Dialect::kSqlite)));
}

Result<Execution> inspect(const Migration& migration, Direction direction, const TargetConfig& config, bool enforced) {
    Survey survey;
    Execution& execution = survey.execution;
    execution.lock_timeout = migration.options.lock_timeout.value_or(config.lock_timeout);
    execution.statement_timeout = migration.options.statement_timeout.value_or(config.statement_timeout);
    const bool off = migration.options.transaction == TransactionWish::kOff;
    if (off) {
        execution.transactional = false;
        execution.why_not = "the file says transaction=off";
        execution.why_where = migration.where;
    }
    const auto reader = TRY(read_steps(migration.body(direction)));
    while (const ReadStep* step = TRY(reader->next())) CHECK(survey_step(*step, off, survey));
    if (survey.in_block) {
        return fail(make_error(ErrorCode::kInvalidInput, "BEGIN without COMMIT").at(survey.begin_at)
                        .with_remedy("End it with COMMIT, or remove it: a migration is one transaction anyway."));
    }
    const bool mixed = survey.blocks > 1 || (survey.blocks == 1 && survey.outside.known());
    if (mixed && !off) return fail(mixed_blocks(survey));
    // Dropping a table that others refer to deletes its rows first, and with them
    // those of the others where ON DELETE CASCADE says so: the classic loss of a rebuild.
    const bool rebuild = survey.drops_table && survey.renames_table;
    if (enforced && rebuild && !survey.foreign_keys_set) execution.foreign_keys = ForeignKeys::kSuspended;
    return execution;
}

}  // namespace godwit::sqlite
