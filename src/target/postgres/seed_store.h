// Seeds a PostgreSQL database: rows and what is known of them in one transaction.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "target/postgres/locking.h"
#include "target/postgres/seed_sql.h"
#include "target/postgres/server.h"
#include "target/seed_store.h"

namespace godwit::postgres {

class PostgresSeedStore final : public SeedStore {
public:
    // All outlive it.
    PostgresSeedStore(Server& server, Locking& locking, const TargetConfig& config)
        : server_(server), locking_(locking), config_(config) {}

    Result<std::optional<SeedRun>> find_run(const std::string& purpose, const std::string& seed) override;
    Result<SeedOutcome> seed(const SeedRun& run, const SeedHooks& hooks) override;
    Result<std::map<std::string, int64_t>> seeded() override;
    Result<ClearOutcome> clear(const SeedHooks& hooks) override;

private:
    // Rows of one item and the same fields, to be sent together.
    struct Batch {
        std::vector<std::string> fields;
        std::string rows;  // A JSON array that is not closed yet.
        int64_t count = 0;
    };
    class Writer;

    SeedSql sql() const { return {server_.shape().schema, server_.history().table}; }
    Result<void> transact(const std::function<Result<void>(Connection&)>& body);
    Result<bool> has_tables(Connection& connection);
    Result<SeedTable> describe(Connection& connection, const std::string& name);
    std::string shown(const std::string& qualified) const;
    Result<void> clear_table(Connection& connection, const std::string& qualified, int64_t known,
                             ClearCounts& counts);
    Result<void> check_children(Connection& connection, const SeedTable& table);
    void echo(const std::string& text) const;

    Server& server_;
    Locking& locking_;
    const TargetConfig& config_;
};

}  // namespace godwit::postgres
