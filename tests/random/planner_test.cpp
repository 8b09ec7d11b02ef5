// The planner against a brute-force planner, on thousands of small random
// graphs. The seed is printed; GODWIT_RANDOM_SEED=N repeats a run.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "plan/plan.h"
#include "support/graph_text.h"

namespace godwit {
namespace {

using Index = Graph::Index;
using Set = std::set<std::string>;  // Of "database/version".

class Random {
public:
    Random() {
        const char* given = std::getenv("GODWIT_RANDOM_SEED");
        seed_ = given != nullptr ? std::strtoul(given, nullptr, 10) : std::random_device()();
        engine_.seed(static_cast<std::mt19937::result_type>(seed_));
        std::printf("GODWIT_RANDOM_SEED=%lu\n", seed_);
    }
    unsigned long seed() const { return seed_; }
    int below(int limit) { return static_cast<int>(engine_() % static_cast<unsigned>(limit)); }
    bool one_in(int times) { return below(times) == 0; }
    template <typename T>
    const T& pick(const std::vector<T>& from) {
        return from[static_cast<size_t>(below(static_cast<int>(from.size())))];
    }

private:
    unsigned long seed_;
    std::mt19937 engine_;
};

// What the brute force knows of a migration: its name and what it needs, both
// taken from the generator and not from the graph under test.
struct Known {
    std::string name;
    Set parents;
    Set needs;  // Parents and dependencies.
};
using World = std::vector<Known>;

struct Sample {
    std::string text;  // For graph_of.
    World world;
};

// Up to nine migrations: a line of versions, revisions, or both, in one or two databases.
Sample random_sample(Random& random, bool may_be_cyclic = false) {
    Sample sample;
    const int size = 1 + random.below(9);
    const bool two = random.one_in(2);
    std::map<std::string, std::string> last_of_line;
    std::vector<std::string> planned;
    for (int number = 0; number < size; ++number) {
        const std::string database = two && random.one_in(2) ? "items/" : "main/";
        planned.push_back(database + (random.one_in(2) ? "" : "r") + std::to_string(number + 1));
    }
    for (size_t place = 0; place < planned.size(); ++place) {
        Known known{planned[place], {}, {}};
        const std::string database = known.name.substr(0, known.name.find('/') + 1);
        const bool in_line = known.name.find('r') == std::string::npos;
        const size_t reach = may_be_cyclic ? planned.size() : place;
        std::string parents;
        for (size_t other = 0; other < reach && !in_line; ++other) {
            if (planned[other].starts_with(database) && other != place && random.one_in(3) &&
                known.parents.size() < 2) {
                known.parents.insert(planned[other]);
                parents += (parents.empty() ? "" : "&") + planned[other];
            }
        }
        if (in_line && last_of_line.contains(database)) known.parents.insert(last_of_line[database]);
        if (in_line) last_of_line[database] = known.name;
        known.needs = known.parents;
        std::string depends;
        for (size_t other = 0; other < reach; ++other) {
            if (other == place || !random.one_in(6)) continue;
            known.needs.insert(planned[other]);
            depends += (depends.empty() ? "~" : "&") + planned[other];
        }
        if (!sample.text.empty()) sample.text += ", ";
        if (!parents.empty()) sample.text += parents + "<-";
        sample.text += database + (in_line ? "#" : "") + known.name.substr(database.size()) + depends;
        sample.world.push_back(std::move(known));
    }
    return sample;
}

// Adds whatever `grows` finds until nothing is new.
template <typename Grows>
Set closure(const World& world, Set set, Grows grows) {
    for (bool grew = true; grew;) {
        grew = false;
        for (const Known& each : world) grew = grows(each, set) || grew;
    }
    return set;
}

Set with_needs(const World& world, const Set& of) {
    return closure(world, of, [](const Known& each, Set& set) {
        const size_t before = set.size();
        if (set.contains(each.name)) set.insert(each.needs.begin(), each.needs.end());
        return set.size() > before;
    });
}

Set with_needers(const World& world, const Set& of, const Set& among) {
    return closure(world, of, [&](const Known& each, Set& set) {
        if (set.contains(each.name) || !among.contains(each.name)) return false;
        const bool falls = std::any_of(each.needs.begin(), each.needs.end(),
                                       [&](const std::string& need) { return set.contains(need); });
        return falls && set.insert(each.name).second;
    });
}

std::string name_of(const Migration& migration) { return migration.id.database + "/" + migration.id.version; }
std::string address_of(const std::string& name) {
    return name.substr(0, name.find('/')) + ":" + name.substr(name.find('/') + 1);
}

// The databases: what is applied, in either layout, moved by plans.
class Databases {
public:
    Databases(const World& world, bool alembic) : world_(world), alembic_(alembic) {}

