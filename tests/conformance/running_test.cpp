// How steps take effect, fail and disappear.
#include <fmt/format.h>

#include "conformance/conformance.h"

namespace godwit::test {
namespace {

using Strings = std::vector<std::string>;

TEST_P(Conformance, StepsAndRecordCommitTogether) {
    const auto target = open_ready();
    ASSERT_DONE(run_statements(*target, {fixture().create("a"), fixture().insert("a", "1")}, applied("0001")));
    const std::string contents = fixture().contents();
    EXPECT_NE(contents.find('a'), std::string::npos);
    EXPECT_NE(contents.find('1'), std::string::npos);
    const auto ledger = fixture().open()->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), Strings{"0001"});
}

TEST_P(Conformance, FailingStepLeavesNothing) {
    REQUIRES(Ability::kTransactions);
    const auto target = open_ready();
    const std::string before = fixture().contents();
    EXPECT_FAILS(run_statements(*target, {fixture().create("a"), fixture().insert("a", "1"), fixture().rejected(),
                                          fixture().create("b")},
                                applied("0001")),
                 ErrorCode::kRejected);
    EXPECT_EQ(fixture().contents(), before);
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), Strings{});
}

TEST_P(Conformance, FailureAfterTheRecordTakesTheRecordAlong) {
    REQUIRES(Ability::kTransactions);
    const auto target = open_ready();
    const std::string before = fixture().contents();
    const Body body = fixture().write({fixture().create("a")}).body;
    const auto done = target->in_transaction(Execution{}, [&]() -> Result<void> {
        const auto reader = TRY(target->read_steps(body));
        CHECK(target->apply(*TRY(reader->next())));
        CHECK(target->record(applied("0001")));
        return fail(make_error(ErrorCode::kCancelled, "the runner changed its mind").with_remedy("Go on."));
    });
    EXPECT_FAILS(done, ErrorCode::kCancelled);
    EXPECT_EQ(done.error().message, "the runner changed its mind");
    EXPECT_EQ(done.error().remedy, "Go on.");
    EXPECT_EQ(fixture().contents(), before);
    const auto ledger = fixture().open()->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), Strings{});
}

TEST_P(Conformance, OthersSeeNothingBeforeTheCommit) {
    REQUIRES(Ability::kTransactions);
    const auto target = open_ready();
    const auto other = fixture().open();
    const Body body = fixture().write({fixture().create("a")}).body;
    ASSERT_DONE(target->in_transaction(Execution{}, [&]() -> Result<void> {
        const auto reader = TRY(target->read_steps(body));
        CHECK(target->apply(*TRY(reader->next())));
        CHECK(target->record(applied("0001")));
        EXPECT_EQ(versions_of(TRY(other->read_ledger())), Strings{});
        return {};
    }));
    const auto ledger = other->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), Strings{"0001"});
}

TEST_P(Conformance, ErrorNamesThePlaceOfTheStep) {
    const auto target = open_ready();
    const WrittenBody written = fixture().write({fixture().create("a"), fixture().rejected(), fixture().create("b")});
    const auto done = run(*target, written.body, applied("0001"));
    EXPECT_FAILS(done, ErrorCode::kRejected);
    EXPECT_EQ(done.error().where.file, "0001_case.sql");
    EXPECT_EQ(done.error().where.line, written.places[1].line) << outcome(done);
    EXPECT_GT(done.error().where.column, 0);
    EXPECT_NE(done.error().message, "");
}

