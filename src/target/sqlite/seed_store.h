// Seeds a SQLite database: rows and what is known of them in one transaction.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "target/seed_store.h"
#include "target/sqlite/connection.h"

namespace godwit::sqlite {

class SqliteSeedStore final : public SeedStore {
public:
    // `connect` gives the connection, ready to write, at each call. `history` parts
    // what several projects seed in one database.
    SqliteSeedStore(std::string history, std::function<Result<Connection*>()> connect);
    ~SqliteSeedStore() override;

    Result<std::optional<SeedRun>> find_run(const std::string& purpose, const std::string& seed) override;
    Result<SeedOutcome> seed(const SeedRun& run, const SeedHooks& hooks) override;
    Result<std::map<std::string, int64_t>> seeded() override;
    Result<ClearOutcome> clear(const SeedHooks& hooks) override;

private:
    struct Table;
    struct Insertion;
    struct Tracking;

    Result<void> transact(Connection& db, const std::function<Result<void>()>& body);
    Result<bool> has_tables(Connection& db) const;
    Result<void> create_tables(Connection& db) const;
    Result<Table*> table(Connection& db, const std::string& name);
    Result<Insertion*> insertion(Connection& db, Table& table, const SeedRow& row);
    Result<void> write(Connection& db, const SeedRun& run, const SeedRow& row, Tracking& tracking,
                       SeedCounts& counts);
    Result<void> account_for(Connection& db, const SeedRun& run, const SeedRow& row, Table& table,
                             Tracking& tracking, SeedCounts& counts);
    Result<void> remove(Connection& db, const std::string& name, const std::string& key, ClearCounts& counts);
    Result<void> forget_empty_runs(Connection& db) const;

    const std::string history_;
    const std::function<Result<Connection*>()> connect_;
    std::map<std::string, std::unique_ptr<Table>> tables_;  // As they are during one call.
};

}  // namespace godwit::sqlite
