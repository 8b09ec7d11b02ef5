#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

#include "support/sql_fixture.h"
#include "target/sqlite/sqlite_target.h"

namespace godwit::test {
namespace {

struct CloseDatabase {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

std::string column_text(sqlite3_stmt* statement, int column) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
    return text == nullptr ? "NULL" : std::string(text, static_cast<size_t>(sqlite3_column_bytes(statement, column)));
}

class SqliteFixture final : public SqlFixture {
public:
    bool can(Ability ability) const override {
        switch (ability) {
            case Ability::kTransactions:
            case Ability::kAloneSteps:
            case Ability::kScripts:
            case Ability::kSlowSteps:
            case Ability::kSqlHistory:
            case Ability::kRefusedRepeats:
            case Ability::kFile: return true;
            case Ability::kData:
            case Ability::kNotices:
            case Ability::kInverses:
            case Ability::kFreedByForce:  // The kernel's lock leaves its holder only when that ends.
            case Ability::kDisconnects:
            case Ability::kPasswords: return false;
        }
        return false;
    }

    TargetConfig config() const override {
        TargetConfig config;
        config.url.scheme = "sqlite";
        config.url.name = folder().file("database.db");
        config.owner = "tester@here pid 1";
        return config;
    }
    std::unique_ptr<Target> open(const TargetConfig& config) override {
        Result<std::unique_ptr<Target>> target = open_sqlite(config);
        if (!target) throw std::runtime_error(target.error().message);
        return std::move(target).value();
    }
    void reset() override {
        for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
            std::filesystem::remove(config().url.name + suffix);
        }
    }

    std::string alone(const std::string& name) const override { return fmt::format("/* {} */ VACUUM;", name); }
    std::string undo_alone(const std::string& name) const override { return alone(name); }
    std::string load(const std::string&, const std::vector<std::string>&) const override {
        throw std::logic_error("SQLite has no COPY");
    }
    // The rows are never counted to the end: about 100 ns for each.
    std::string slow(int32_t seconds) const override {
        return fmt::format("CREATE TABLE slow_result AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                           " WHERE i < {}0000000) SELECT count(*) FROM n;",
                           seconds);
    }
    std::string notice(const std::string&) const override { throw std::logic_error("SQLite has no notices"); }

    std::string contents() override {
        std::string text;
        for (const std::string& object : sql("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE"
                                             " tbl_name NOT IN (SELECT name FROM sqlite_master WHERE " +
                                             own_condition() + ") AND name NOT LIKE 'sqlite_%' ORDER BY type, name")) {
            text += object + "\n";
        }
        for (const std::string& table :
             sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND NOT (" +
                 own_condition() + ") ORDER BY name")) {
            std::vector<std::string> rows = sql("SELECT * FROM \"" + table + "\"");
            std::sort(rows.begin(), rows.end());
            for (const std::string& row : rows) text += fmt::format("{}: {}\n", table, row);
        }
        return text;
    }
    std::vector<std::string> own_tables() override {
        return sql("SELECT name FROM sqlite_master WHERE " + own_condition() + " ORDER BY name");
    }
    std::vector<std::string> audit_rows() override {
        return sql("SELECT command, os_user, host, pid, result, coalesce(error, '') FROM godwit_audit ORDER BY rowid");
    }

    std::vector<std::string> sql(const std::string& text) override {
        sqlite3* raw_db = nullptr;
        // Never creates the file: that is what some tests look for.
        if (!std::filesystem::exists(config().url.name) && text.starts_with("SELECT")) return {};
        const int opened = sqlite3_open(config().url.name.c_str(), &raw_db);
        const std::unique_ptr<sqlite3, CloseDatabase> db(raw_db);
        if (opened != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(raw_db));
        sqlite3_busy_timeout(raw_db, 5'000);
        std::vector<std::string> rows;
        for (const char* tail = text.c_str(); *tail != '\0';) {
            sqlite3_stmt* raw = nullptr;
            if (sqlite3_prepare_v2(raw_db, tail, -1, &raw, &tail) != SQLITE_OK) {
                throw std::runtime_error(std::string(sqlite3_errmsg(raw_db)) + ": " + text);
            }
            const std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement(raw);
            int state = raw == nullptr ? SQLITE_DONE : sqlite3_step(raw);
            for (; state == SQLITE_ROW; state = sqlite3_step(raw)) {
                std::string row;
                for (int column = 0; column < sqlite3_column_count(raw); ++column) {
                    row += (column == 0 ? "" : "|") + column_text(raw, column);
                }
                rows.push_back(std::move(row));
            }
            if (state != SQLITE_DONE) throw std::runtime_error(std::string(sqlite3_errmsg(raw_db)) + ": " + text);
        }
        return rows;
    }
    std::vector<std::string> columns(const std::string& table) override {
        return sql("SELECT name FROM pragma_table_info('" + table + "') ORDER BY cid");
    }
    void disconnect_all() override { throw std::logic_error("SQLite has no connections to cut"); }
    std::optional<TargetConfig> unreachable() const override {
        TargetConfig config = SqliteFixture::config();
        config.url.name = folder().file("no_such_folder/database.db");
        return config;
    }

private:
    static std::string own_condition() {
        return "name IN ('schema_migrations', 'other_migrations', 'alembic_version') OR name LIKE 'godwit\\_%' ESCAPE '\\'";
    }
};

}  // namespace

Result<std::unique_ptr<TargetFixture>> make_sqlite_fixture() { return std::make_unique<SqliteFixture>(); }

}  // namespace godwit::test
