#include "plan/draw.h"

#include <gtest/gtest.h>

#include "support/graph_text.h"

namespace godwit {
namespace {

using testing::graph_of;
using testing::ledgers_of;

std::string drawn(const char* text, const char* record, DrawOptions options = {}) {
    const Graph graph = graph_of(text);
    const Ledgers ledgers = ledgers_of(graph, record);
    return "\n" + draw(graph, examine(graph, ledgers), options);
}

TEST(DrawText, ALine) {
    EXPECT_EQ(drawn("", ""), "\n");
    EXPECT_EQ(drawn("#1, #2, #3", "1, 2"), R"x(
○  3 about 3 (head)
●  2 about 2 (current)
●  1 about 1
)x");
}

TEST(DrawText, ForksAndMerges) {
    EXPECT_EQ(drawn("a, a<-b@left, a<-c, b&c<-d, d<-e", "alembic b"), R"x(
○  e about e (head)
○  d about d
├─╮
│ ○  c about c
● │  b about b (left, current)
├─╯
●  a about a
)x");
    EXPECT_EQ(drawn("a, a<-b, a<-c, a<-d, b<-e", ""), R"x(
○  e about e (head)
│ ○  d about d (head)
│ │ ○  c about c (head)
○ │ │  b about b
├─┴─╯
○  a about a
)x");
    EXPECT_EQ(drawn("a, a<-b, a<-c, a<-d, b&c&d<-e", ""), R"x(
○  e about e (head)
├─┬─╮
│ │ ○  d about d
│ ○ │  c about c
○ │ │  b about b
├─┴─╯
○  a about a
)x");
}

TEST(DrawText, CrossesTheLanesBetween) {
    const char* joined = "a, b, b<-za, a<-zb, b<-zc";
    EXPECT_EQ(drawn(joined, ""), R"x(
○  zc about zc (head)
│ ○  zb about zb (head)
│ │ ○  za about za (head)
├─┼─╯
○ │  b about b (base)
  ○  a about a (base)
)x");
    EXPECT_EQ(drawn(joined, "", {.ascii = true}), R"x(
o  zc about zc (head)
| o  zb about zb (head)
| | o  za about za (head)
|-+-'
o |  b about b (base)
  o  a about a (base)
)x");
    const char* parted = "a, a<-p, a<-q, p&q<-y, a<-yy, y<-z";
    EXPECT_EQ(drawn(parted, ""), R"x(
○  z about z (head)
│ ○  yy about yy (head)
○ │  y about y
├─┼─╮
│ │ ○  q about q
○ │ │  p about p
├─┴─╯
○  a about a
)x");
    EXPECT_EQ(drawn(parted, "", {.ascii = true}), R"x(
o  z about z (head)
| o  yy about yy (head)
o |  y about y
|-+-.
| | o  q about q
o | |  p about p
|-'-'
o  a about a
)x");
}

TEST(DrawText, ReusesTheColumnOfABranchThatEnded) {
    EXPECT_EQ(drawn("a, a<-b, b<-y, k, k<-z, a<-c", "a"), R"x(
○  z about z (head)
│ ○  y about y (head)
○ │  k about k (base)
○ │  c about c (head)
│ ○  b about b
├─╯
●  a about a (base, current)
)x");
    EXPECT_EQ(drawn("a, b", ""), R"x(
○  b about b (head, base)
○  a about a (head, base)
)x");
}

TEST(DrawText, TellsWhatIsWrong) {
    EXPECT_EQ(drawn("#1, #2, #3, #4, %v", "9, 1*, 3, 4>1/2, v*"), R"x(
◆  9 (missing, no file)
◆  v about v (repeatable, outdated)
◐  4 about 4 (head, failed)
●  3 about 3 (current)
◆  2 about 2 (out of order)
◆  1 about 1 (edited)
)x");
    EXPECT_EQ(drawn("#1, #2, #3, #4, %v", "9, 1*, 3, 4>1/2, v*", {.ascii = true}), R"x(
!  9 (missing, no file)
!  v about v (repeatable, outdated)
%  4 about 4 (head, failed)
*  3 about 3 (current)
!  2 about 2 (out of order)
!  1 about 1 (edited)
)x");
}

TEST(DrawText, SeveralDatabases) {
    const char* two = "main/#1, main/#2, items/#1~main/1, items/#2";
    EXPECT_EQ(drawn(two, "main/1"), R"x(
items:
○  2 about 2 (head)
○  1 about 1 needs main:1

main:
○  2 about 2 (head)
●  1 about 1 (current)
)x");
    EXPECT_EQ(drawn(two, "main/1", {.databases = {"main"}}), R"x(
○  2 about 2 (head)
●  1 about 1 (current)
)x");
}

TEST(DrawText, OnlyARange) {
    EXPECT_EQ(drawn("a, a<-b, a<-c, b&c<-d", "9, a", {.only = {{1, 3}}}), R"x(
○  d about d (head)
○  b about b
)x");
}

TEST(DrawText, CutsDescriptionsToTheWidth) {
    auto migrations = testing::migrations_of("#1, #2, #3");
    migrations[0].description = "Größe der Tabelle für Übungen ändern";
    migrations[1].description = "line one\nline two\x1b[31m";
    migrations[2].description = "";
    const Graph graph = *Graph::build(std::move(migrations));
    const Ledgers ledgers = ledgers_of(graph, "1");
    const State state = examine(graph, ledgers);
    EXPECT_EQ(draw(graph, state, {.columns = 34}),
              "○  3 (head)\n○  2 line one\\nline two\\x1b[31m\n●  1 Größe der Tabelle… (current)\n");
    EXPECT_EQ(draw(graph, state, {.ascii = true, .columns = 34}),
              "o  3 (head)\no  2 line one\\nline two\\x1b[31m\n*  1 Größe der Tabell... (current)\n");
    EXPECT_EQ(draw(graph, state, {.columns = 5}),
              "○  3 (head)\n○  2 line one\\nl…\n●  1 Größe der T… (current)\n");
}

TEST(DrawDot, NamesNodesAndEdges) {
    EXPECT_EQ(drawn("main/a, main/a<-b, items/#1~main/a", "main/a", {.format = DrawFormat::kDot}), R"x(
digraph migrations {
    rankdir=BT;
    node [shape=box, style=filled];
    subgraph cluster_0 {
        label="items";
        m1 [label="1\nabout 1\n(head)", fillcolor="#ffffff", color="#767676"];
    }
    subgraph cluster_1 {
        label="main";
        m0 [label="a\nabout a\n(current)", fillcolor="#d9f2e3", color="#2e7d4f"];
        m2 [label="b\nabout b\n(head)", fillcolor="#ffffff", color="#767676"];
    }
    m0 -> m1 [style=dashed, constraint=false];
    m0 -> m2;
}
)x");
}

TEST(DrawMermaid, NamesNodesAndEdges) {
    EXPECT_EQ(drawn("a, a<-b, x, a<-c~x", "a*, b", {.format = DrawFormat::kMermaid}), R"x(
flowchart BT
    subgraph d0["main"]
        m0["a<br/>about a<br/>(base, edited)"]:::trouble
        m1["b<br/>about b<br/>(head, current)"]:::applied
        m2["x<br/>about x<br/>(head, base)"]:::pending
        m3["c<br/>about c<br/>(head)"]:::pending
    end
    m0 --> m1
    m0 --> m3
    m2 -.-> m3
    classDef applied fill:#d9f2e3,stroke:#2e7d4f,color:#1f1f1f
    classDef pending fill:#ffffff,stroke:#767676,color:#1f1f1f
    classDef trouble fill:#fde2dd,stroke:#b3261e,color:#1f1f1f
)x");
}

TEST(DrawMarkup, EscapesWhatTheLanguageReads) {
    auto migrations = testing::migrations_of("#1");
    migrations[0].description = "say \"#1\" <b> & C:\\x\ny";
    const Graph graph = *Graph::build(std::move(migrations));
    const Ledgers ledgers;
    const State state = examine(graph, ledgers);
    EXPECT_NE(draw(graph, state, {.format = DrawFormat::kDot})
                  .find(R"x(label="1\nsay \"#1\" <b> & C:\\x\\ny\n(head)")x"),
              std::string::npos);
    EXPECT_NE(draw(graph, state, {.format = DrawFormat::kMermaid})
                  .find(R"x(m0["1<br/>say #quot;#35;1#quot; #lt;b#gt; #amp; C:\x\ny<br/>(head)"])x"),
              std::string::npos);
}

}  // namespace
}  // namespace godwit
