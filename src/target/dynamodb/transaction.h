// Sends elements in transactions together with the checkpoint of the running step,
// so that each is carried out exactly once, crash or not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "target/dynamodb/elements.h"
#include "target/dynamodb/table.h"

namespace godwit::dynamodb {

enum class TransactionForm : uint8_t {
    kItems,       // TransactWriteItems, whose entries are updates.
    kStatements,  // ExecuteTransaction. It takes no entries of the other form, so the
                  // checkpoint too is written as a statement.
};

class TransactionSender {
public:
    TransactionSender(TableWork& work, const Request& request, TransactionForm form, int64_t total);

    // Elements before this one were carried out by an earlier run.
    int64_t done_before() const;
    // `entry` is of the form's kind. Two entries of one `identity` are never in one
    // transaction, which the service would refuse; empty: nobody knows it.
    Result<void> add(const Element& element, std::string entry, const std::string& identity);
    Result<void> finish();

private:
    struct Entry {
        std::string json;
        std::string name;  // "Updates[3]"
        SourceSpan where;
    };

    Result<void> send_all();
    Result<void> send(size_t begin, size_t end);
    std::string body(size_t begin, size_t end) const;
    tl::unexpected<Error> cancelled(net::AwsOutcome outcome, size_t begin, size_t end) const;
    size_t most() const;

    TableWork& work_;
    const Request& request_;
    const TransactionForm form_;
    const int64_t total_;
    std::vector<Entry> entries_;
    std::unordered_set<std::string> identities_;
    size_t bytes_ = 0;
    int64_t done_;
};

}  // namespace godwit::dynamodb