    Ledgers ledgers() const {
        Ledgers ledgers;
        for (const char* database : {"items", "main"}) {
            ledgers[database].layout = alembic_ ? HistoryLayout::kAlembic : HistoryLayout::kSchemaMigrations;
        }
        for (const std::string& name : alembic_ ? rows_ : applied) {
            const MigrationId id = testing::id_of(name);
            if (!in_flight_ || in_flight_->first != name)
                ledgers[id.database].add(testing::entry_of(id.version));
        }
        if (in_flight_) {
            const MigrationId id = testing::id_of(in_flight_->first);
            ledgers[id.database].add(testing::entry_of(id.version + in_flight_->second));
        }
        return ledgers;
    }

    void carry_out(const PlannedMigration& planned) {
        const std::string name = name_of(*planned.migration);
        const Set& needs = std::find_if(world_.begin(), world_.end(), [&](const Known& each) {
                               return each.name == name;
                           })->needs;
        EXPECT_EQ(planned.resuming, in_flight_.has_value()) << name;
        in_flight_.reset();
        if (planned.direction == Direction::kUp) {
            for (const std::string& need : needs)
                EXPECT_TRUE(applied.contains(need)) << name << " before " << need;
            EXPECT_TRUE(applied.insert(name).second) << name;
        } else {
            EXPECT_EQ(applied.erase(name), 1u) << name;
            for (const Known& each : world_) {
                EXPECT_FALSE(applied.contains(each.name) && each.needs.contains(name))
                    << name << " before " << each.name;
            }
        }
        const std::string database = planned.migration->id.database + "/";
        for (const std::string& row : planned.heads_removed)
            EXPECT_EQ(rows_.erase(database + row), 1u) << row;
        for (const std::string& row : planned.heads_added)
            EXPECT_TRUE(rows_.insert(database + row).second) << row;
        if (alembic_) {
            EXPECT_EQ(rows_, newest());
        }
    }

    // A run stops in the middle of this one.
    void stop_in(const PlannedMigration& planned) {
        const bool up = planned.direction == Direction::kUp;
        in_flight_.emplace(name_of(*planned.migration), up ? ">1/2" : "<1/2");
    }
    bool in_flight() const { return in_flight_.has_value(); }

    Set applied;

private:
    // What no applied migration of the same database needs.
    Set newest() const {
        Set rows = applied;
        for (const Known& each : world_) {
            for (const std::string& need : each.needs) {
                const bool same = need.substr(0, need.find('/')) == each.name.substr(0, each.name.find('/'));
                if (same && applied.contains(each.name)) rows.erase(need);
            }
        }
        return rows;
    }

