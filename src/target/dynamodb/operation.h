// The operations of a migration for DynamoDB: each is AWS's own request with a
// "type", knows whether it has been carried out, and can say what takes it back.
//
//     auto operation = TRY(parse_operation(step));
//     CHECK(operation->apply(service, items));
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/cancellation.h"
#include "base/result.h"
#include "model/migration.h"
#include "net/aws_client.h"
#include "target/target.h"

namespace godwit::dynamodb {

class TableNames;  // target/dynamodb/names.h: logical name → real name.

// How far the running step has come, kept in the record: elements that must be
// carried out exactly once are sent in one transaction with it.
class Checkpoint {
public:
    virtual ~Checkpoint() = default;
    // Elements of the step that are done, as the record said when the run read it,
    // or as moved() has said since.
    virtual int64_t done() const = 0;
    // An entry of TransactItems, or of TransactStatements, that moves the record
    // from done() to `done`, and whose condition fails when the record does not say
    // done(), or the lease is no longer ours.
    virtual std::string transact_entry(int64_t done) const = 0;
    virtual std::string transact_statement(int64_t done) const = 0;
    // The transaction with that entry has been committed.
    virtual void moved(int64_t done) = 0;
};

// What operations need of the account that they work on.
struct Service {
    net::AwsClient& client;
    const TableNames& names;
    TargetListener* listener = nullptr;          // May be null.
    const Cancellation* cancellation = nullptr;  // May be null.
    // Before every request that writes: kLocked once the lease is gone. May be empty.
    std::function<Result<void>()> guard;
    Checkpoint* checkpoint = nullptr;  // Null outside a run: nothing is kept.
};

// One reading of the member that is handed over apart from the body.
class ItemReader {
public:
    virtual ~ItemReader() = default;
    // The next whole element, as it stands in the file; empty at the end. Valid
    // until the next call.
    virtual Result<std::string_view> next() = 0;
    // Where that element starts; unknown when the reader does not know.
    virtual SourceSpan where() const = 0;
};

// Starts a reading from the first element. Called several times: all is checked
// before anything is sent. An empty function: what `body` holds is all there is.
using ItemSource = std::function<Result<std::unique_ptr<ItemReader>>()>;

// Errors of all calls name the operation's place in the file, or the element's.
class Operation {
public:
    virtual ~Operation() = default;

    // Takes away what cannot be had again: a table, an index, items.
    virtual bool destructive() const = 0;

    // Looks, then acts, then waits until it took effect; what is already so is
    // passed over with a remark. Applying it again after a failure is harmless.
    // kInvalidInput: nothing was sent that writes. kRejected: as it stands it
    // cannot be done. kInDoubt, kUnavailable, kLocked, kCancelled as usual.
    virtual Result<void> apply(Service& service, const ItemSource& items) = 0;

    // Whether the database shows it, all of it. kAbsent also for one that is half
    // done: apply() goes on with it.
    virtual Result<Effect> effect(Service& service) = 0;

    // The JSON of an operation that takes it back, asked before apply() is called
    // for the first time (after a crash the text from before the crash holds).
    // Empty: there is none.
    virtual Result<std::string> inverse(Service& service, const ItemSource& items) = 0;
};

// The longest text that inverse() gives.
inline constexpr size_t kLargestInverse = 300'000;

// Pure. kInvalidInput, with the exact place: an unknown type or member, one that is
// missing, a value of the wrong kind.
Result<std::unique_ptr<Operation>> parse_operation(const Step& step);

}  // namespace godwit::dynamodb
