#include "plan/goal.h"

#include <gtest/gtest.h>

#include "support/graph_text.h"

namespace godwit {
namespace {

using testing::graph_of;
using testing::ledgers_of;
using testing::names_of;
using testing::text_of;

struct AddressCase {
    const char* graph;
    const char* record;
    const char* address;  // With " in a b" behind, only these databases are selected.
    const char* meaning;  // The migrations, or "conflict: ..." or "invalid: ..." with the whole error.
};

// What `resolve` makes of an address, as the tables write it.
template <typename Resolve>
std::string meaning_of(const AddressCase& each, Resolve resolve_address) {
    const Graph graph = graph_of(each.graph);
    const Ledgers ledgers = ledgers_of(graph, each.record);
    const State state = examine(graph, ledgers);
    std::string address = each.address;
    std::vector<std::string> databases;
    const size_t in = address.find(" in ");
    if (in != std::string::npos) {
        for (const std::string_view name : split_any(std::string_view(address).substr(in + 4), " ")) {
            databases.emplace_back(name);
        }
        address.resize(in);
    }
    const auto found = resolve_address(graph, state, address, databases);
    if (found) return names_of(graph, *found);
    const bool conflict = found.error().code == ErrorCode::kConflict;
    EXPECT_TRUE(conflict || found.error().code == ErrorCode::kInvalidInput);
    return (conflict ? "conflict: " : "invalid: ") + text_of(found.error());
}

constexpr const char* kTimes = "#20250101_120000, #20250102_143000, #20250103_091500";
constexpr const char* kFork = "a, a<-b@left, a<-c@right, b<-d, c<-e";
constexpr const char* kJoin = "a, a<-b, a<-c, b&c<-d, d<-e";
constexpr const char* kTwo = "main/#1, main/#2, main/#3, items/#1, items/#2";

const std::vector<AddressCase> kAddresses = {
    // The names that need no number.
    {"#1, #2, #3", "1", "head", "3"},
    {"#1, #2, #3", "1", "heads", "3"},
    {"#1, #2, #3", "1", "base", ""},
    {"#1, #2, #3", "1, 2", "current", "2"},
    {"#1, #2, #3", "", "current", ""},
    {"", "", "head", ""},
    {"", "", "heads", ""},
    {"%v", "", "head", ""},
    {kFork, "", "heads", "d e"},
    {kFork, "", "head",
     "conflict: there are several heads, d or e | d: d.sql | e: e.sql"
     " || name one of them, take all with `godwit up heads`, or join them with `godwit merge heads`"},
    {kFork, "a, b, c", "current", "b c"},
    {kJoin, "", "head", "e"},
    {kTwo, "", "head", "items:2 main:3"},
    {kTwo, "", "main:head", "main:3"},
    {kTwo, "", "head in main", "main:3"},
    {kTwo, "main/1", "current", "main:1"},
    {"main/a, main/a<-b, main/a<-c, items/x", "", "head",
     "conflict: there are several heads, main:b or main:c | main:b: b.sql | main:c: c.sql"
     " || name one of them, take all with `godwit up heads`, or join them with `godwit merge heads`"},
    {"main/a, main/a<-b, main/a<-c, items/x", "", "items:head", "items:x"},

    // Versions.
    {"#1, #2, #3", "", "2", "2"},
    {"#0001, #0002", "", "2", "0002"},
    {"#0001, #0002", "", "0002", "0002"},
    {"#0001, #0010", "", "0010", "0010"},
    {"#1.0, #1.2.0, #2.0.0", "", "1.2", "1.2.0"},
    {"#1.0, #1.2.0, #2.0.0-rc.1", "", "2.0.0-rc.1", "2.0.0-rc.1"},
    {"#1.0, #2.0.0-1, #2.0.0", "", "2.0.0-1", "2.0.0-1"},  // Not 2.0.0, one down.
    {kTimes, "", "20250102_143000", "20250102_143000"},
    {kTimes, "", "20250102143000", "20250102_143000"},
    {"%views, #1", "", "views", "views"},
    {kTwo, "", "1", "items:1 main:1"},  // One release over several databases.
    {kTwo, "", "3", "main:3"},
    {kTwo, "", "main:1", "main:1"},
    {kTwo, "", "1 in items", "items:1"},
    {"main/#0001, items/#1", "", "1", "items:1 main:0001"},
    {kTwo, "", "3 in items",
     "invalid: no migration is called \"3\" | main:3 is of a database that is not selected"
     " || select it with --databases main"},
    {kTwo, "", "main:1 in items",
     "invalid: \"main:1\" is of a database that is not selected || add it: --databases items main"},
    {kTwo, "", "mein:1", "invalid: \"mein:1\" names no database before its colon || did you mean main?"},
    {kTwo, "", "orders:1",
     "invalid: \"orders:1\" names no database before its colon || the databases are items, main"},
    {kTwo, "", "1 in itens", "invalid: there is no database \"itens\" || did you mean items?"},
    {kTwo, "", "1 in orders", "invalid: there is no database \"orders\" || the databases are items, main"},
    {"#1", "9", "9", "invalid: no migration is called \"9\" | 9 is recorded as applied, but no file has it"},
    {"#1", "", "77777", "invalid: no migration is called \"77777\" || `godwit history` lists them"},
    {kTimes, "", "20250101_120001",
     "invalid: no migration is called \"20250101_120001\" || did you mean 20250101_120000?"},
    {"abcdef@spring", "", "sprong", "invalid: no migration is called \"sprong\" || did you mean spring?"},
    {"#1", "", "", "invalid: the address \"\" is incomplete || name a version, head, heads, base, +N or -N"},
    {"#1", "",
     "main:", "invalid: the address \"main:\" is incomplete || name a version, head, heads, base, +N or -N"},
    {"#1", "", "1\n2", "invalid: no migration is called \"1\\n2\" || `godwit history` lists them"},

    // Beginnings of versions.
    {kTimes, "", "20250102", "20250102_143000"},
    {kTimes, "", "2025",
     "invalid: \"2025\" could mean 20250101_120000, 20250102_143000 or 20250103_091500"
     " | 20250101_120000: 20250101_120000.sql | 20250102_143000: 20250102_143000.sql"
     " | 20250103_091500: 20250103_091500.sql || write more of the version"},
    {"#20250101_120000", "", "202", "invalid: no migration is called \"202\" || `godwit history` lists them"},
    {"#10, #11", "", "1", "invalid: no migration is called \"1\" || did you mean 10?"},  // Never 10.
    {"#1.10.1, #1.2.1", "", "1.1", "invalid: no migration is called \"1.1\" || `godwit history` lists them"},
    {"#1.10.1, #1.2.1", "", "1.10", "1.10.1"},
    {"#1.2.1, #1.2.2", "", "1.2",
     "invalid: \"1.2\" could mean 1.2.1 or 1.2.2 | 1.2.1: 1.2.1.sql | 1.2.2: 1.2.2.sql || write more of the version"},
    {"e6239818bb3a, f00000000000", "", "e", "e6239818bb3a"},
    {"e6239818bb3a, e62400000000", "", "e623", "e6239818bb3a"},
    {"e6239818bb3a, e62400000000", "", "e62",
     "invalid: \"e62\" could mean e6239818bb3a or e62400000000"
     " | e6239818bb3a: e6239818bb3a.sql | e62400000000: e62400000000.sql"
     " || write more of the version"},
    {"abc, abcd", "", "abc", "abc"},  // What is written out wins.
    {"abc", "", "ab",
     "invalid: no migration is called \"ab\" || did you mean abc?"},  // As Alembic: too short.
    {"aa01, aa02, aa03, aa04, aa05, aa06, aa07", "", "aa",
     "invalid: \"aa\" could mean aa01, aa02, aa03, aa04, aa05 and 2 more"
     " | aa01: aa01.sql | aa02: aa02.sql | aa03: aa03.sql | aa04: aa04.sql | aa05: aa05.sql || write more of the version"},
    {"main/abcd1, items/abcd2", "", "abcd",
     "invalid: \"abcd\" could mean items:abcd2 or main:abcd1 | items:abcd2: items/abcd2.sql"
     " | main:abcd1: main/abcd1.sql"
     " || write more of the version"},
    {"main/abcd1, items/abcd1", "", "abcd", "items:abcd1 main:abcd1"},
    {"main/abcd1, items/abcd2", "", "items:abcd", "items:abcd2"},

    // Labels and branches.
    {kFork, "", "left", "b"},
    {kFork, "", "left@head", "d"},
    {kFork, "", "left@heads", "d"},
    {kFork, "", "right@head", "e"},
    {kFork, "", "e@head", "e"},
    {kFork, "", "b@head", "d"},  // A version as a branch.
    {kFork, "", "left@base", ""},
    {kFork, "", "left@d", "d"},
    {kFork, "", "left@a", "a"},
    {kFork, "", "left@e",
     "invalid: e does not share the lineage of b || leave out the part before @, or name a migration "
     "of that"
     " branch"},
    {kFork, "a, b, c", "left@current", "b"},
    {kFork, "", "a@head",
     "conflict: \"a@head\" could mean d or e: there are several heads | d: d.sql | e: e.sql"
     " || name one of them, take all with `godwit up heads`, or join them with `godwit merge heads`"},
    {kFork, "", "a@heads", "d e"},
    {kFork, "", "middle@head", "invalid: no migration is called \"middle\" || `godwit history` lists them"},
    {kFork, "", "@head",
     "invalid: the address \"@head\" is incomplete || name a version, head, heads, base, +N or -N"},
    {kFork, "", "left@",
     "invalid: the address \"left@\" is incomplete || name a version, head, heads, base, +N or -N"},
    {"a, a<-abcd1@left, a<-abcd2", "", "left@abcd", "abcd1"},
    {"main/a@v1, items/x@v1, main/a<-b", "", "v1@head", "items:x main:b"},
    {"main/a@v1, items/x, main/a<-b", "", "v1@head", "main:b"},
    {"main/a@v1, items/x@v1, main/a<-b", "", "main:v1@head", "main:b"},

    // Steps from a migration.
    {"#1, #2, #3", "", "1+1", "2"},
    {"#1, #2, #3", "", "1+2", "3"},
    {"#1, #2, #3", "", "3-2", "1"},
    {"#1, #2, #3", "", "3-3", ""},
    {"#1, #2, #3", "", "head-1", "2"},
    {"#1, #2, #3", "", "base+2", "2"},
    {"#1, #2, #3", "1, 2", "current-1", "1"},
    {"#1, #2, #3", "1, 2", "current+1", "3"},
    {kTimes, "", "20250101+1", "20250102_143000"},
    {"#1, #2, #3", "", "3+1", "invalid: \"3+1\" goes too far: nothing comes after 3 || take 1 step fewer"},
    {"#1, #2, #3", "", "2+4", "invalid: \"2+4\" goes too far: nothing comes after 3 || take 3 steps fewer"},
    {"#1, #2, #3", "", "3-4",
     "invalid: \"3-4\" goes too far: nothing comes before base || take 1 step fewer"},
    {"#1", "", "base-1", "invalid: \"base-1\" goes too far: nothing comes before base || take 1 step fewer"},
    {kFork, "", "a+1",
     "invalid: \"a+1\" is ambiguous: after a comes b or c || name one of them, or its "
     "branch: LABEL@+N"},
    {kFork, "", "left@a+1", "b"},
    {kFork, "", "left@a+2", "d"},
    {kFork, "", "left@head-1", "b"},
    {kFork, "", "d-1", "b"},
    {kJoin, "", "e-2",
     "invalid: \"e-2\" is ambiguous: before d lies b or c || name one of them"},
    {kJoin, "", "b+1", "d"},
    {"a, b", "", "base+1",
     "invalid: \"base+1\" is ambiguous: after base comes a or b"
     " || name one of them, or its branch: LABEL@+N"},
    {kTwo, "", "1+1", "items:2 main:2"},
    {kTwo, "", "1+2", "invalid: \"1+2\" goes too far: nothing comes after items:2 || take 1 step fewer"},
    {"#1", "", "1+0", "invalid: \"1+0\" moves by no usable number of steps || write +N or -N with N from 1"},
    {"#1", "", "+99999999999",
     "invalid: \"+99999999999\" moves by no usable number of steps || write +N or -N with N from 1"},

    // Steps from where the database stands.
    {"#1, #2, #3", "1", "+1", "2"},
    {"#1, #2, #3", "1", "+2", "3"},
    {"#1, #2, #3", "", "+1", "1"},
    {"#1, #2, #3", "1, 2", "-1", "1"},
    {"#1, #2, #3", "1, 2", "-2", ""},
    {"#1, #2, #3, #4", "1, 3", "+1", "2"},  // Passed over: it comes first.
    {"#1, #2, #3, #4", "1, 3", "+2", "4"},
    {"#1, #2, #3", "1, 3", "-1", "1"},
    {"#1, #2", "1", "+2", "invalid: \"+2\" goes too far: nothing comes after 2 || take 1 step fewer"},
    {"#1, #2", "1, 2", "+1", "invalid: \"+1\" leads nowhere: nothing is pending || see `godwit status`"},
    {"#1, #2", "", "-1", "invalid: \"-1\" leads nowhere: nothing is applied || see `godwit status`"},
    {"#1, #2", "1", "-2",
     "invalid: \"-2\" goes too far: only 1 migration can be reverted || say base to revert all"},
    {kFork, "", "+1", "a"},
    {kFork, "a", "+1",
     "invalid: \"+1\" is ambiguous: after a comes b or c || name one of them, or its branch: "
     "LABEL@+N"},
    {kFork, "a", "left@+1", "b"},
    {kFork, "a", "left@+2", "d"},
    {kFork, "a, b", "right@+1", "c"},  // From where the branch begins.
    {kFork, "", "right@+2", "c"},
    {kFork, "a, b", "+1", "d"},
    {kFork, "a, b, c", "+1",
     "invalid: \"+1\" is ambiguous: it could start from b or c, which are all newest"
     " || name a version, or a branch: LABEL@+1"},
    {kFork, "a, b, c", "right@+1", "e"},
    {kFork, "a, b, c", "-1",
     "invalid: \"-1\" is ambiguous: it could start from b or c, which are all newest"
     " || name the version that stays, or a branch: LABEL@-1"},
    {kFork, "a, b, c", "right@-1", "a"},
    {kFork, "a, b", "right@-1",
     "invalid: \"right@-1\" leads nowhere: nothing of that branch alone is applied || see `godwit status`"},
    {kJoin, "a, b, c, d", "-1", "b c"},  // What remains newest below a merge.
    {kJoin, "a, b, c, d", "-2",
     "invalid: \"-2\" is ambiguous: below d lies b or c || name the version that stays"},
    {"a, x, a<-b~x", "alembic b", "-1", "a"},
    {"a, x, a<-b~x", "alembic b", "-2", ""},
    {kTwo, "main/1", "+1",
     "invalid: \"+1\" could begin with items:1 or main:2: several databases have "
     "pending"
     " migrations || name the database: items:+1"},
    {kTwo, "main/1", "main:+1", "main:2"},
    {kTwo, "main/1", "+1 in main", "main:2"},
    {kTwo, "main/1, items/1, items/2", "+1", "main:2"},
    {kTwo, "main/1, main/2, items/1", "-1",
     "invalid: \"-1\" could begin with items:1 or main:2: several databases have "
     "applied"
     " migrations || name the database: items:-1"},
    {kTwo, "main/1, main/2", "-1", "main:1"},
    {kTwo, "main/1, main/2, items/1", "main:-1", "main:1"},
};

TEST(Resolve, GivesEveryAddressOneMeaningOrNone) {
    for (const AddressCase& each : kAddresses) {
        EXPECT_EQ(meaning_of(each, resolve), each.meaning)
            << each.graph << " with " << each.record << ": " << each.address;
    }
}

const std::vector<AddressCase> kRanges = {
    {"#1, #2, #3, #4", "", "2:3", "2 3"},
    {"#1, #2, #3, #4", "", ":2", "1 2"},
    {"#1, #2, #3, #4", "", "3:", "3 4"},
    {"#1, #2, #3, #4", "", ":", "1 2 3 4"},
    {"#1, #2, #3, #4", "", "base:head", "1 2 3 4"},
    {"#1, #2, #3, #4", "", "2:2", "2"},
    {"#1, #2, #3, #4", "1, 2", "current:", "2 3 4"},
    {"#1, #2, #3, #4", "1, 2", ":current", "1 2"},
    {"#1, #2, #3, #4", "", ":current", ""},
    {"#1, #2, #3, #4", "1, 2, 3", "-1:current", "2 3"},
    {"#1, #2, #3, #4", "", "-2:head", "2 3 4"},
    {"#1, #2, #3, #4", "", "2:+1", "2 3"},
    {"#1, #2, #3, #4", "1", "current:+2", "1 2 3"},
    {"#1, #2, #3, #4", "", "head-1:", "3 4"},
    {"#1, #2, #3, %v", "", "2:", "2 3"},
    {"#1, #2, #3", "", "3:1",
     "invalid: 3 does not lead to the other end of \"3:1\" || write the older end first: FROM:TO"},
    {kFork, "", "b:e",
     "invalid: b does not lead to the other end of \"b:e\" || write the older end first: FROM:TO"},
    {kFork, "", "a:d", "a b d"},
    {kFork, "", "a:", "a b c d e"},
    {kFork, "", ":right@head", "a c e"},
    {kJoin, "", "b:e", "b d e"},
    {kJoin, "", ":d", "a b c d"},
    {"a, a<-b~x, x", "", ":b", "a x b"},  // What b needs leads to it,
    {"a, a<-b~x, x", "", "a:b", "a b"},   // but does not descend from a.
    {kTwo, "", "1:2", "items:1 items:2 main:1 main:2"},
    {kTwo, "", "main:1:2", "main:1 main:2"},
    {kTwo, "", "main:1:main:3", "main:1 main:2 main:3"},
    {kTwo, "", ":main:2", "main:1 main:2"},
    {kTwo, "", "main::2", "main:1 main:2"},
    {kTwo, "", "main:2:", "main:2 main:3"},
    {kTwo, "", "2: in main", "main:2 main:3"},
    {"#1, #2", "", "1", "invalid: \"1\" is not a range || write FROM:TO, FROM: or :TO"},
    {"#1, #2", "", "main:1", "invalid: \"main:1\" is not a range || write FROM:TO, FROM: or :TO"},
    {"#1, #2", "", "1:2:3", "invalid: \"1:2:3\" is not a range || write FROM:TO, FROM: or :TO"},
    {"#1, #2", "", "-1:+1",
     "invalid: \"-1:+1\" leaves both ends open || write -N:TO to count down from TO, or FROM:+N to count up "
     "from FROM"},
    {"#1, #2", "", "+1:2",
     "invalid: \"+1:2\" leaves both ends open || write -N:TO to count down from TO, or FROM:+N to count up "
     "from FROM"},
    {"#1, #2", "", "-3:2", "invalid: \"-3\" goes too far: nothing comes before base || take 1 step fewer"},
    {"#1, #2", "", "9:", "invalid: no migration is called \"9\" || did you mean 1?"},
    {kFork, "", ":head",
     "conflict: there are several heads, d or e | d: d.sql | e: e.sql"
     " || name one of them, take all with `godwit up heads`, or join them with `godwit merge heads`"},
};

TEST(ResolveRange, TakesWhatLiesBetween) {
    for (const AddressCase& each : kRanges) {
        EXPECT_EQ(meaning_of(each, resolve_range), each.meaning)
            << each.graph << " with " << each.record << ": " << each.address;
    }
}

}  // namespace
}  // namespace godwit
