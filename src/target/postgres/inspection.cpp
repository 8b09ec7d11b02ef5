#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "target/postgres/classifier.h"
#include "target/postgres/history_sql.h"
#include "target/postgres/parser.h"
#include "target/postgres/reader.h"

namespace godwit::postgres {
namespace {

// A value that ALTER TYPE … ADD VALUE gave to a type; until that is committed,
// the server refuses to use it.
struct NewValue {
    ObjectName type;
    std::string value;
    std::string quoted;
    SourceSpan where;
};

// Walks over the steps once and gathers what decides how they run.
class Survey {
public:
    Survey(Execution& execution, TransactionWish wish) : execution_(execution), wish_(wish) {}

    Result<void> step(const ReadStep& step) {
        switch (step.kind) {
            case StepKind::kBegin: return begin(step);
            case StepKind::kCommit: return commit(step);
            case StepKind::kAlone: CHECK(alone(step)); break;
            case StepKind::kPlain: CHECK(plain(step)); break;
        }
        ++execution_.steps;
        // What changes only the session may stand before and after a block.
        if (!in_block_ && !outside_.known() && !step.session_only) outside_ = step.step.where;
        return {};
    }

    Result<void> finish() const {
        if (in_block_) {
            return fail(make_error(ErrorCode::kInvalidInput, "BEGIN without COMMIT").at(begin_at_)
                            .with_remedy("End it with COMMIT, or remove it: a migration is one transaction anyway."));
        }
        const bool mixed = blocks_ > 1 || (blocks_ == 1 && outside_.known());
        if (!mixed || wish_ == TransactionWish::kOff) return {};
        return fail(make_error(ErrorCode::kInvalidInput, blocks_ > 1
                                                             ? "the script holds more than one BEGIN … COMMIT"
                                                             : "a statement stands outside the script's BEGIN … COMMIT")
                        .at(blocks_ > 1 ? last_begin_at_ : outside_)
                        .with_remedy("Remove BEGIN and COMMIT (a migration is one transaction anyway), or write "
                                     "`-- godwit: transaction=off` to run its blocks and statements one after another."));
    }

private:
    Result<void> begin(const ReadStep& step) {
        if (in_block_) {
            return fail(make_error(ErrorCode::kInvalidInput,
                                   fmt::format("BEGIN inside a transaction that began at line {}", last_begin_at_.line))
                            .at(step.step.where)
                            .with_remedy("Remove it, or end the first transaction with COMMIT."));
        }
        in_block_ = true;
        last_begin_at_ = step.step.where;
        if (++blocks_ == 1) begin_at_ = step.step.where;
        return {};
    }

    Result<void> commit(const ReadStep& step) {
        if (!in_block_) {
            return fail(make_error(ErrorCode::kInvalidInput, "COMMIT without BEGIN").at(step.step.where)
                            .with_remedy("Remove it: a migration is one transaction anyway."));
        }
        in_block_ = false;
        new_values_.clear();  // Committed, so free to use.
        return {};
    }

    Result<void> alone(const ReadStep& step) {
        if (in_block_) {
            return fail(make_error(ErrorCode::kInvalidInput,
                                   fmt::format("{}, but stands after the BEGIN of line {}", step.why_alone, last_begin_at_.line))
                            .at(step.step.where)
                            .with_remedy("Move it out of BEGIN … COMMIT, best into a migration of its own."));
        }
        not_transactional(step.why_alone, step.step.where);
        return {};
    }

    Result<void> plain(const ReadStep& step) {
        const std::string& sql = step.step.body;
        if (Result<void> used = check_new_values(sql, step.step.where); !used) return used;
        if (starts_with_words(sql, "ALTER", "TYPE") || starts_with_words(sql, "CREATE", "TYPE")) note_type(step);
        return {};
    }

    static bool starts_with_words(std::string_view sql, std::string_view first, std::string_view second) {
        if (!equal_ignoring_case(sql.substr(0, first.size()), first)) return false;
        const size_t next = sql.find_first_not_of(" \t\r\n\f\v", first.size());
        return next != std::string_view::npos && equal_ignoring_case(sql.substr(next, second.size()), second);
    }

    void note_type(const ReadStep& step) {
        const std::optional<ParsedStatement> parsed = parse_statement(step.step.body);
        if (!parsed) return;
        if (parsed->syntax == Syntax::kCreateEnum) own_types_.push_back(parsed->object);
        // A value of a type that the same transaction has made is free to use.
        const bool own = std::find(own_types_.begin(), own_types_.end(), parsed->object) != own_types_.end();
        // Nor does it matter where the statement is a transaction of its own.
        const bool shared = in_block_ || execution_.transactional;
        if (parsed->syntax != Syntax::kAddEnumValue || own || !shared) return;
        new_values_.push_back({parsed->object, parsed->text, literal(parsed->text), step.step.where});
    }

    Result<void> check_new_values(const std::string& sql, const SourceSpan& where) {
        for (const NewValue& added : new_values_) {
            if (!uses(sql, added)) continue;
            const std::string why = fmt::format("the value {} of {} is added in line {} and used in line {}, which one "
                                                "transaction cannot do", added.quoted, added.type.name, added.where.line, where.line);
            if (in_block_) {
                return fail(make_error(ErrorCode::kInvalidInput, why).at(where)
                                .with_remedy("Remove BEGIN and COMMIT, so that it can run statement by statement, or move "
                                             "what uses the value into a migration of its own."));
            }
            not_transactional(why, where);
        }
        return {};
    }

    static bool uses(const std::string& sql, const NewValue& added) {
        if (sql.find(added.quoted) == std::string::npos) return false;
        if (starts_with_words(sql, "ALTER", "TYPE") || starts_with_words(sql, "COMMENT", "ON")) return false;
        const auto tokens = scan_tokens(sql);
        if (!tokens) return true;
        return std::any_of(tokens->begin(), tokens->end(), [&](std::string_view token) {
            const bool body = token.starts_with('$') || token.starts_with('\'');
            return token == added.quoted || (body && token.find(added.quoted) != std::string_view::npos);
        });
    }

    void not_transactional(const std::string& why, const SourceSpan& where) {
        if (!execution_.transactional) return;
        execution_.transactional = false;
        execution_.why_not = why;
        execution_.why_where = where;
    }

    Execution& execution_;
    const TransactionWish wish_;
    int blocks_ = 0;
    bool in_block_ = false;
    SourceSpan begin_at_;       // The first BEGIN.
    SourceSpan last_begin_at_;
    SourceSpan outside_;        // The first statement that stands beside a block.
    std::vector<NewValue> new_values_;
    std::vector<ObjectName> own_types_;
};

}  // namespace

Result<Execution> inspect(const Migration& migration, Direction direction, const TargetConfig& config) {
    Execution execution;
    execution.lock_timeout = migration.options.lock_timeout.value_or(config.lock_timeout);
    execution.statement_timeout = migration.options.statement_timeout.value_or(config.statement_timeout);
    if (migration.options.transaction == TransactionWish::kOff) {
        execution.transactional = false;
        execution.why_not = "the file says transaction=off";
        execution.why_where = migration.where;
    }
    Survey survey(execution, migration.options.transaction);
    const auto reader = TRY(read_steps(migration.body(direction), {}));
    while (const ReadStep* step = TRY(reader->next())) CHECK(survey.step(*step));
    CHECK(survey.finish());
    return execution;
}

}  // namespace godwit::postgres
