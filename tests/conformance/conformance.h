// The conformance suite: what run/ relies on, asked of every target. A target is
// done when it passes. Cases say what they require; where a target lacks it the
// case is printed as skipped.
#pragma once

#include <gtest/gtest.h>

#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/target_fixture.h"

namespace godwit::test {

// Prints kind names in the tests' names.
inline void PrintTo(const FixtureKind& kind, std::ostream* out) { *out << kind.name; }

inline std::string name_of(const testing::TestParamInfo<FixtureKind>& parameter) { return parameter.param.name; }

// Keeps what a target tells.
class KeptWords final : public TargetListener {
public:
    void on_statement(std::string_view text) override { statements.emplace_back(text); }
    void on_notice(std::string_view, std::string_view text) override { notices.emplace_back(text); }
    void on_remark(std::string_view text) override { remarks.emplace_back(text); }

    std::vector<std::string> statements;
    std::vector<std::string> notices;
    std::vector<std::string> remarks;
};

class Conformance : public testing::TestWithParam<FixtureKind> {
protected:
    void SetUp() override;
    void TearDown() override;

    TargetFixture& fixture() { return *fixture_; }
    bool can(Ability ability) const { return fixture_->can(ability); }

    // A handle with its history created.
    std::unique_ptr<Target> open_ready();

    // Runs the body by the target's own reader, with the record in the same
    // transaction where there is one: the least that a runner does.
    Result<void> run(Target& target, const Body& body, const std::optional<RecordChange>& change = {});
    // Each step by apply_alone().
    Result<void> run_alone(Target& target, const Body& body);
    Result<void> run_statements(Target& target, const std::vector<std::string>& statements,
                                const std::optional<RecordChange>& change = {});
    // The one step of a body of one statement.
    Result<Effect> effect_of(Target& target, const std::string& statement);

    Migration migration(const Body& up, const Body& down = {}) const;

private:
    std::unique_ptr<TargetFixture> fixture_;
};

// All steps of a body, copied out of the reader (without their data).
Result<std::vector<ReadStep>> all_steps(const Target& target, const Body& body);

RecordChange applied(const std::string& version);
RecordChange purged();
RecordChange reverted(const std::string& version);
RecordChange progress(const std::string& version, Direction direction, int32_t done, int32_t total);
std::vector<std::string> versions_of(const Ledger& ledger);

// A short text for failures: "rejected: message (file:1:2)".
template <typename T>
std::string outcome(const Result<T>& result) {
    if (result) return "done";
    const Error& error = result.error();
    return std::string(to_string(error.code)) + ": " + error.message + " (" + to_string(error.where) + ")";
}

}  // namespace godwit::test

#define ASSERT_DONE(expression)                                                       \
    do {                                                                              \
        const auto& outcome_ = (expression);                                          \
        ASSERT_TRUE(outcome_.has_value()) << ::godwit::test::outcome(outcome_);       \
    } while (false)
#define EXPECT_DONE(expression)                                                       \
    do {                                                                              \
        const auto& outcome_ = (expression);                                          \
        EXPECT_TRUE(outcome_.has_value()) << ::godwit::test::outcome(outcome_);       \
    } while (false)
#define EXPECT_FAILS(expression, expected_code)                                       \
    do {                                                                              \
        const auto& outcome_ = (expression);                                          \
        EXPECT_FALSE(outcome_.has_value()) << "it should have failed";                \
        if (!outcome_) {                                                              \
            EXPECT_EQ(to_string(outcome_.error().code), to_string(expected_code))     \
                << ::godwit::test::outcome(outcome_);                                 \
        }                                                                             \
    } while (false)

// Ends the case, saying so, where the target cannot do what it asks about. Not
// GoogleTest's own skip: that is for a server which ought to be there.
#define REQUIRES(ability)                                                                             \
    if (!can(ability)) {                                                                              \
        std::cout << "[  NOT FOR ] " << GetParam().name << ", which has no "                          \
                  << ::godwit::test::to_string(ability) << std::endl;                                 \
        return;                                                                                       \
    }                                                                                                 \
    static_assert(true)
