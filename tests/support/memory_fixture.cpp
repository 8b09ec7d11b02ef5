#include <cstdlib>
#include <fmt/format.h>
#include <stdexcept>

#include "base/source_span.h"
#include "support/target_fixture.h"
#include "target/memory/memory_target.h"

namespace godwit::test {
namespace {

// Statements are "VERB BODY", where VERB may start with "alone ".
Step step_of(const std::string& statement) {
    const size_t from = statement.starts_with("alone ") ? 6 : 0;
    const size_t space = statement.find(' ', from);
    Step step;
    step.verb = statement.substr(0, space);
    if (space != std::string::npos) step.body = statement.substr(space + 1);
    return step;
}

class MemoryFixture final : public TargetFixture {
public:
    explicit MemoryFixture(MemoryKind kind) : store_(std::make_shared<MemoryStore>(kind)) {}

    bool can(Ability ability) const override {
        switch (ability) {
            case Ability::kInverses: return store_->kind == MemoryKind::kStepByStep;
            case Ability::kTransactions: return store_->kind == MemoryKind::kTransactional;
            case Ability::kAloneSteps:
            case Ability::kData:
            case Ability::kSlowSteps:
            case Ability::kNotices:
            case Ability::kFreedByForce:
            case Ability::kRefusedRepeats: return true;
            case Ability::kScripts:
            case Ability::kSqlHistory:
            case Ability::kDisconnects:
            case Ability::kPasswords:
            case Ability::kFile: return false;
        }
        return false;
    }

    TargetConfig config() const override {
        TargetConfig config;
        config.owner = "tester@here pid 1";
        return config;
    }
    std::unique_ptr<Target> open(const TargetConfig& config) override {
        return std::make_unique<MemoryTarget>(store_, config);
    }
    void reset() override { store_ = std::make_shared<MemoryStore>(store_->kind); }

    std::string create(const std::string& name) const override { return "create " + name; }
    std::string drop(const std::string& name) const override { return "drop " + name; }
    std::string insert(const std::string& name, const std::string& value) const override {
        return fmt::format("append {}={},", name, value);
    }
    std::string ensure(const std::string& name) const override { return fmt::format("set {}=", name); }
    std::string rejected() const override { return "fail on purpose"; }
    std::string alone(const std::string& name) const override { return fmt::format("alone create {}.index", name); }
    std::string undo_alone(const std::string& name) const override {
        return fmt::format("alone drop {}.index", name);
    }
    std::string load(const std::string& name, const std::vector<std::string>& rows) const override {
        return fmt::format("load {}\n{}\n", name, fmt::join(rows, "\n"));
    }
    std::string slow(int32_t seconds) const override { return fmt::format("wait {}", seconds * 1000); }
    std::string notice(const std::string& text) const override { return "notice " + text; }
    std::string insert_version(const std::string& version) const override { return "insert_version " + version; }
    std::string unreadable() const override { return "fetch what"; }
    std::string large(const std::string& name, size_t bytes) const override {
        return fmt::format("set {}={}", name, std::string(bytes, 'x'));
    }

    WrittenBody write(const std::vector<std::string>& statements, const std::string& file) override {
        WrittenBody written;
        std::vector<Step> steps;
        SourceSpan place{file, 1, 1, 0};
        for (const std::string& statement : statements) {
            steps.push_back(step_of(statement));
            steps.back().where = place;
            written.places.push_back(place);
            place = godwit::advance(place, statement + "\n");
        }
        written.body = std::move(steps);
        return written;
    }
    Body write_text(const std::string&, const std::string&) override {
        throw std::logic_error("memory has no scripts");
    }

    std::string contents() override {
        std::string text;
        for (const auto& [key, value] : store_->committed.values) text += fmt::format("{}={}\n", key, value);
        return text;
    }
    std::vector<std::string> own_tables() override {
        std::vector<std::string> names;
        for (const auto& [name, record] : store_->committed.records) names.push_back(name);
        return names;
    }
    std::vector<std::string> audit_rows() override {
        std::vector<std::string> rows;
        for (const AuditRecord& row : store_->audit) {
            rows.push_back(fmt::format("{}|{}|{}|{}|{}|{}", row.command, row.user, row.host, row.pid, row.result,
                                       row.error));
        }
        return rows;
    }

    std::vector<std::string> sql(const std::string&) override { throw std::logic_error("memory has no SQL"); }
    std::vector<std::string> columns(const std::string&) override { throw std::logic_error("memory has no SQL"); }
    void disconnect_all() override { throw std::logic_error("memory has no connections"); }
    std::optional<TargetConfig> unreachable() const override { return std::nullopt; }

private:
    std::shared_ptr<MemoryStore> store_;
};

}  // namespace

Result<std::unique_ptr<TargetFixture>> make_memory_fixture() {
    return std::make_unique<MemoryFixture>(MemoryKind::kTransactional);
}

Result<std::unique_ptr<TargetFixture>> make_step_by_step_memory_fixture() {
    return std::make_unique<MemoryFixture>(MemoryKind::kStepByStep);
}

}  // namespace godwit::test
