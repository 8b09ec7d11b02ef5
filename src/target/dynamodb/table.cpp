#include "target/dynamodb/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "target/dynamodb/names.h"

namespace godwit::dynamodb {
namespace {

constexpr int64_t kFirstPauseMs = 50, kLongestPauseMs = 5'000;

int64_t number_of(const Members& members, std::string_view name) {
    const std::string text = text_of(members, name);
    int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

IndexState read_index(std::string_view json) {
    const Members members = members_of(json);
    IndexState index;
    index.name = text_of(members, "IndexName");
    index.status = text_of(members, "IndexStatus");
    // moto and older emulators leave it out.
    if (index.status.empty()) index.status = "ACTIVE";
    index.backfilling = text_of(members, "Backfilling") == "true";
    index.items = number_of(members, "ItemCount");
    index.raw = json;
    return index;
}

// What a wait waits for, more closely: an index that is being made.
std::string awaited(const TableState& state, const TableName& table, std::string_view what) {
    for (const IndexState& index : state.indexes) {
        if (index.status == "ACTIVE") continue;
        return fmt::format("index {} of {}: {}", index.name, table.logical,
                           index.backfilling ? "being filled" : index.status);
    }
    return fmt::format("{}: {}", what, state.status);
}

const IndexState* backfilling_index(const TableState& state) {
    for (const IndexState& index : state.indexes) {
        if (index.backfilling) return &index;
    }
    return nullptr;
}

}  // namespace

const IndexState* TableState::index(std::string_view name) const {
    const auto found =
        std::find_if(indexes.begin(), indexes.end(), [&](const IndexState& index) { return index.name == name; });
    return found == indexes.end() ? nullptr : &*found;
}

bool TableState::is_settled() const {
    return status == "ACTIVE" && std::all_of(indexes.begin(), indexes.end(),
                                             [](const IndexState& index) { return index.status == "ACTIVE"; });
}

Result<TableState> read_description(std::string_view description) {
    const auto members = net::json_members(description);
    if (!members) return fail(ErrorCode::kUnavailable, "the service's description of the table cannot be read");
    TableState state;
    state.raw = description;
    state.status = text_of(*members, "TableStatus");
    state.arn = text_of(*members, "TableArn");
    state.deletion_protected = text_of(*members, "DeletionProtectionEnabled") == "true";
    state.items = number_of(*members, "ItemCount");
    for (const std::string_view index : elements_of(net::json_raw(*members, "GlobalSecondaryIndexes")))
        state.indexes.push_back(read_index(index));
    return state;
}

std::string TableName::shown() const {
    return logical == real ? real : fmt::format("{} (really {})", logical, real);
}

TableWork::TableWork(Service& service, const Request& request)
    : TableWork(service, request, request.text("TableName")) {}

TableWork::TableWork(Service& service, const Request& request, const std::string& logical_table)
    : service_(service),
      request_(request),
      table_{logical_table, logical_table.empty() ? "" : service.names.real(logical_table)},
      guard_before_(service.client.guard_writes(service.guard)),
      pause_ms_(kFirstPauseMs) {}

TableWork::~TableWork() { service_.client.guard_writes(std::move(guard_before_)); }

tl::unexpected<Error> TableWork::failure(Error error) const {
    return fail(explained(std::move(error), request_, table_.shown()));
}

tl::unexpected<Error> TableWork::reject(std::string message, std::string remedy) const {
    return failure(make_error(ErrorCode::kRejected, std::move(message)).with_remedy(std::move(remedy)));
}

void TableWork::remark(const std::string& text) {
    if (service_.listener != nullptr) service_.listener->on_remark(text);
}

void TableWork::progress(std::string_view what, int64_t done, int64_t total) {
    if (service_.listener != nullptr) service_.listener->on_progress(what, done, total);
}

Result<std::string> TableWork::call(std::string action, std::string body) {
    auto reply = service_.client.call("dynamodb", std::move(action), std::move(body), service_.cancellation);
    if (!reply) return failure(std::move(reply).error());
    return *std::move(reply);
}

Result<std::optional<TableState>> TableWork::look() {
    const std::string body = fmt::format(R"({{"TableName":{}}})", json_quote(table_.real));
    net::AwsOutcome outcome =
        service_.client.send(net::json_request("dynamodb", "DescribeTable", body), service_.cancellation);
    if (outcome.failed_with("ResourceNotFoundException")) return std::optional<TableState>();
    if (!outcome.reply) return failure(std::move(outcome.reply).error());
    const Members members = members_of(outcome.reply->body);
    auto state = read_description(net::json_raw(members, "Table"));
    if (!state) return failure(std::move(state).error());
    return std::optional(*std::move(state));
}

Result<TableState> TableWork::look_at_existing() {
    std::optional<TableState> state = TRY(look());
    if (state) return *std::move(state);
    return reject(fmt::format("the table {} is not there", table_.shown()),
                  "Create it in an earlier step, and check the region and the environment.");
}

Result<void> TableWork::pause(std::string_view what, int64_t done, int64_t total) {
    progress(what, done, total);
    bool over = false;
    service_.client.after(pause_ms_, service_.cancellation, [&over] { over = true; });
    while (!over) service_.client.step(pause_ms_);
    // By a fifth: what takes long is seen at most so much too late.
    pause_ms_ = std::min(pause_ms_ + pause_ms_ / 5, kLongestPauseMs);
    if (service_.cancellation == nullptr) return {};
    if (auto stop = service_.cancellation->check(); !stop) {
        return failure(std::move(stop).error().with_detail(fmt::format("it waited for {}", what)));
    }
    return {};
}

Result<std::optional<TableState>> TableWork::wait(
    std::string_view what, const std::function<bool(const std::optional<TableState>&)>& done) {
    pause_ms_ = kFirstPauseMs;
    while (true) {
        std::optional<TableState> state = TRY(look());
        if (done(state)) return state;
        if (!state) {
            CHECK(pause(what, 0, 0));
            continue;
        }
        const IndexState* filling = backfilling_index(*state);
        // The service counts now and then only: an index beyond the table's count says nothing.
        const bool known = filling != nullptr && filling->items <= state->items;
        CHECK(pause(awaited(*state, table_, what), known ? filling->items : 0, known ? state->items : 0));
    }
}

Result<TableState> TableWork::wait_until_settled() {
    auto state = TRY(wait(fmt::format("table {} to be ACTIVE with its indexes", table_.shown()),
                          [](const auto& seen) { return !seen || seen->is_settled(); }));
    if (state) return *std::move(state);
    return reject(fmt::format("the table {} is not there", table_.shown()),
                  "Create it in an earlier step, and check the region and the environment.");
}

Result<TableState> TableWork::wait_until_usable() {
    TableState state = TRY(look_at_existing());
    if (state.status != "CREATING") return state;
    return wait_until_settled();
}

Result<void> TableWork::wait_until_shown(const MakeBody& make_body) {
    // What is described lags behind a little at times. What the service took is not
    // waited for longer: it may describe it in another form.
    constexpr int kMostLooks = 8;
    for (int looks = 0; looks < kMostLooks; looks++) {
        const TableState state = TRY(wait_until_settled());
        const auto still = make_body(state);
        if (still && !*still) return {};
        CHECK(pause(fmt::format("table {} to show the change", table_.shown()), 0, 0));
    }
    return {};
}

Result<void> TableWork::change(const std::string& action, const MakeBody& make_body) {
    while (true) {
        const TableState state = TRY(wait_until_settled());
        const std::optional<std::string> body = TRY(make_body(state));
        if (!body) return {};
        net::AwsOutcome outcome =
            service_.client.send(net::json_request("dynamodb", action, *body), service_.cancellation);
        // The second: backups of a table that was just made are still being set up.
        if (outcome.failed_with("ResourceInUseException") ||
            outcome.failed_with("ContinuousBackupsUnavailableException")) {
            CHECK(pause(fmt::format("table {}, which is being changed", table_.shown()), 0, 0));
            continue;
        }
        if (!outcome.reply && !outcome.effect_unknown) return failure(std::move(outcome.reply).error());
        if (outcome.reply) return wait_until_shown(make_body);
        // An earlier try may be what the last one was refused for: the table tells.
        if (outcome.reply.error().code != ErrorCode::kRejected) return failure(std::move(outcome.reply).error());
        const TableState after = TRY(wait_until_settled());
        if (!TRY(make_body(after))) return {};
        return failure(std::move(outcome.reply).error());
    }
}

Result<void> TableWork::check_unprotected(const TableState& state) const {
    if (!state.deletion_protected) return {};
    return reject(fmt::format("the table {} is protected against deletion", table_.shown()),
                  fmt::format("If it is meant, put a step before: {{\"type\": \"update_deletion_protection\", "
                              "\"TableName\": \"{}\", \"DeletionProtectionEnabled\": false}}.",
                              table_.logical));
}

}  // namespace godwit::dynamodb
