#include "target/dynamodb/lease.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <csignal>

#include "base/process.h"
#include "base/text.h"
#include "net/json_text.h"

namespace godwit::dynamodb {

using std::chrono::milliseconds;

namespace {

// So that one answer tells what there is, whether the condition was met or not.
constexpr std::string_view kShow = R"("ReturnValues":"ALL_NEW","ReturnValuesOnConditionCheckFailure":"ALL_OLD")";

LeaseState state_in(std::string_view json, std::string_view member) {
    const auto members = net::json_members(json);
    const std::string_view item = members ? net::json_raw(*members, member) : "";
    return LeaseState::of(item.empty() ? std::nullopt : Item::read(item));
}

std::string user_and_host(const std::string& owner) { return owner.substr(0, owner.find(' ')); }

Error locked_by(const LeaseState& state) {
    return make_error(ErrorCode::kLocked, "another run holds the lock")
        .with_detail(fmt::format("held by {} since {}", printable(state.owner), printable(state.since)))
        .with_remedy("Wait for it to end, or look at it with `godwit lock status`.");
}

}  // namespace

milliseconds time_passed() {
    timespec now = {};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return std::chrono::duration_cast<milliseconds>(std::chrono::seconds(now.tv_sec) +
                                                    std::chrono::nanoseconds(now.tv_nsec));
}

LeaseState LeaseState::of(const std::optional<Item>& item) {
    LeaseState state;
    if (!item) return state;
    state.held = item->has("owner");
    state.owner = item->text("owner");
    state.holder = item->text("holder");
    state.since = item->text("since");
    state.token = item->number("token").value_or(0);
    state.beat = item->number("beat").value_or(0);
    state.lasts = milliseconds(item->number("lasts_ms").value_or(0));
    state.forced_token = item->number("forced_token").value_or(0);
    state.forced_by = item->text("forced_by");
    return state;
}

Heartbeat::Heartbeat(std::shared_ptr<net::AwsSession> session, std::string table, int64_t token,
                     milliseconds lasts, milliseconds taken_at)
    : session_(std::move(session)),
      table_(std::move(table)),
      token_(token),
      lasts_(lasts),
      confirmed_at_ms_(taken_at.count()),
      thread_([this] { run(); }) {}

Heartbeat::~Heartbeat() {
    {
        const std::lock_guard lock(mutex_);
        stop_.request(SIGTERM);
    }
    wake_.notify_all();
    thread_.join();
}

Result<void> Heartbeat::check() const {
    const milliseconds since = time_passed() - milliseconds(confirmed_at_ms_.load());
    if (!lost_.load() && since <= lasts_ * 3 / 4) return {};
    return fail(lease_lost());
}

bool Heartbeat::beat_once(net::AwsClient& client) {
    Update update(table_, keys::kLease);
    update.increase("beat").when_equal("token", token_).when_there("owner");
    net::AwsRequest request = net::json_request("dynamodb", "UpdateItem", update.json());
    request.limits.total_ms = (lasts_ / 4).count();
    request.limits.grace_ms = 0;
    // Measured before the request, so that the lease never seems longer than it is.
    const milliseconds sent_at = time_passed();
    const net::AwsOutcome outcome = client.send(std::move(request), &stop_);
    if (outcome.failed_with("ConditionalCheckFailedException") || HistoryTable::is_missing(outcome)) lost_ = true;
    if (outcome.reply) confirmed_at_ms_ = sent_at.count();
    return outcome.reply.has_value();
}

// A beat that was not confirmed is soon followed by another.
void Heartbeat::run() {
    net::AwsClientOptions options;
    options.max_in_flight = 1;
    options.retry.max_attempts = 1;
    options.retry.throttle_patience_ms = 0;
    std::unique_ptr<net::AwsClient> client;  // Most runs are over before the first beat.
    milliseconds pause = lasts_ / 4;
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, pause, [this] { return stop_.stop_requested(); })) {
        lock.unlock();
        if (client == nullptr) client = std::make_unique<net::AwsClient>(session_, options);
        pause = beat_once(*client) ? lasts_ / 4 : lasts_ / 40;
        lock.lock();
        if (lost_) return;
    }
}

// Free for others when it goes, unless it is theirs already.
class Locking::Held final : public Lease {
public:
    Held(Locking& locking, int64_t token, milliseconds taken_at)
        : locking_(locking),
          heartbeat_(std::in_place, locking.session_, locking.table_.name(), token, locking.lasts_, taken_at),
          token_(token) {
        locking_.held_ = this;
    }
    ~Held() override {
        heartbeat_.reset();  // First, or it would raise the count of what is given up.
        if (locking_.held_ == this) locking_.held_ = nullptr;
        Update update(locking_.table_.name(), keys::kLease);
        update.remove("owner").remove("holder").when_equal("token", token_);
        (void)locking_.table_.update(update);
    }

    // Asks the table too: before a migration begins, another may have it by force.
    Result<void> check() override {
        CHECK(heartbeat_->check());
        const LeaseState state = TRY(locking_.look());
        if (!state.held || state.token != token_) return fail(lease_lost());
        return {};
    }
    Result<void> check_here() const { return heartbeat_->check(); }
    int64_t token() const { return token_; }

private:
    Locking& locking_;
    std::optional<Heartbeat> heartbeat_;
    const int64_t token_;
};

Locking::Locking(HistoryTable& table, std::shared_ptr<net::AwsSession> session, const TargetConfig& config,
                 milliseconds lasts)
    : table_(table), session_(std::move(session)), config_(config), lasts_(lasts), holder_(random_hex(16)) {}

Result<LeaseState> Locking::look() { return LeaseState::of(TRY(table_.get(keys::kLease))); }

