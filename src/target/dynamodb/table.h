// A table as DynamoDB describes it: what state it is in, what it is made of, and
// waiting until that is as wanted.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "target/dynamodb/attribute.h"
#include "target/dynamodb/operation.h"
#include "target/dynamodb/request.h"

namespace godwit::dynamodb {

// What a table or an index is made of, by the name of each property: "billing mode"
// → "PAY_PER_REQUEST". Equal maps are equal definitions.
using Properties = std::map<std::string, std::string>;

struct IndexState {
    std::string name;
    std::string status;  // CREATING, UPDATING, DELETING, ACTIVE.
    bool backfilling = false;
    int64_t items = 0;   // As of the service's last count, which may be hours ago.
    std::string raw;     // JSON of its description.
};

struct TableState {
    std::string status;  // CREATING, UPDATING, DELETING, ACTIVE, …
    std::string arn;
    bool deletion_protected = false;
    int64_t items = 0;
    std::vector<IndexState> indexes;  // Global ones.
    std::string raw;                  // JSON of TableDescription.

    const IndexState* index(std::string_view name) const;
    bool is_settled() const;  // ACTIVE, and each of its indexes too.
    std::vector<KeyAttribute> keys() const;  // Of the table and of all its indexes.
    bool is_provisioned() const;
};

// How a table is named: as the migration does, and as it really is.
struct TableName {
    std::string logical, real;
    // "EchoesTable", or "EchoesTable (really EchoesTable-dev)".
    std::string shown() const;
};

// Calls the service for one operation: every error names the operation, the table and
// the place in the file. As long as it lives, each try of each write asks the guard.
class TableWork {
public:
    TableWork(Service& service, const Request& request);
    // On a table that the request names elsewhere; empty: on none.
    TableWork(Service& service, const Request& request, const std::string& logical_table);
    ~TableWork();
    TableWork(const TableWork&) = delete;
    TableWork& operator=(const TableWork&) = delete;

    Service& service() { return service_; }
    const TableName& table() const { return table_; }

    // Nothing when the table is not there.
    Result<std::optional<TableState>> look();
    // kRejected when it is not there.
    Result<TableState> look_at_existing();
    // Looks until `done` says so; nothing when the table is gone. The pauses grow to
    // five seconds; there is no limit but the run's own. `what`: "the table … is
    // ACTIVE", which it waits for.
    Result<std::optional<TableState>> wait(std::string_view what,
                                           const std::function<bool(const std::optional<TableState>&)>& done);
    // ACTIVE with all its indexes, so that it can be changed; kRejected when it is gone.
    Result<TableState> wait_until_settled();
    // There, so that items can be read and written; kRejected when it is not.
    Result<TableState> wait_until_usable();
    // One pause of those; the first are short.
    Result<void> pause(std::string_view what, int64_t done, int64_t total);

    // One request: the reply's JSON.
    Result<std::string> call(std::string action, std::string body);
    // One request that changes the table, whose body is made from what it looks like.
    // When the service says that the table is in use, both are done again. Nothing is
    // sent when there is no body; ends when the table is settled and shows it.
    using MakeBody = std::function<Result<std::optional<std::string>>(const TableState&)>;
    Result<void> change(const std::string& action, const MakeBody& make_body);

    void remark(const std::string& text);
    void progress(std::string_view what, int64_t done, int64_t total);
    tl::unexpected<Error> failure(Error error) const;
    tl::unexpected<Error> reject(std::string message, std::string remedy) const;
    // kRejected when the table's deletion protection is on.
    Result<void> check_unprotected(const TableState& state) const;

private:
    Result<void> wait_until_shown(const MakeBody& make_body);

    Service& service_;
    const Request& request_;
    TableName table_;
    net::AwsClient::Guard guard_before_;
    int64_t pause_ms_;
};

Result<TableState> read_description(std::string_view description);

// Of a TableDescription, or of CreateTable's request.
Properties table_properties(std::string_view json);
// Of an index: its description, or what Create says. `capacity` counts where the table
// is PROVISIONED.
Properties index_properties(std::string_view json);
// What differs, in words; empty when nothing does. What only `wanted` or only `there`
// has counts as a difference.
std::string difference(const Properties& there, const Properties& wanted);

}  // namespace godwit::dynamodb
