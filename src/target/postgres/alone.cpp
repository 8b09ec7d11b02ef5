#include "target/postgres/alone.h"

#include <optional>

#include "base/text.h"
#include "target/postgres/batch.h"
#include "target/postgres/classifier.h"
#include "target/postgres/places.h"

namespace godwit::postgres {
namespace {

Error explain(const Batch& batch, const ServerError& server) {
    Error error = to_error(server);
    error.where = refine(batch.locate(0, server.position), server);
    return error;
}

Result<void> answer_copy(Connection& connection, const ReadStep& step) {
    if (!step.data) return connection.end_copy("no data follows the statement");
    while (true) {
        const std::string_view piece = TRY(step.data());
        if (piece.empty() || !TRY(connection.put_copy_data(piece))) return connection.end_copy(nullptr);
    }
}

Result<void> run(Connection& connection, const Batch& batch, const ReadStep& step) {
    CHECK(connection.send(batch.text(), Rows::kDrop));
    std::optional<Error> failure;
    while (true) {
        const Answer answer = TRY(connection.receive(Stopping::kInterrupts));
        if (answer.result == nullptr) break;
        const ExecStatusType status = PQresultStatus(answer.result.get());
        if (answer.failed && !failure) failure = explain(batch, answer.error);
        if (status == PGRES_COPY_IN) CHECK(answer_copy(connection, step));
        if (status == PGRES_COPY_OUT) CHECK(connection.drop_copy_data(Stopping::kInterrupts));
    }
    if (!failure) return {};
    return fail(connection.why_failed(std::move(*failure)));
}

Result<void> ask_fence(Connection& connection, const std::string& fence) {
    Result<std::vector<ResultHandle>> held = connection.query(fence);
    if (held) return {};
    if (held.error().native_code == sqlstate::kDivisionByZero) return fail(lease_lost());
    return fail(std::move(held).error());
}

}  // namespace

AloneLimits alone_limits(const ReadStep& step, const Execution& execution, const TargetConfig& config) {
    AloneLimits limits{execution.lock_timeout, execution.statement_timeout};
    const bool usual = execution.lock_timeout == config.lock_timeout;
    if (usual && mentions(step.step.body, "concurrently")) limits.lock_timeout = std::chrono::milliseconds(0);
    return limits;
}

void note_session_statement(Server& server, std::string_view sql) {
    for (const std::string_view name : {"lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout",
                                        "transaction_timeout", "search_path", "standard_conforming_strings"}) {
        if (mentions(sql, name)) server.note_script_setting(std::string(name));
    }
}

Result<void> run_alone(Server& server, Connection& connection, const ReadStep& step, const AloneLimits& limits,
                       const std::string& fence) {
    if (!fence.empty()) CHECK(ask_fence(connection, fence));
    if (!server.session().pooled) {
        const std::string sets = server.session_limits(limits.lock_timeout, limits.statement_timeout);
        if (!sets.empty()) CHECK(connection.query(sets));
    }
    Batch batch;
    batch.add(step.step.body, Origin::kScript, step.step.where);
    Result<void> done = run(connection, batch, step);
    if (!done && !connection.alive() && done.error().code == ErrorCode::kUnavailable) {
        done.error().code = ErrorCode::kInDoubt;
        done.error().message += " while a statement was under way";
        done.error().where = step.step.where;
    }
    return done;
}

}  // namespace godwit::postgres
