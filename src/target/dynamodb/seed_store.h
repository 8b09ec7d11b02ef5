// Seeds DynamoDB's tables. What is seeded is noted in items of the history's table
// before it is written, many keys in one item:
//
//   godwit:seed:run:RUN             purpose, seed, what times count from
//   godwit:seed:keys:RUN:000000001  the keys of items of one table
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/aws_client.h"
#include "target/dynamodb/history_table.h"
#include "target/dynamodb/names.h"
#include "target/dynamodb/seed_table.h"
#include "target/seed_store.h"
#include "target/target.h"

namespace godwit::dynamodb {

class DynamodbSeedStore final : public SeedStore {
public:
    // All outlive it. `fence` is the lease's token while one is held.
    DynamodbSeedStore(net::AwsClient& client, HistoryTable& history, const TableNames& names,
                      const TargetConfig& config, std::function<std::optional<int64_t>()> fence)
        : client_(client), history_(history), names_(names), config_(config), fence_(std::move(fence)) {}

    Result<std::optional<SeedRun>> find_run(const std::string& purpose, const std::string& seed) override;
    // A fault half way leaves what was written before it: it is known as seeded.
    Result<SeedOutcome> seed(const SeedRun& run, const SeedHooks& hooks) override;
    Result<std::map<std::string, int64_t>> seeded() override;
    // Stopped half way, it goes on where it was when called again.
    Result<ClearOutcome> clear(const SeedHooks& hooks) override;

private:
    // Keys of one table that were noted together.
    struct Note {
        std::string id;     // The key of the item that holds them.
        std::string table;  // As the seed file has it,
        std::string real;   // and as it was.
        int64_t count = 0;
        std::string keys;  // A JSON array of keys; empty unless asked for.
    };
    enum class Keys : uint8_t { kLeaveOut, kGive };
    class Seeding;

    Result<std::vector<Item>> runs();
    Result<void> for_each_note(Keys keys, const std::function<Result<void>(const Note&)>& use);
    Result<void> scan(std::string_view start, const std::function<Result<void>(const Item&)>& use);
    Result<std::optional<SeedTable>> describe(const std::string& real);  // Nothing: it is not there.
    // Those of `keys` (JSON) of which there are items, as the service gives them.
    Result<std::vector<std::string>> existing(const SeedTable& table,
                                              const std::vector<std::string_view>& keys);
    Result<void> clear_note(const Note& note, ClearCounts& counts);
    Result<void> put(const std::string& item);

    net::AwsClient& client_;
    HistoryTable& history_;
    const TableNames& names_;
    const TargetConfig& config_;
    const std::function<std::optional<int64_t>()> fence_;
};

}  // namespace godwit::dynamodb
