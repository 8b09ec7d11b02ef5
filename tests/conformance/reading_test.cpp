// How targets read bodies and decide how they run, without touching the database.
#include "conformance/conformance.h"

namespace godwit::test {
namespace {

using std::chrono::milliseconds;
using Strings = std::vector<std::string>;

TEST_P(Conformance, StepsComeInOrderWithTheirPlaces) {
    const auto target = fixture().open();
    const WrittenBody written = fixture().write({fixture().create("a"), fixture().create("b"), fixture().drop("a")});
    const auto steps = all_steps(*target, written.body);
    ASSERT_DONE(steps);
    ASSERT_EQ(steps->size(), 3u);
    int64_t last_end = 0;
    for (size_t i = 0; i < 3; ++i) {
        const ReadStep& step = (*steps)[i];
        EXPECT_EQ(to_string(step.step.where), to_string(written.places[i]));
        EXPECT_EQ(step.step.where.offset, written.places[i].offset);
        EXPECT_EQ(step.kind, StepKind::kPlain);
        EXPECT_GT(step.end_offset, last_end);
        last_end = step.end_offset;
    }
    EXPECT_NE((*steps)[0].step.body.find('a'), std::string::npos);
    EXPECT_NE((*steps)[1].step.body.find('b'), std::string::npos);
}

TEST_P(Conformance, NothingHasNoSteps) {
    const auto target = fixture().open();
    const auto irreversible = all_steps(*target, Body{});
    ASSERT_DONE(irreversible);
    EXPECT_TRUE(irreversible->empty());
    const auto empty = all_steps(*target, fixture().write({}).body);
    ASSERT_DONE(empty);
    EXPECT_TRUE(empty->empty());
}

TEST_P(Conformance, CommentsAloneHaveNoSteps) {
    REQUIRES(Ability::kScripts);
    const auto target = fixture().open();
    for (const char* text : {"", " ", "\n\n", "-- nothing", "-- nothing\n", "/* a; b */ -- c;\n", " ; ;\n;"}) {
        const auto steps = all_steps(*target, fixture().write_text(text));
        EXPECT_DONE(steps);
        if (steps) {
            EXPECT_TRUE(steps->empty()) << "in: " << text;
        }
    }
}

TEST_P(Conformance, PlacesCountCharactersAndAnyLineEnd) {
    REQUIRES(Ability::kScripts);
    const auto target = fixture().open();
    const std::string text =
        "-- caf\xC3\xA9\r\n"
        "SELECT '\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\xA6'; SELECT 2;\r\n"
        "\t/* one\r\n   two */ SELECT 3";
    const auto steps = all_steps(*target, fixture().write_text(text, "f.sql"));
    ASSERT_DONE(steps);
    ASSERT_EQ(steps->size(), 3u);
    EXPECT_EQ(to_string((*steps)[0].step.where), "f.sql:2:1");
    EXPECT_EQ(to_string((*steps)[1].step.where), "f.sql:2:15");
    EXPECT_EQ(to_string((*steps)[2].step.where), "f.sql:4:11");
    for (const auto& step : *steps) {
        EXPECT_EQ(text.substr(static_cast<size_t>(step.step.where.offset), 6), "SELECT");
    }
}

TEST_P(Conformance, BeginAndCommitAreLeftToTheRunner) {
    REQUIRES(Ability::kScripts);
    const auto target = fixture().open();
    const Body body = fixture().write({"BEGIN;", fixture().create("a"), "COMMIT;"}).body;
    const auto steps = all_steps(*target, body);
    ASSERT_DONE(steps);
    ASSERT_EQ(steps->size(), 3u);
    EXPECT_EQ((*steps)[0].kind, StepKind::kBegin);
    EXPECT_EQ((*steps)[1].kind, StepKind::kPlain);
    EXPECT_EQ((*steps)[2].kind, StepKind::kCommit);
    const auto execution = target->inspect(migration(body), Direction::kUp);
    ASSERT_DONE(execution);
    EXPECT_EQ(execution->steps, 1);
    EXPECT_TRUE(execution->transactional);
}

TEST_P(Conformance, StepsThatNoTransactionAcceptsSayWhy) {
    REQUIRES(Ability::kAloneSteps);
    const auto target = fixture().open();
    const WrittenBody written = fixture().write({fixture().create("a"), fixture().alone("a")});
    const auto steps = all_steps(*target, written.body);
    ASSERT_DONE(steps);
    ASSERT_EQ(steps->size(), 2u);
    EXPECT_EQ((*steps)[1].kind, StepKind::kAlone);
    EXPECT_NE((*steps)[1].why_alone, "");

    const auto execution = target->inspect(migration(written.body), Direction::kUp);
    ASSERT_DONE(execution);
    EXPECT_FALSE(execution->transactional);
    EXPECT_NE(execution->why_not, "");
    if (can(Ability::kTransactions)) {
        EXPECT_EQ(execution->why_where.line, written.places[1].line);
    }
}

TEST_P(Conformance, WhatCannotBeReadIsRefusedWithItsPlace) {
    const auto target = fixture().open();
    const WrittenBody written = fixture().write({fixture().create("a"), fixture().unreadable()});
    const auto steps = all_steps(*target, written.body);
    EXPECT_FAILS(steps, ErrorCode::kInvalidInput);
    const auto execution = target->inspect(migration(written.body), Direction::kUp);
    EXPECT_FAILS(execution, ErrorCode::kInvalidInput);
    for (const Error& error : {steps.error(), execution.error()}) {
        EXPECT_EQ(error.where.file, "0001_case.sql");
        EXPECT_EQ(error.where.line, written.places[1].line) << error.message;
        EXPECT_GT(error.where.column, 0);
    }
}

TEST_P(Conformance, InspectSaysHowItRuns) {
    const auto target = fixture().open();
    const Body body = fixture().write({fixture().create("a"), fixture().create("b")}).body;
    const auto execution = target->inspect(migration(body), Direction::kUp);
    ASSERT_DONE(execution);
    EXPECT_EQ(execution->steps, 2);
    EXPECT_EQ(execution->transactional, can(Ability::kTransactions));
    EXPECT_EQ(execution->why_not.empty(), execution->transactional);
}

TEST_P(Conformance, InspectReadsTheDirectionItIsAskedFor) {
    const auto target = fixture().open();
    const Migration both = migration(fixture().write({fixture().create("a"), fixture().create("b")}).body,
                                     fixture().write({fixture().unreadable()}).body);
    EXPECT_DONE(target->inspect(both, Direction::kUp));
    EXPECT_FAILS(target->inspect(both, Direction::kDown), ErrorCode::kInvalidInput);
    const auto nothing = target->inspect(migration(fixture().write({fixture().create("a")}).body), Direction::kDown);
    ASSERT_DONE(nothing);
    EXPECT_EQ(nothing->steps, 0);
}

TEST_P(Conformance, TransactionOffIsObeyedAndNamed) {
    const auto target = fixture().open();
    Migration off = migration(fixture().write({fixture().create("a")}).body);
    off.options.transaction = TransactionWish::kOff;
    const auto execution = target->inspect(off, Direction::kUp);
    ASSERT_DONE(execution);
    EXPECT_FALSE(execution->transactional);
    EXPECT_NE(execution->why_not, "");
}

TEST_P(Conformance, TheFilesTimeLimitsComeBeforeTheRuns) {
    TargetConfig config = fixture().config();
    config.lock_timeout = milliseconds(1'000);
    config.statement_timeout = milliseconds(2'000);
    const auto target = fixture().open(config);
    Migration limited = migration(fixture().write({fixture().create("a")}).body);
    auto execution = target->inspect(limited, Direction::kUp);
    ASSERT_DONE(execution);
    EXPECT_EQ(execution->lock_timeout, milliseconds(1'000));
    EXPECT_EQ(execution->statement_timeout, milliseconds(2'000));
    limited.options.lock_timeout = milliseconds(30);
    limited.options.statement_timeout = milliseconds(40);
    execution = target->inspect(limited, Direction::kUp);
    ASSERT_DONE(execution);
    EXPECT_EQ(execution->lock_timeout, milliseconds(30));
    EXPECT_EQ(execution->statement_timeout, milliseconds(40));
}

TEST_P(Conformance, DataIsPartOfItsStep) {
    REQUIRES(Ability::kData);
    const auto target = fixture().open();
    const Body body = fixture().write({fixture().create("a"), fixture().load("a", {"one", "two"}), fixture().create("b")}).body;
    const auto skipped = all_steps(*target, body);
    ASSERT_DONE(skipped);
    EXPECT_EQ(skipped->size(), 3u) << "data that nobody takes is skipped";

    auto reader = target->read_steps(body);
    ASSERT_DONE(reader);
    ASSERT_DONE((*reader)->next());
    const auto step = (*reader)->next();
    ASSERT_DONE(step);
    ASSERT_TRUE(*step != nullptr && (*step)->data);
    std::string data;
    for (auto piece = (*step)->data(); piece && !piece->empty(); piece = (*step)->data()) data += *piece;
    EXPECT_EQ(data, "one\ntwo\n");
    const auto last = (*reader)->next();
    ASSERT_DONE(last);
    ASSERT_NE(*last, nullptr);
    EXPECT_FALSE((*last)->data);
}

TEST_P(Conformance, ReadingNeedsNoDatabase) {
    const std::optional<TargetConfig> nowhere = fixture().unreachable();
    if (!nowhere) {
        std::cout << "[  NOT FOR ] " << GetParam().name << ", which is always there" << std::endl;
        return;
    }
    const auto target = fixture().open(*nowhere);
    const Body body = fixture().write({fixture().create("a")}).body;
    EXPECT_DONE(all_steps(*target, body));
    EXPECT_DONE(target->inspect(migration(body), Direction::kUp));
    EXPECT_EQ(fixture().own_tables(), Strings{});
}

}  // namespace
}  // namespace godwit::test
