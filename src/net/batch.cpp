#include "net/batch.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "base/text.h"
#include "net/json_text.h"

namespace godwit::net {
namespace {

// The write requests, or keys, of a RequestItems object.
size_t count_requests(std::string_view request_items) {
    size_t count = 0;
    const auto tables = json_members(request_items);
    if (!tables) return 0;
    for (const JsonPart& table : *tables) {
        std::string_view list = table.raw;
        // BatchGetItem: an object with Keys.
        if (const auto inner = json_members(list)) list = json_raw(*inner, "Keys");
        if (const auto elements = json_elements(list)) count += elements->size();
    }
    return count;
}

// `body` with other RequestItems; all else stays as it is.
std::string with_items(const std::string& body, std::string_view old_items, std::string_view items) {
    const auto at = static_cast<size_t>(old_items.data() - body.data());
    return body.substr(0, at) + std::string(items) + body.substr(at + old_items.size());
}

class Batch : public std::enable_shared_from_this<Batch> {
public:
    Batch(AwsClient& client, const std::string& action, std::string body, const Cancellation* cancellation,
          std::function<void(BatchOutcome)> done)
        : client_(client),
          action_(action),
          body_(std::move(body)),
          cancellation_(cancellation),
          done_(std::move(done)),
          left_name_(action == "BatchGetItem" ? "UnprocessedKeys" : "UnprocessedItems") {}

    void send() {
        outcome_.rounds++;
        client_.start(
            json_request("dynamodb", action_, body_), cancellation_,
            [self = shared_from_this()](AwsOutcome outcome) { self->on_outcome(std::move(outcome)); });
    }

private:
    void on_outcome(AwsOutcome outcome) {
        if (!outcome.reply) {
            outcome_.fault = std::move(outcome.fault);
            return finish(std::move(outcome.reply).error());
        }
        const auto members = json_members(outcome.reply->body);
        if (!members) {
            return finish(
                make_error(ErrorCode::kInDoubt, fmt::format("the reply to {} is not JSON", action_)));
        }
        if (action_ == "BatchGetItem") outcome_.responses.emplace_back(json_raw(*members, "Responses"));
        const std::string_view left = json_raw(*members, left_name_);
        const size_t left_count = count_requests(left);
        if (left_count == 0) return finish_well();
        if (!replace_items(left))
            return finish(make_error(ErrorCode::kInternal, "a batch has no RequestItems"));
        if (left_count != last_left_) track_.progressed();
        last_left_ = left_count;
        wait_and_send();
    }

    void wait_and_send() {
        const Surroundings& surroundings = client_.session().config().surroundings();
        const auto decision = track_.after_failure(FaultClass::kThrottled, surroundings.time->steady_ms(),
                                                   client_.retry_policy(), budget_, *surroundings.random);
        if (decision.verdict != RetryVerdict::kAgain) {
            return finish(
                make_error(ErrorCode::kUnavailable,
                           fmt::format("{}: DynamoDB left items over time and again: the table is throttled",
                                       action_))
                    .with_remedy("Give the table more capacity, or slow down."));
        }
        client_.after(decision.wait_ms, cancellation_, [self = shared_from_this()] { self->send(); });
    }

    bool replace_items(std::string_view left) {
        const auto members = json_members(body_);
        const std::string_view old_items = members ? json_raw(*members, "RequestItems") : std::string_view();
        if (old_items.empty()) return false;
        body_ = with_items(body_, old_items, left);
        return true;
    }

    void finish_well() {
        auto done = std::move(done_);
        done(std::move(outcome_));
    }

    void finish(Error error) {
        if (const auto members = json_members(body_))
            outcome_.left = std::string(json_raw(*members, "RequestItems"));
        outcome_.left_count = count_requests(outcome_.left);
        error.details.push_back(fmt::format("{} of this batch not known to be done",
                                            count_of(static_cast<int64_t>(outcome_.left_count), "item")));
        outcome_.result = fail(std::move(error));
        finish_well();
    }

    AwsClient& client_;
    const std::string action_;
    std::string body_;  // Holds what is left, and so is what is sent next.
    const Cancellation* cancellation_;
    std::function<void(BatchOutcome)> done_;
    const std::string left_name_;
    BatchOutcome outcome_;
    RetryTrack track_;
    RetryBudget budget_;  // Unused by throttling.
    size_t last_left_ = 0;
};

}  // namespace

void start_batch(AwsClient& client, const std::string& action, std::string body,
                 const Cancellation* cancellation, std::function<void(BatchOutcome)> done) {
    std::make_shared<Batch>(client, action, std::move(body), cancellation, std::move(done))->send();
}

BatchOutcome send_batch(AwsClient& client, const std::string& action, std::string body,
                        const Cancellation* cancellation) {
    std::optional<BatchOutcome> outcome;
    start_batch(client, action, std::move(body), cancellation,
                [&outcome](BatchOutcome done) { outcome.emplace(std::move(done)); });
    while (!outcome) client.step(100);
    return std::move(*outcome);
}

}  // namespace godwit::net
