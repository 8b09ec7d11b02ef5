// The table that keeps the record: reading it, changing it all or nothing, and
// making it when it is not there.
//
// Its key is `version`. Items of applied migrations are what document readers and
// the team's own tools know; those of Godwit's own have keys that begin with
// "godwit:" (the lease, the journal, what takes steps back, the audit).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "net/aws_client.h"
#include "target/dynamodb/item.h"

namespace godwit::dynamodb {

namespace keys {
inline constexpr std::string_view kOwn = "godwit:";
inline constexpr std::string_view kRecord = "godwit:record";  // Says that the record is set up.
inline constexpr std::string_view kLease = "godwit:lease";
inline constexpr std::string_view kJournal = "godwit:journal:";
inline constexpr std::string_view kUndo = "godwit:undo:";
inline constexpr std::string_view kAudit = "godwit:audit:";
inline constexpr std::string_view kSeed = "godwit:seed:";  // What was seeded: seed_store.h.
}  // namespace keys

class HistoryTable {
public:
    // All outlive the table; `cancellation` may be null, and ends reads alone: what is
    // under way is recorded after a stop too.
    HistoryTable(net::AwsClient& client, std::string name, std::chrono::milliseconds connect_timeout,
                 const Cancellation* cancellation)
        : client_(client), name_(std::move(name)), connect_timeout_(connect_timeout), cancellation_(cancellation) {}

    const std::string& name() const { return name_; }
    net::AwsSession& session() { return client_.session(); }

    // Nothing when there is no table, or no such item.
    Result<std::optional<Item>> get(std::string_view key);

    // All items but those whose keys begin with `but`, and those of seeding; nothing when there is no table.
    // kConflict when its items have no text `version`.
    Result<std::optional<std::vector<Item>>> scan_all_but(std::string_view but);
    // The keys alone of those whose keys begin with `start`, sorted.
    Result<std::vector<std::string>> keys_with(std::string_view start);

    // One UpdateItem. The outcome's fault tells of conditions that were not met.
    net::AwsOutcome update(const Update& update, std::string_view more = "");

    // All of the entries of TransactItems (at most 99), or none, and none unless the
    // lease's token is `fence`: kLocked then. False: a condition of an entry was not met.
    Result<bool> transact(const std::vector<std::string>& entries, std::optional<int64_t> fence);

    // Deletes items without a condition.
    Result<void> delete_all(const std::vector<std::string>& keys);

    // Makes the table unless it is there, and waits until it can be used. kConflict
    // when it is there with another key.
    Result<void> ensure();

    // What an answer to a write means; a refusal because of another key is told as that.
    Error explain(net::AwsOutcome outcome);

    // A denial at the record itself, without which nothing can be done, as kUnavailable.
    static Error kept_out(Error error);

    static bool is_missing(const net::AwsOutcome& outcome) {
        return outcome.failed_with("ResourceNotFoundException");
    }

private:
    enum class State { kActive, kOnItsWay, kMissing };

    net::AwsOutcome send(std::string action, std::string body);
    Result<State> look();
    Result<State> create();
    Result<State> judge(std::string_view description);
    Result<void> check_shape();
    Result<std::optional<std::vector<Item>>> scan(std::string_view filter, std::string_view operands,
                                                  std::string_view projection);

    net::AwsClient& client_;
    const std::string name_;
    const std::chrono::milliseconds connect_timeout_;
    const Cancellation* const cancellation_;
};

// Another has the lease, or nobody knows whether it is still ours.
Error lease_lost();

}  // namespace godwit::dynamodb
