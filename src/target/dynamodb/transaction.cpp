#include "target/dynamodb/transaction.h"

#include <fmt/format.h>

#include "base/process.h"
#include "base/text.h"

namespace godwit::dynamodb {
namespace {

// Source: "Quotas" in the developer guide: 100 entries, and 4 MB of items.
constexpr size_t kMostEntries = 100, kMostBytes = 1'000'000;

}  // namespace

TransactionSender::TransactionSender(TableWork& work, const Request& request, TransactionForm form, int64_t total)
    : work_(work), request_(request), form_(form), total_(total), done_(done_before()) {}

int64_t TransactionSender::done_before() const {
    const Checkpoint* checkpoint = work_.service().checkpoint;
    return checkpoint == nullptr ? 0 : checkpoint->done();
}

size_t TransactionSender::most() const { return work_.service().checkpoint == nullptr ? kMostEntries : kMostEntries - 1; }

Result<void> TransactionSender::add(const Element& element, std::string entry, const std::string& identity) {
    const bool full = entries_.size() >= most() || bytes_ + entry.size() > kMostBytes;
    if (full || (!identity.empty() && identities_.contains(identity))) CHECK(send_all());
    bytes_ += entry.size();
    if (!identity.empty()) identities_.insert(identity);
    entries_.push_back({std::move(entry), element.name(request_), element.place()});
    return {};
}

Result<void> TransactionSender::finish() { return send_all(); }

Result<void> TransactionSender::send_all() {
    if (!entries_.empty()) CHECK(send(0, entries_.size()));
    entries_.clear();
    identities_.clear();
    bytes_ = 0;
    return {};
}

std::string TransactionSender::body(size_t begin, size_t end) const {
    std::string list;
    for (size_t i = begin; i < end; i++) {
        if (!list.empty()) list += ',';
        list += entries_[i].json;
    }
    if (const Checkpoint* checkpoint = work_.service().checkpoint; checkpoint != nullptr) {
        const int64_t then = done_ + static_cast<int64_t>(end - begin);
        list += "," + (form_ == TransactionForm::kItems ? checkpoint->transact_entry(then)
                                                        : checkpoint->transact_statement(then));
    }
    // A try whose answer was lost is then not carried out twice.
    return fmt::format(R"({{"{}":[{}],"ClientRequestToken":"{}"}})",
                       form_ == TransactionForm::kItems ? "TransactItems" : "TransactStatements", list,
                       random_hex(16));
}

Result<void> TransactionSender::send(size_t begin, size_t end) {
    const std::string action = form_ == TransactionForm::kItems ? "TransactWriteItems" : "ExecuteTransaction";
    net::AwsOutcome outcome = work_.service().client.send(net::json_request("dynamodb", action, body(begin, end)),
                                                          work_.service().cancellation);
    if (outcome.reply) {
        done_ += static_cast<int64_t>(end - begin);
        if (work_.service().checkpoint != nullptr) work_.service().checkpoint->moved(done_);
        work_.progress(fmt::format("{} of {}", request_.streamed(), request_.type()), done_, total_);
        return {};
    }
    if (outcome.failed_with("TransactionCanceledException")) return cancelled(std::move(outcome), begin, end);
    if (!outcome.failed_with("ValidationException")) return work_.failure(std::move(outcome.reply).error());
    // The service refuses all of a request for one entry, or for two of one item, or
    // for the size of it all: halves tell which, and the rest goes through.
    if (end - begin > 1) {
        const size_t middle = begin + (end - begin) / 2;
        CHECK(send(begin, middle));
        return send(middle, end);
    }
    Error error = std::move(outcome.reply).error();
    error.message = fmt::format("{}: {}", entries_[begin].name, error.message);
    return work_.failure(std::move(error).at(entries_[begin].where));
}

tl::unexpected<Error> TransactionSender::cancelled(net::AwsOutcome outcome, size_t begin, size_t end) const {
    Error error = std::move(outcome.reply).error();
    const std::vector<std::string_view> reasons =
        elements_of(net::json_raw(members_of(outcome.fault.body), "CancellationReasons"));
    for (size_t i = 0; i < reasons.size(); i++) {
        const Members reason = members_of(reasons[i]);
        const std::string code = text_of(reason, "Code"), words = text_of(reason, "Message");
        if (code.empty() || code == "None") continue;
        if (i >= end - begin) {
            error.code = outcome.effect_unknown ? ErrorCode::kInDoubt : ErrorCode::kLocked;
            error.message = "the record of this run is not as it left it: another run has taken over";
            return work_.failure(std::move(error).with_remedy("Look at `godwit status`, and run the command again."));
        }
        const Entry& entry = entries_[begin + i];
        error.message = fmt::format("{}: {}{}{}", entry.name, code, words.empty() ? "" : ": ", printable(words));
        error.remedy = fmt::format("{} before it are done and stay so; correct this one and run the command again.",
                                   count_of(done_, "element"));
        error.details.emplace_back("DynamoDB carried out nothing of the transaction that it is in");
        return work_.failure(std::move(error).at(entry.where));
    }
    return work_.failure(std::move(error));
}

}  // namespace godwit::dynamodb