// Also where the target sends steps in batches.
TEST_P(Conformance, ErrorNamesTheStepWhereverItStandsAmong500) {
    const auto target = open_ready();
    for (const size_t at : {size_t{0}, size_t{1}, size_t{250}, size_t{498}, size_t{499}}) {
        Strings statements{fixture().create("a")};
        while (statements.size() < 500) statements.push_back(fixture().insert("a", std::to_string(statements.size())));
        statements[at] = fixture().rejected();
        if (!can(Ability::kTransactions)) statements.front() = at == 0 ? fixture().rejected() : fixture().ensure("a");
        const std::string before = fixture().contents();
        const WrittenBody written = fixture().write(statements);
        const auto done = run(*target, written.body, applied("0001"));
        EXPECT_FAILS(done, ErrorCode::kRejected);
        EXPECT_EQ(done.error().where.file, "0001_case.sql");
        EXPECT_EQ(done.error().where.line, written.places[at].line) << outcome(done);
        if (can(Ability::kTransactions)) {
            EXPECT_EQ(fixture().contents(), before);
        }
    }
}

TEST_P(Conformance, GoesOnAfterAFailure) {
    const auto target = open_ready();
    EXPECT_FAILS(run_statements(*target, {fixture().rejected()}, applied("0001")), ErrorCode::kRejected);
    EXPECT_DONE(run_statements(*target, {fixture().create("a")}, applied("0002")));
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), Strings{"0002"});
}

TEST_P(Conformance, StepAppliedAloneStaysAtOnce) {
    const auto target = open_ready();
    const WrittenBody written = fixture().write({fixture().create("a"), fixture().rejected(), fixture().create("b")});
    const auto done = run_alone(*target, written.body);
    EXPECT_FAILS(done, ErrorCode::kRejected);
    EXPECT_EQ(done.error().where.line, written.places[1].line);
    const std::string after_failure = fixture().contents();
    EXPECT_DONE(run_alone(*target, fixture().write({fixture().drop("a")}).body));
    EXPECT_NE(fixture().contents(), after_failure) << "the first step had stayed";
    REQUIRES(Ability::kRefusedRepeats);
    EXPECT_FAILS(run_alone(*target, fixture().write({fixture().drop("b")}).body), ErrorCode::kRejected);
}

TEST_P(Conformance, AloneStepsRun) {
    REQUIRES(Ability::kAloneSteps);
    const auto target = open_ready();
    ASSERT_DONE(run_alone(*target, fixture().write({fixture().create("a")}).body));
    const std::string before = fixture().contents();
    EXPECT_DONE(run_alone(*target, fixture().write({fixture().alone("a")}).body));
    EXPECT_DONE(run_alone(*target, fixture().write({fixture().undo_alone("a")}).body));
    EXPECT_EQ(fixture().contents(), before);
}

// Where there are transactions, plain steps are never in doubt, and nobody asks.
TEST_P(Conformance, EffectOfPlainStepsIsNeverToldWrong) {
    if (can(Ability::kTransactions)) {
        std::cout << "[  NOT FOR ] " << GetParam().name << ", which has transactions" << std::endl;
        return;
    }
    const auto target = open_ready();
    const auto expect = [&](const std::string& statement, Effect never, const char* when) {
        const auto effect = effect_of(*target, statement);
        ASSERT_DONE(effect);
        // Absent says that it may be run again.
        if (*effect == Effect::kAbsent && !can(Ability::kRefusedRepeats) && never == Effect::kAbsent) {
            const std::string contents = fixture().contents();
            ASSERT_DONE(run_alone(*target, fixture().write({statement}).body));
            EXPECT_EQ(fixture().contents(), contents);
            return;
        }
        EXPECT_NE(static_cast<int>(*effect), static_cast<int>(never)) << when << ": " << statement;
    };
    const std::string create = fixture().create("a");
    expect(create, Effect::kPresent, "before");
    ASSERT_DONE(run_alone(*target, fixture().write({create}).body));
    expect(create, Effect::kAbsent, "after");

    const std::string insert = fixture().insert("a", "1");
    expect(insert, Effect::kPresent, "before");
    ASSERT_DONE(run_alone(*target, fixture().write({insert}).body));
    expect(insert, Effect::kAbsent, "after");

    const std::string drop = fixture().drop("a");
    expect(drop, Effect::kPresent, "before");
    ASSERT_DONE(run_alone(*target, fixture().write({drop}).body));
    expect(drop, Effect::kAbsent, "after");
}

