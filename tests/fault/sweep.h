// Runs the same migrations again and again, each time failing one more write of
// the target, then runs them undisturbed: the end must equal that of a run which
// never failed.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fault/faulty_target.h"
#include "model/graph.h"
#include "run/run.h"
#include "support/target_fixture.h"

namespace godwit::test {

using Mutation = std::function<std::unique_ptr<Target>(std::unique_ptr<Target>)>;

struct SweepOptions {
    Direction direction = Direction::kUp;
    TransactionMode transaction_mode = TransactionMode::kFile;
    std::vector<Blow> blows = {Blow::kRefused, Blow::kBlocked, Blow::kLost, Blow::kInDoubt, Blow::kCrash, Blow::kStop};
    // Steps that cannot be repeated and of which nobody can tell whether they took
    // effect: stopping for a person (kNeedsRepair) is then right, twice is wrong.
    bool with_unknowable_steps = false;
    // No migration has a down part: the way back is what the record kept. The way up is
    // then followed by one down, which must leave nothing.
    bool by_inverses = false;
    // Put around the target of every run; takes a protection away.
    Mutation mutation;
};

struct Tally {
    int32_t tried = 0;
    int32_t survived = 0;
    int32_t recovered = 0;  // Of the survivors: the disturbed run ended well by itself.
    int32_t left_to_a_person = 0;  // kNeedsRepair where that is right; counted as survived.
    std::vector<std::string> failures;  // The first few, one line each.
};

std::string to_string(const Tally& tally);

class Sweep {
public:
    Sweep(TargetFixture& fixture, SweepOptions options);
    // Throws std::runtime_error when the undisturbed run fails.
    Tally run();

private:
    struct Outcome {
        Report report;
        int32_t writes = 0;
        bool struck = false;
    };

    std::vector<Migration> migrations();
    Migration migration(const std::string& version, const std::vector<std::string>& up,
                        const std::vector<std::string>& down);
    void prepare();
    Outcome travel(Direction direction, const Fault& fault);
    std::string everything();
    void try_fault(const Fault& fault, Tally& tally);
    std::string judge(const Report& again);
    std::string find_repeated_insert();
    std::string return_failure();

    TargetFixture& fixture_;
    const SweepOptions options_;
    Graph graph_;
    std::string empty_;
    std::string wanted_;
};

}  // namespace godwit::test
