#include <cstdlib>
#include <string_view>

#include "support/dynamodb_fixture.h"
#include "support/target_fixture.h"

namespace godwit::test {

const char* to_string(Ability ability) {
    switch (ability) {
        case Ability::kTransactions: return "transactions";
        case Ability::kAloneSteps: return "steps that no transaction accepts";
        case Ability::kScripts: return "scripts";
        case Ability::kData: return "data after a statement";
        case Ability::kSlowSteps: return "slow steps";
        case Ability::kNotices: return "notices";
        case Ability::kSqlHistory: return "a history that SQL reaches";
        case Ability::kFreedByForce: return "locks that force frees";
        case Ability::kDisconnects: return "connections that can be cut";
        case Ability::kPasswords: return "passwords";
        case Ability::kInverses: return "inverses of its own";
        case Ability::kRefusedRepeats: return "statements that cannot be repeated";
        case Ability::kFile: return "a file of its own";
    }
    return "?";
}

const std::vector<FixtureKind>& fixture_kinds() {
    static const std::vector<FixtureKind> kinds = {
        {"memory", make_memory_fixture},
        {"memory_step_by_step", make_step_by_step_memory_fixture},
        {"sqlite", make_sqlite_fixture},
#ifdef GODWIT_WITH_POSTGRES
        {"postgresql", [] { return make_postgres_fixture("GODWIT_TEST_POSTGRESQL"); }},
        {"postgresql_other", [] { return make_postgres_fixture("GODWIT_TEST_POSTGRESQL_OTHER"); }},
#endif
#ifdef GODWIT_WITH_DYNAMODB
        {"dynamodb", []() -> Result<std::unique_ptr<TargetFixture>> { return make_dynamodb_fixture(); }},
#endif
    };
    return kinds;
}

bool servers_are_required() {
    const char* ci = std::getenv("CI");
    return ci != nullptr && std::string_view(ci) == "true";
}

}  // namespace godwit::test