    const World& world_;
    bool alembic_;
    Set rows_;
    std::optional<std::pair<std::string, std::string>> in_flight_;
};

// Carries a goal to its end, stopping and planning again now and then.
void reach(const Graph& graph, Databases& databases, const Goal& asked, Random& random) {
    const PlanOptions options{.allow_out_of_order = true};
    const auto goal = pin(graph, databases.ledgers(), asked);
    ASSERT_TRUE(goal.has_value()) << goal.error().message;
    for (bool stopped = true; stopped;) {
        stopped = false;
        const auto plan = make_plan(graph, databases.ledgers(), *goal, options);
        ASSERT_TRUE(plan.has_value()) << plan.error().message;
        for (const PlannedMigration& each : plan->migrations) {
            stopped = !databases.in_flight() && random.one_in(8);
            if (stopped) databases.stop_in(each);
            if (stopped || random.one_in(12)) {
                stopped = true;
                break;
            }
            databases.carry_out(each);
        }
    }
    EXPECT_FALSE(databases.in_flight());
}

// One random goal, and what the brute force says is applied afterwards.
struct Wanted {
    Goal goal;
    Set applied;
};

Wanted random_goal(const Sample& sample, const Set& applied, Random& random) {
    const World& world = sample.world;
    const Known& chosen = random.pick(world);
    Wanted wanted{{}, applied};
    if (random.one_in(3)) {
        wanted.goal.address = "heads";
        for (const Known& each : world) wanted.applied.insert(each.name);
        return wanted;
    }
    wanted.goal.address = address_of(chosen.name);
    if (!applied.contains(chosen.name)) {
        const Set needed = with_needs(world, {chosen.name});
        wanted.applied.insert(needed.begin(), needed.end());
        return wanted;
    }
    wanted.goal.direction = Direction::kDown;
    Set roots;
    const bool base = random.one_in(4);
    if (base) wanted.goal.address = "base";
    for (const Known& each : world) {
        if (applied.contains(each.name) && (base || each.parents.contains(chosen.name)))
            roots.insert(each.name);
    }
    for (const std::string& gone : with_needers(world, roots, applied)) wanted.applied.erase(gone);
    return wanted;
}

TEST(RandomPlans, ReachWhatABruteForceExpects) {
    Random random;
    for (int round = 0; round < 2'000; ++round) {
        const Sample sample = random_sample(random);
        SCOPED_TRACE("seed " + std::to_string(random.seed()) + ", graph " + sample.text);
        const Graph graph = testing::graph_of(sample.text);
        Databases databases(sample.world, random.one_in(2));
        for (int goals = 0; goals < 5 && !::testing::Test::HasFailure(); ++goals) {
            const Wanted wanted = random_goal(sample, databases.applied, random);
            SCOPED_TRACE((wanted.goal.direction == Direction::kUp ? "up " : "down ") + wanted.goal.address);
            reach(graph, databases, wanted.goal, random);
            EXPECT_EQ(databases.applied, wanted.applied);
        }
        ASSERT_FALSE(::testing::Test::HasFailure()) << "in round " << round;
    }
}

// The order of the graph: always the least of those whose needs are there.
std::vector<std::string> naive_order(const World& world) {
    std::vector<std::string> order;
    Set done;
    while (order.size() < world.size()) {
        const Known* least = nullptr;
        const auto rank = [](const Known& each) {
            const MigrationId id = testing::id_of(each.name);
            return std::pair(id.database, version_sort_key(id.version));
        };
        for (const Known& each : world) {
            const bool ready = std::includes(done.begin(), done.end(), each.needs.begin(), each.needs.end());
            if (!ready || done.contains(each.name)) continue;
            if (least == nullptr || rank(each) < rank(*least)) least = &each;
        }
        if (least == nullptr) return {};  // A circle.
        done.insert(least->name);
        order.push_back(least->name);
    }
    return order;
}

TEST(RandomGraphs, AreOrderedAsABruteForceOrdersThem) {
    Random random;
    int circles = 0;
    for (int round = 0; round < 5'000; ++round) {
        Sample sample = random_sample(random, random.one_in(2));
        SCOPED_TRACE("seed " + std::to_string(random.seed()) + ", graph " + sample.text);
        auto migrations = testing::migrations_of(sample.text);
        for (size_t place = migrations.size(); place > 1; --place) {
            std::swap(migrations[place - 1],
                      migrations[static_cast<size_t>(random.below(static_cast<int>(place)))]);
        }
        const auto graph = Graph::build(std::move(migrations));
        const std::vector<std::string> expected = naive_order(sample.world);
        ASSERT_EQ(graph.has_value(), !expected.empty());
        if (!graph) {
            ++circles;
            ASSERT_NE(graph.error().message.find(" in a circle: "), std::string::npos)
                << graph.error().message;
            continue;
        }
        std::vector<std::string> order;
        for (const Migration& migration : graph->in_order()) order.push_back(name_of(migration));
        ASSERT_EQ(order, expected);
    }
    EXPECT_GT(circles, 100);
}

// In a line, +N and -N count what is pending and what is applied.
TEST(RandomPlans, StepAlongALine) {
    Random random;
    for (int round = 0; round < 2'000; ++round) {
        const int size = 1 + random.below(6);
        std::string text;
        std::string record;
        std::vector<std::string> pending;
        std::vector<std::string> applied;
        for (int number = 1; number <= size; ++number) {
            text += (text.empty() ? "#" : ", #") + std::to_string(number);
            const bool is_applied = random.one_in(2);
            (is_applied ? applied : pending).push_back(std::to_string(number));
            if (is_applied) record += (record.empty() ? "" : ", ") + std::to_string(number);
        }
        const bool up = random.one_in(2);
        const int steps = 1 + random.below(size);
        SCOPED_TRACE("seed " + std::to_string(random.seed()) + ", " + text + " with " + record);
        const Graph graph = testing::graph_of(text);
        const Goal goal{
            up ? Direction::kUp : Direction::kDown, (up ? "+" : "-") + std::to_string(steps), {}, {}};
        const auto plan =
            make_plan(graph, testing::ledgers_of(graph, record), goal, {.allow_out_of_order = true});
        std::vector<std::string> expected = up ? pending : applied;
        if (!up) std::reverse(expected.begin(), expected.end());
        ASSERT_EQ(plan.has_value(), static_cast<size_t>(steps) <= expected.size()) << goal.address;
        if (!plan) continue;
        expected.resize(static_cast<size_t>(steps));
        std::vector<std::string> found;
        for (const PlannedMigration& each : plan->migrations) found.push_back(each.migration->id.version);
        ASSERT_EQ(found, expected) << goal.address;
    }
}

}  // namespace
}  // namespace godwit
