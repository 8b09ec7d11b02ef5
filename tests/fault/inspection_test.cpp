// How a migration is to run is found out once, and holds only for the file as it was then.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "base/process.h"
#include "run/run.h"
#include "target/sqlite/sqlite_target.h"
#include "target/wrapper.h"

namespace godwit::test {
namespace {

class Silent final : public EventSink {
public:
    void on(const Event&) override {}
};

class Watched final : public TargetWrapper {
public:
    using TargetWrapper::TargetWrapper;

    Result<Execution> inspect(const Migration& migration, Direction direction) const override {
        ++inspected;
        return inner().inspect(migration, direction);
    }
    Result<std::unique_ptr<Lease>> try_lock() override {
        if (before_lock) before_lock();
        return inner().try_lock();
    }

    mutable int inspected = 0;
    std::function<void()> before_lock;
};

class Inspection : public testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("godwit-inspection-" + random_hex(8));
        std::filesystem::create_directory(folder_);
        TargetConfig config;
        config.url = *parse_database_url("sqlite:" + (folder_ / "a.db").string());
        target_ = std::make_unique<Watched>(std::move(*open_sqlite(config)));
    }
    void TearDown() override {
        target_.reset();
        std::filesystem::remove_all(folder_);
    }

    void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name, std::ios::app) << text; }
    Migration migration(const std::string& version, const std::string& text) {
        write(version, text);
        Migration migration;
        migration.id = {"main", version};
        migration.where = {version, 1, 1, 0};
        migration.checksum = "sha256-" + version;
        Script script;
        script.path = folder_ / version;
        script.file = version;
        script.end = script.file_size = static_cast<int64_t>(text.size());
        migration.up = script;
        return migration;
    }
    Report up(const Graph& graph) {
        Silent silent;
        Goal goal;
        goal.address = "heads";
        return reach(graph, {{"main", target_.get()}}, goal, silent, RunOptions{});
    }

    std::filesystem::path folder_;
    std::unique_ptr<Watched> target_;
};

TEST_F(Inspection, HappensOncePerMigration) {
    const Graph graph = *Graph::build({migration("1", "CREATE TABLE a (b);"), migration("2", "CREATE TABLE c (d);")});
    const Report report = up(graph);
    EXPECT_FALSE(report.error) << report.error->message;
    EXPECT_EQ(report.finished.size(), 2u);
    EXPECT_EQ(target_->inspected, 2);
}

TEST_F(Inspection, DoesNotHoldForAFileThatChangesBeforeTheLockIsHeld) {
    const Graph graph = *Graph::build({migration("1", "CREATE TABLE a (b);"), migration("2", "CREATE TABLE c (d);")});
    target_->before_lock = [this] { write("2", "VACUUM;"); };
    const Report report = up(graph);
    ASSERT_TRUE(report.error);
    EXPECT_EQ(report.error->where.file, "2");
    EXPECT_EQ(report.error->message, "has changed since it was read for its checksum");
    EXPECT_TRUE(report.finished.empty());
    const auto ledger = target_->read_ledger();
    ASSERT_TRUE(ledger);
    EXPECT_TRUE(ledger->entries().empty());
}

}  // namespace
}  // namespace godwit::test
