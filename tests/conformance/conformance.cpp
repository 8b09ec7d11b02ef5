#include "conformance/conformance.h"

#include <fmt/format.h>

namespace godwit::test {

void Conformance::SetUp() {
    Result<std::unique_ptr<TargetFixture>> made = GetParam().make();
    if (made) {
        fixture_ = std::move(made).value();
        return;
    }
    const std::string why = fmt::format("NOT TESTED on {}: {}", GetParam().name, made.error().message);
    if (servers_are_required()) FAIL() << why;
    GTEST_SKIP() << why;
}

void Conformance::TearDown() { fixture_.reset(); }

std::unique_ptr<Target> Conformance::open_ready() {
    std::unique_ptr<Target> target = fixture().open();
    EXPECT_DONE(target->ping());
    EXPECT_DONE(target->create_ledger());
    return target;
}

Result<void> Conformance::run(Target& target, const Body& body, const std::optional<RecordChange>& change) {
    const auto apply_all = [&]() -> Result<void> {
        const std::unique_ptr<StepReader> reader = TRY(target.read_steps(body));
        while (const ReadStep* step = TRY(reader->next())) {
            if (step->kind == StepKind::kBegin || step->kind == StepKind::kCommit) continue;
            CHECK(target.transactional() ? target.apply(*step) : target.apply_alone(*step, Execution{}));
        }
        if (change) CHECK(target.record(*change));
        return {};
    };
    return target.transactional() ? target.in_transaction(Execution{}, apply_all) : apply_all();
}

Result<void> Conformance::run_alone(Target& target, const Body& body) {
    const Execution execution = TRY(target.inspect(migration(body), Direction::kUp));
    const std::unique_ptr<StepReader> reader = TRY(target.read_steps(body));
    while (const ReadStep* step = TRY(reader->next())) CHECK(target.apply_alone(*step, execution));
    return {};
}

Result<void> Conformance::run_statements(Target& target, const std::vector<std::string>& statements,
                                         const std::optional<RecordChange>& change) {
    return run(target, fixture().write(statements).body, change);
}

Result<Effect> Conformance::effect_of(Target& target, const std::string& statement) {
    const std::unique_ptr<StepReader> reader = TRY(target.read_steps(fixture().write({statement}).body));
    const ReadStep* step = TRY(reader->next());
    if (step == nullptr) return fail(ErrorCode::kInternal, "the statement has no step");
    return target.effect_of(*step);
}

Migration Conformance::migration(const Body& up, const Body& down) const {
    Migration migration;
    migration.id = {"main", "0001"};
    migration.description = "case";
    migration.where.file = "0001_case.sql";
    migration.where.line = 1;
    migration.up = up;
    migration.down = down;
    return migration;
}

Result<std::vector<ReadStep>> all_steps(const Target& target, const Body& body) {
    std::vector<ReadStep> steps;
    const std::unique_ptr<StepReader> reader = TRY(target.read_steps(body));
    while (const ReadStep* step = TRY(reader->next())) {
        steps.push_back(*step);
        steps.back().data = nullptr;
    }
    return steps;
}

RecordChange purged() {
    RecordChange change;
    change.kind = RecordChange::Kind::kPurged;
    return change;
}

RecordChange applied(const std::string& version) {
    RecordChange change;
    change.kind = RecordChange::Kind::kApplied;
    change.version = version;
    change.description = "makes " + version;
    change.checksum = "sha256-" + version;
    return change;
}

RecordChange reverted(const std::string& version) {
    RecordChange change;
    change.kind = RecordChange::Kind::kReverted;
    change.direction = Direction::kDown;
    change.version = version;
    return change;
}

RecordChange progress(const std::string& version, Direction direction, int32_t done, int32_t total) {
    RecordChange change;
    change.kind = RecordChange::Kind::kProgress;
    change.version = version;
    change.direction = direction;
    change.description = "makes " + version;
    change.checksum = "sha256-" + version;
    change.steps_done = done;
    change.steps_total = total;
    change.step_hash = std::string(64, 'a');
    change.step_text = "step " + std::to_string(done);
    change.owner = "tester@here pid 1";
    return change;
}

std::vector<std::string> versions_of(const Ledger& ledger) {
    std::vector<std::string> versions;
    for (const LedgerEntry& entry : ledger.entries()) versions.push_back(entry.version);
    return versions;
}

INSTANTIATE_TEST_SUITE_P(Targets, Conformance, testing::ValuesIn(fixture_kinds()), name_of);

}  // namespace godwit::test