// Ours, of a lease that we could not give back, or unchanged for long enough.
bool Locking::may_take(const LeaseState& state, milliseconds asked_at) {
    if (held_ == nullptr && state.holder.starts_with(holder_ + ":")) return true;
    if (!seen_ || !seen_->same_as(state)) {
        seen_ = state;
        seen_at_ = time_passed();
        return false;
    }
    return asked_at - seen_at_ >= state.lasts;
}

Result<net::AwsOutcome> Locking::send_taking(const Update& update) {
    net::AwsOutcome outcome = table_.update(update, kShow);
    if (!HistoryTable::is_missing(outcome)) return outcome;
    CHECK(table_.ensure());
    return table_.update(update, kShow);
}

bool Locking::is_ours(const LeaseState& state) const {
    return state.held && state.holder == fmt::format("{}:{}", holder_, takings_);
}

Result<LeaseState> Locking::take(const LeaseState* seen) {
    Update update(table_.name(), keys::kLease);
    update.increase("token")
        .set("owner", config_.owner.empty() ? owner_text() : config_.owner)
        .set("holder", fmt::format("{}:{}", holder_, ++takings_))
        .set("since", iso_time(session_->wall_ms()))
        .set("beat", int64_t{0})
        .set("lasts_ms", lasts_.count())
        .set("status", "lease");
    if (seen != nullptr)
        update.when_equal("token", seen->token).when_equal("beat", seen->beat);
    else
        update.when_missing("owner");
    net::AwsOutcome outcome = TRY(send_taking(update));
    if (outcome.reply) return state_in(outcome.reply->body, "Attributes");
    // It may be our own first try, whose answer was lost, that is in the way.
    if (outcome.failed_with("ConditionalCheckFailedException")) return state_in(outcome.fault.body, "Item");
    if (outcome.reply.error().code == ErrorCode::kInDoubt) return look();
    return fail(HistoryTable::kept_out(table_.explain(std::move(outcome))));
}

Result<std::unique_ptr<Lease>> Locking::try_lock() {
    if (config_.read_only) return fail(ErrorCode::kNotSupported, "the database was opened for reading only");
    milliseconds asked_at = time_passed();
    LeaseState state = TRY(take(nullptr));
    if (!is_ours(state) && may_take(state, asked_at)) {
        asked_at = time_passed();
        const LeaseState seen = state;
        state = TRY(take(&seen));
    }
    if (!is_ours(state)) return fail(locked_by(state));
    seen_.reset();
    last_token_ = state.token;
    return std::make_unique<Held>(*this, state.token, asked_at);
}

Result<LockStatus> Locking::status() {
    const LeaseState state = TRY(look());
    LockStatus status;
    if (!state.held) return status;
    status.held = true;
    status.holder = printable(state.owner);
    status.since = printable(state.since);
    status.detail = fmt::format("lease {}, {}, free {} after the last", state.token,
                                count_of(state.beat, "heartbeat"), human_duration(state.lasts.count()));
    return status;
}

Result<std::string> Locking::release(bool force) {
    const LeaseState state = TRY(look());
    if (!state.held) return std::string("the lock is free");
    return force ? release_by_force() : release_dead(state);
}

Result<std::string> Locking::release_dead(LeaseState state) {
    const milliseconds first_seen = time_passed();
    const milliseconds pause = std::clamp(state.lasts / 20, milliseconds(50), milliseconds(1'000));
    while (true) {
        if (config_.cancellation != nullptr) CHECK(config_.cancellation->check());
        std::this_thread::sleep_for(pause);
        const milliseconds asked_at = time_passed();
        const LeaseState now = TRY(look());
        if (!now.held) return std::string("the lock is free");
        if (!now.same_as(state)) {
            return fail(make_error(ErrorCode::kLocked, "the holder of the lock is alive")
                            .with_detail(fmt::format("held by {} since {}", printable(now.owner), printable(now.since)))
                            .with_remedy("Wait for it; if it is beyond help, `godwit lock release --force` takes it "
                                         "the lock away."));
        }
        if (asked_at - first_seen >= state.lasts) break;
    }
    Update update(table_.name(), keys::kLease);
    update.increase("token").remove("owner").remove("holder").when_equal("token", state.token).when_equal("beat", state.beat);
    net::AwsOutcome outcome = table_.update(update);
    if (outcome.failed_with("ConditionalCheckFailedException")) return fail(locked_by(TRY(look())));
    if (!outcome.reply) return fail(HistoryTable::kept_out(table_.explain(std::move(outcome))));
    return fmt::format("released the lock of {}, of whom nothing was heard for {}", printable(state.owner),
                       human_duration(state.lasts.count()));
}

Result<std::string> Locking::release_by_force() {
    Update update(table_.name(), keys::kLease);
    update.copy("token", "forced_token")
        .set("forced_by", user_and_host(config_.owner.empty() ? owner_text() : config_.owner))
        .increase("token")
        .remove("owner")
        .remove("holder")
        .when_there("owner");
    const LeaseState state = TRY(look());
    net::AwsOutcome outcome = table_.update(update);
    if (outcome.failed_with("ConditionalCheckFailedException")) return std::string("the lock is free");
    if (!outcome.reply) return fail(HistoryTable::kept_out(table_.explain(std::move(outcome))));
    return fmt::format("took the lock from {}", printable(state.owner));
}

Result<std::string> Locking::forced_out_by() {
    if (last_token_ == 0) return std::string();
    const LeaseState state = TRY(look());
    return state.forced_token >= last_token_ ? state.forced_by : std::string();
}

Result<void> Locking::check() const { return held_ == nullptr ? Result<void>() : held_->check_here(); }

std::optional<int64_t> Locking::fence() const {
    return held_ == nullptr ? std::nullopt : std::optional(held_->token());
}

}  // namespace godwit::dynamodb