// Whoever follows the answer ends where a run that was never disturbed ends.
TEST_P(Conformance, EffectOfAloneStepsCanBeFollowed) {
    REQUIRES(Ability::kAloneSteps);
    const auto target = open_ready();
    ASSERT_DONE(run_alone(*target, fixture().write({fixture().create("a")}).body));
    for (const std::string& statement : {fixture().alone("a"), fixture().undo_alone("a")}) {
        const auto before = effect_of(*target, statement);
        ASSERT_DONE(before);
        ASSERT_EQ(static_cast<int>(*before), static_cast<int>(Effect::kAbsent)) << statement;
        ASSERT_DONE(run_alone(*target, fixture().write({statement}).body));
        const std::string contents = fixture().contents();
        const auto after = effect_of(*target, statement);
        ASSERT_DONE(after);
        ASSERT_NE(static_cast<int>(*after), static_cast<int>(Effect::kUnknowable)) << statement;
        if (*after == Effect::kAbsent) ASSERT_DONE(run_alone(*target, fixture().write({statement}).body));
        EXPECT_EQ(fixture().contents(), contents);
    }
}

TEST_P(Conformance, DataArrives) {
    REQUIRES(Ability::kData);
    const auto target = open_ready();
    Strings rows;
    for (int row = 0; row < 5'000; ++row) rows.push_back(fmt::format("row {:05}", row));
    ASSERT_DONE(run_statements(*target, {fixture().create("a"), fixture().load("a", rows), fixture().create("b")},
                               applied("0001")));
    const std::string contents = fixture().contents();
    for (const char* row : {"row 00000", "row 02500", "row 04999"}) {
        EXPECT_NE(contents.find(row), std::string::npos) << row;
    }
    ASSERT_DONE(run_alone(*target, fixture().write({fixture().load("b", {"lonely"})}).body));
    EXPECT_NE(fixture().contents().find("lonely"), std::string::npos);
}

TEST_P(Conformance, ALargeStepRuns) {
    const auto target = open_ready();
    EXPECT_DONE(run_statements(*target, {fixture().large("a", 5 * 1024 * 1024)}, applied("0001")));
    EXPECT_NE(fixture().contents().find('a'), std::string::npos);
}

TEST_P(Conformance, AThousandStepsRun) {
    const auto target = open_ready();
    Strings statements{fixture().create("a")};
    for (int row = 0; row < 999; ++row) statements.push_back(fixture().insert("a", fmt::format("r{:03}", row)));
    EXPECT_DONE(run_statements(*target, statements, applied("0001")));
    const std::string contents = fixture().contents();
    for (int row = 0; row < 999; ++row) {
        ASSERT_NE(contents.find(fmt::format("r{:03}", row)), std::string::npos) << row;
    }
}

TEST_P(Conformance, AnEmptyScriptIsRecordedAllTheSame) {
    const auto target = open_ready();
    const std::string before = fixture().contents();
    EXPECT_DONE(run_statements(*target, {}, applied("0001")));
    EXPECT_EQ(fixture().contents(), before);
    const auto ledger = target->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), Strings{"0001"});
}

TEST_P(Conformance, ManyTransactionsFollowEachOther) {
    REQUIRES(Ability::kTransactions);
    const auto target = open_ready();
    ASSERT_DONE(run_statements(*target, {fixture().create("a")}, applied("m000")));
    Strings versions{"m000"};
    for (int number = 1; number < 100; ++number) {
        versions.push_back(fmt::format("m{:03}", number));
        ASSERT_DONE(run_statements(*target, {fixture().insert("a", versions.back())}, applied(versions.back())));
    }
    const auto ledger = fixture().open()->read_ledger();
    ASSERT_DONE(ledger);
    EXPECT_EQ(versions_of(*ledger), versions);
}

}  // namespace
}  // namespace godwit::test
