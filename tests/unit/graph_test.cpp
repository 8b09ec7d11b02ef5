#include <gtest/gtest.h>


#include "support/graph_text.h"

namespace godwit {
namespace {

using testing::graph_of;
using testing::migrations_of;
using testing::names_of;
using testing::text_of;
using Index = Graph::Index;

std::vector<Index> all_of(const Graph& graph) {
    std::vector<Index> all;
    for (Index index = 0; index < graph.size(); ++index) all.push_back(index);
    return all;
}

std::vector<Index> marked_in(const std::vector<bool>& marks) {
    std::vector<Index> found;
    for (size_t place = 0; place < marks.size(); ++place) {
        if (marks[place]) found.push_back(static_cast<Index>(place));
    }
    return found;
}

Index index_in(const Graph& graph, std::string_view name) {
    const Migration* found = graph.find(testing::id_of(name));
    EXPECT_NE(found, nullptr) << name;
    return graph.index_of(*found);
}

TEST(CompareVersions, IsATotalOrderOverOneAscendingList) {
    const std::vector<std::string> ascending = {"0",
                                                "1.0.0-alpha",
                                                "1.0.0-alpha.1",
                                                "1.0.0-alpha.beta",
                                                "1.0.0-beta",
                                                "1.0.0-beta.2",
                                                "1.0.0-beta.11",
                                                "1.0.0-rc.1",
                                                "1",
                                                "1.0.0.1",
                                                "1.2",
                                                "1.2.5",
                                                "1.10",
                                                "2.0.0-rc.1",
                                                "2.0.0",
                                                "7",
                                                "0010",
                                                "20250101",
                                                "20241231235959",
                                                "20250101_000001",
                                                "20250101_120000",
                                                "20250101120001",
                                                "99999999999999999999999999",
                                                "100000000000000000000000000",
                                                "",
                                                "1.",
                                                "1..2",
                                                "1.2-",
                                                "1a",
                                                "R__views",
                                                "a",
                                                "ab",
                                                "v1"};
    for (size_t a = 0; a < ascending.size(); ++a) {
        for (size_t b = 0; b < ascending.size(); ++b) {
            const int order = compare_versions(ascending[a], ascending[b]);
            EXPECT_EQ((order > 0) - (order < 0), (a > b) - (a < b))
                << ascending[a] << " and " << ascending[b];
        }
    }
}

TEST(CompareVersions, SeesWhatIsWrittenInTwoWaysAsEqual) {
    const std::vector<std::pair<std::string, std::string>> equal = {{"7", "007"},
                                                                    {"1", "1.0"},
                                                                    {"1", "1.0.0"},
                                                                    {"1.2", "1_2"},
                                                                    {"1.2", "01.02"},
                                                                    {"0", "0.0"},
                                                                    {"20250101_120000", "20250101120000"},
                                                                    {"1.0.0+build.5", "1.0.0"},
                                                                    {"1.0-rc.1", "1.0.0-rc.01"}};
    for (const auto& [a, b] : equal) EXPECT_EQ(compare_versions(a, b), 0) << a << " and " << b;
}

struct OrderCase {
    const char* graph;
    const char* order;
};

TEST(GraphOrder, IsTopologicalAndStable) {
    const std::vector<OrderCase> cases = {
        {"", ""},
        {"a", "a"},
        {"b<-c, a<-b, a", "a b c"},
        {"a<-b, b<-c, a", "a b c"},
        {"a, a<-c, a<-b", "a b c"},
        {"a<-b, a<-c, b&c<-d, a", "a b c d"},
        {"z, z<-a", "z a"},
        {"#10, #9, #1", "1 9 10"},
        {"#0010, #7, #20250101_120000", "7 0010 20250101_120000"},
        {"#1.10, #1.2, #2.0.0-rc.1, #2.0.0", "1.2 1.10 2.0.0-rc.1 2.0.0"},
        {"%views, #1, %a_views, #2", "1 2 a_views views"},
        {"%views~z, %z", "z views"},
        {"a, b, a<-c~b", "a b c"},
        {"b, a~b", "b a"},
        {"main/#1, items/#1", "items:1 main:1"},
        {"main/#1, items/#1~main/1, items/#2", "main:1 items:1 items:2"},
        {"main/#1, items/#1, items/#2~main/1, main/#2~items/2", "items:1 main:1 items:2 main:2"},
        {"items/%v, main/#1", "main:1 items:v"},
        // A revision may hang on a version, and a label may be a dependency.
        {"#1, #2, 1<-x, x<-y", "1 2 x y"},
        {"#1, #2, 0002<-x", "1 2 x"},
        {"a@left, b~left", "a b"},
        {"#0001, x~1", "0001 x"},
    };
    for (const OrderCase& each : cases) {
        SCOPED_TRACE(each.graph);
        const Graph graph = graph_of(each.graph);
        ASSERT_EQ(names_of(graph, all_of(graph)), each.order);
        auto reversed = migrations_of(each.graph);
        std::reverse(reversed.begin(), reversed.end());
        const Graph again = *Graph::build(std::move(reversed));
        EXPECT_EQ(names_of(again, all_of(again)), each.order) << "depends on the order of the input";
    }
}

struct ShapeCase {
    const char* graph;
    const char* heads;
    const char* bases;
    const char* branch_points;
};

TEST(GraphShape, HasHeadsBasesAndBranchPoints) {
    const std::vector<ShapeCase> cases = {
        {"a", "a", "a", ""},
        {"a, a<-b", "b", "a", ""},
        {"a, a<-b, a<-c", "b c", "a", "a"},
        {"a, a<-b, a<-c, b&c<-d", "d", "a", "a"},
        {"a, b", "a b", "a b", ""},
        {"a, b~a", "a b", "a b", ""},  // A dependency is no lineage.
        {"#1, #2, #3, %v", "3", "1", ""},
        {"#1, #2, 1<-x", "2 x", "1", "1"},
        {"a, a<-b, a<-c, b<-d, b<-e", "c d e", "a", "a b"},
    };
    for (const ShapeCase& each : cases) {
        SCOPED_TRACE(each.graph);
        const Graph graph = graph_of(each.graph);
        EXPECT_EQ(names_of(graph, graph.heads("main")), each.heads);
        EXPECT_EQ(names_of(graph, graph.bases("main")), each.bases);
        EXPECT_EQ(names_of(graph, graph.branch_points("main")), each.branch_points);
        EXPECT_EQ(names_of(graph, graph.heads("items")), "");
    }
}

TEST(GraphShape, HasOneLinePerDatabase) {
    const Graph graph = graph_of("main/#1, items/#1, main/#2, items/#3");
    EXPECT_EQ(graph.databases(), (std::vector<std::string>{"items", "main"}));
    EXPECT_EQ(names_of(graph, graph.heads("main")), "main:2");
    EXPECT_EQ(names_of(graph, graph.heads("items")), "items:3");
    EXPECT_TRUE(graph.has_database("items"));
    EXPECT_FALSE(graph.has_database("item"));
    EXPECT_EQ(graph.name({"main", "2"}), "main:2");
    EXPECT_EQ(graph_of("#1").name({"main", "2"}), "2");
    EXPECT_EQ(graph_of("#1").name({"other", "2"}), "other:2");
}

TEST(GraphShape, FindsByIdLabelAndEqualVersion) {
    const Graph graph = graph_of("#0007, a@left");
    EXPECT_EQ(graph.find({"main", "0007"})->id.version, "0007");
    EXPECT_EQ(graph.find({"main", "7"}), nullptr);
    EXPECT_EQ(graph.find({"items", "0007"}), nullptr);
    EXPECT_EQ(graph.find_equal("main", "7")->id.version, "0007");
    EXPECT_EQ(graph.find_equal("main", "a"), nullptr);
    EXPECT_EQ(graph.find_label("main", "left")->id.version, "a");
    EXPECT_EQ(graph.find_label("main", "a"), nullptr);
    EXPECT_EQ(graph.find_label("items", "left"), nullptr);
}

TEST(GraphShape, WalksAlongTheEdgesAskedFor) {
    const Graph graph =
        graph_of("items/x, items/x<-items/y, a, a<-b~items/x, k, b<-c~k, items/y<-items/z~main/c");
    const auto above = [&](std::string_view name, Graph::Follow follow) {
        const Index index = index_in(graph, name);
        return names_of(graph, marked_in(graph.with_descendants({&index, 1}, follow)));
    };
    const auto below = [&](std::string_view name, Graph::Follow follow) {
        const Index index = index_in(graph, name);
        return names_of(graph, marked_in(graph.with_ancestors({&index, 1}, follow)));
    };
    using enum Graph::Follow;
    EXPECT_EQ(below("items/z", kAll), "items:x items:y main:a main:b main:k main:c items:z");
    EXPECT_EQ(below("c", kDatabase), "main:a main:b main:k main:c");
    EXPECT_EQ(below("c", kLineage), "main:a main:b main:c");
    EXPECT_EQ(above("items/x", kAll), "items:x items:y main:b main:c items:z");
    EXPECT_EQ(above("k", kDatabase), "main:k main:c");
    EXPECT_EQ(above("k", kLineage), "main:k");
}

struct LabelCase {
    const char* graph;
    const char* labelled;  // Which migrations the label "l" holds for.
};

TEST(GraphLabels, SpreadOverTheirBranch) {
    const std::vector<LabelCase> cases = {
        {"a@l", "a"},
        {"a, a<-b@l, b<-c", "a b c"},
        {"a, a<-b@l, a<-c", "b"},  // Below is where the branch begins.
        {"a, a<-b, b<-c@l, c<-d, a<-e", "b c d"},
        {"a, a<-b@l, a<-c, b&c<-d, d<-e", "b d e"},  // Above a merge it goes on.
        {"a, a<-b, a<-c, b&c<-d, d<-e@l", "e"},      // A merge ends it below.
        {"a, a<-b, b<-c@l, x~b", "c"},               // A dependency branches off as well.
        {"a, a<-b@l, b<-c, x~b", "b c"},
    };
    for (const LabelCase& each : cases) {
        SCOPED_TRACE(each.graph);
        const Graph graph = graph_of(each.graph);
        std::vector<Index> labelled;
        for (Index index = 0; index < graph.size(); ++index) {
            if (!graph.labels(index).empty()) labelled.push_back(index);
        }
        EXPECT_EQ(names_of(graph, labelled), each.labelled);
    }
    const Graph two = graph_of("a@z@y, a<-b@x");
    EXPECT_EQ(two.labels(0), (std::vector<std::string>{"x", "y", "z"}));
}

struct ProblemCase {
    const char* graph;
    const char* error;
};

TEST(GraphProblems, NameFilesPlacesAndRemedies) {
    const std::vector<ProblemCase> cases = {
        {"#1, #01",
         "1.sql: versions 01 and 1 are one and the same in a line: 01.sql and 1.sql"
         " || rename one of them, so that each version is used once"},
        {"a, a",
         "a.sql: version a is used by two files: a.sql and a.sql"
         " || rename one of them, so that each version is used once"},
        {"items/#1, main/#1, items/#1",
         "items/1.sql: version items:1 is used by two files: items/1.sql and items/1.sql"
         " || rename one of them, so that each version is used once"},
        {"a, x<-b", "b.sql:3: b follows x, which no file has || did you mean a?"},
        {"abcdef12, abcdef13<-b", "b.sql:3: b follows abcdef13, which no file has || did you mean abcdef12?"},
        {"abcdef12, qqqq<-b",
         "b.sql:3: b follows qqqq, which no file has || add the missing file, or correct the name"},
        {"#1, #2~9", "2.sql:3: 2 depends on 9, which no file has || did you mean 1?"},
        {"a~items/x",
         "a.sql:3: a depends on items:x, but no database items has migrations"
         " || those with migrations are main"},
        {"items/x, a~items/y", "a.sql:3: main:a depends on items:y, which no file has || did you mean x?"},
        {"items/x, items/x<-a",
         "a.sql:3: main:a names items:x of another database as its parent"
         " || name it as a dependency instead: lineage stays within one database"},
        {"a<-a", "a.sql:3: a names itself as its parent || name the migration that comes before it, or none"},
        {"a~a", "a.sql:3: a depends on itself || name the migration that comes before it, or none"},
        {"%v, #1~v",
         "1.sql:3: 1 needs v, which is repeatable and runs after all others"
         " || give what is needed a migration with a version of its own"},
        {"a<-b, b<-a",
         "a.sql:1: migrations need each other in a circle: a (a.sql) → b (b.sql) → a"
         " || each arrow reads \"needs\"; remove one parent or dependency of the circle"},
        {"a<-b, b<-c, c<-a, c<-d, e",
         "a.sql:1: migrations need each other in a circle: a (a.sql) → c (c.sql) → b (b.sql) → a"
         " || each arrow reads \"needs\"; remove one parent or dependency of the circle"},
        {"#1~2, #2",
         "1.sql:1: migrations need each other in a circle: 1 (1.sql) → 2 (2.sql) → 1"
         " || each arrow reads \"needs\"; remove one parent or dependency of the circle"},
        {"items/x~main/a, main/a~items/x",
         "items/x.sql:1: migrations need each other in a circle: items:x (items/x.sql) → main:a (main/a.sql) "
         "→"
         " items:x || each arrow reads \"needs\"; remove one parent or dependency of the circle"},
        {"b<-a, a<-b, d<-c, c<-d",
         "a.sql:1: migrations need each other in a circle: a (a.sql) → b (b.sql) → a"
         " | c.sql:1: migrations need each other in a circle: c (c.sql) → d (d.sql) → c"
         " || each arrow reads \"needs\"; remove one parent or dependency of the circle"},
        {"a@l, b@l",
         "b.sql:1: branch label l is used by two files: a.sql and b.sql"
         " || choose another label for one of them"},
        {"a@b, b", "a.sql:1: branch label b of a is also the version of b.sql || choose another label"},
        {"a@head",
         "a.sql:1: \"head\" cannot be a branch label: an address would read it as something else"
         " || choose another label"},
        {"base",
         "base.sql:1: \"base\" cannot be a version: an address would read it as something else"
         " || rename the file, or give its head another version"},
        {"#1, #01, x<-a, a@l, b@l",
         "1.sql: versions 01 and 1 are one and the same in a line: 01.sql and 1.sql"
         " | a.sql: version a is used by two files: a.sql and a.sql"
         " | b.sql:1: branch label l is used by two files: a.sql and b.sql"
         " | a.sql:3: a follows x, which no file has"
         " || rename one of them, so that each version is used once"},
    };
    for (const ProblemCase& each : cases) {
        SCOPED_TRACE(each.graph);
        const auto graph = Graph::build(migrations_of(each.graph));
        ASSERT_FALSE(graph.has_value());
        EXPECT_EQ(graph.error().code, ErrorCode::kInvalidInput);
        EXPECT_EQ(text_of(graph.error()), each.error);
    }
}

TEST(GraphProblems, AreCountedWhereNobodyWouldReadThem) {
    std::string text;
    for (int number = 1000; number < 1250; ++number) text += "none<-r" + std::to_string(number) + ", ";
    const auto graph = Graph::build(migrations_of(text + "a"));
    ASSERT_FALSE(graph.has_value());
    EXPECT_EQ(graph.error().message, "r1000 follows none, which no file has");
    ASSERT_EQ(graph.error().details.size(), 100u);
    EXPECT_EQ(graph.error().details[98], "r1099.sql:3: r1099 follows none, which no file has");
    EXPECT_EQ(graph.error().details[99], "and 150 more");
}

// Deep enough that a walk by recursion would run out of stack.
TEST(GraphOfManyMigrations, HasOneHead) {
    std::vector<Migration> migrations;
    for (int number = 0; number < 10'000; ++number) {
        migrations.push_back(testing::migration_of("#" + std::to_string(20250101000000 + number)));
    }
    const auto graph = Graph::build(std::move(migrations));
    ASSERT_TRUE(graph.has_value());
    EXPECT_EQ(graph->heads("main").size(), 1u);
}

}  // namespace
}  // namespace godwit
