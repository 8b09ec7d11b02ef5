#include "fault/sweep.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <stdexcept>

namespace godwit::test {
namespace {

using std::chrono::milliseconds;

constexpr Fault kNoFault = {std::numeric_limits<int32_t>::max(), When::kBefore, Blow::kRefused};
constexpr size_t kFailuresKept = 5;

class Silent final : public EventSink {
public:
    void on(const Event&) override {}
};

// A disturbed run must not spend its time on waiting for what never comes back.
RunOptions quick(TransactionMode mode, const Cancellation& stop) {
    RunOptions options;
    options.transaction_mode = mode;
    options.lock_wait = milliseconds(10'000);
    options.blocked_wait = milliseconds(2'000);
    options.reconnect_wait = milliseconds(0);
    options.cancellation = &stop;
    options.audit.user = "tester";
    options.audit.host = "here";
    return options;
}

std::string failure_of(const Report& report) {
    if (!report.error) return "";
    return fmt::format("{}: {}", to_string(report.error->code), report.error->message);
}

}  // namespace

std::string to_string(const Tally& tally) {
    std::string text = fmt::format("survived {}/{}, {} of them without help", tally.survived, tally.tried, tally.recovered);
    if (tally.left_to_a_person > 0) text += fmt::format(", {} left to a person", tally.left_to_a_person);
    for (const std::string& failure : tally.failures) text += "\n    " + failure;
    return text;
}

Sweep::Sweep(TargetFixture& fixture, SweepOptions options) : fixture_(fixture), options_(std::move(options)) {
    Result<Graph> graph = Graph::build(migrations());
    if (!graph) throw std::runtime_error(graph.error().message);
    graph_ = std::move(graph).value();
}

Migration Sweep::migration(const std::string& version, const std::vector<std::string>& up,
                           const std::vector<std::string>& down) {
    Migration migration;
    migration.id = {"main", version};
    migration.description = "number " + version;
    migration.where.file = version + ".sql";
    migration.where.line = 1;
    migration.checksum = "sha256-" + version;
    migration.up = fixture_.write(up, version + ".sql").body;
    if (!options_.by_inverses) migration.down = fixture_.write(down, version + ".down.sql").body;
    return migration;
}

// Plain ones, one with a step that no transaction accepts, one that is told to
// run step by step, an empty one. Whatever runs outside of a transaction can be
// asked for its effect, unless the sweep is about what cannot.
std::vector<Migration> Sweep::migrations() {
    const TargetFixture& say = fixture_;
    const bool inserts = fixture_.can(Ability::kTransactions) || options_.with_unknowable_steps;
    const auto insert = [&](const std::string& name, const std::string& value) {
        return inserts ? say.insert(name, value) : say.create(name + value);
    };
    const auto undo_insert = [&](const std::string& name, const std::string& value) {
        return inserts ? say.insert(name, "not " + value) : say.drop(name + value);
    };
    std::vector<Migration> all;
    all.push_back(migration("1", {say.create("a"), insert("a", "1"), insert("a", "2")}, {say.drop("a")}));
    if (!inserts && !options_.by_inverses) all.back().down = fixture_.write({say.drop("a2"), say.drop("a1"), say.drop("a")}, "1.down.sql").body;
    all.push_back(migration("2", {say.create("b"), insert("a", "3"), say.create("c")},
                            {say.drop("c"), undo_insert("a", "3"), say.drop("b")}));
    if (fixture_.can(Ability::kAloneSteps) && options_.transaction_mode != TransactionMode::kAll) {
        all.push_back(migration("3", {say.create("d"), say.alone("d"), insert("a", "4"), say.create("e")},
                                {say.drop("e"), undo_insert("a", "4"), say.undo_alone("d"), say.drop("d")}));
        all.push_back(migration("4", {say.create("f"), insert("a", "5"), say.create("g")},
                                {say.drop("g"), undo_insert("a", "5"), say.drop("f")}));
        all.back().options.transaction = TransactionWish::kOff;
    }
    all.push_back(migration("5", {}, {}));
    if (options_.by_inverses) all.pop_back();  // Nothing was done, so nothing takes it back.
    all.push_back(migration("6", {insert("b", "6")}, {undo_insert("b", "6")}));
    return all;
}

Sweep::Outcome Sweep::travel(Direction direction, const Fault& fault) {
    Cancellation stop;
    TargetConfig config = fixture_.config();
    config.cancellation = &stop;
    auto faulty = std::make_unique<FaultyTarget>(fixture_.open(config), fault, stop);
    const FaultyTarget& counter = *faulty;
    std::unique_ptr<Target> target = std::move(faulty);
    if (options_.mutation) target = options_.mutation(std::move(target));
    Silent silent;
    Goal goal;
    goal.direction = direction;
    goal.address = direction == Direction::kUp ? "heads" : "base";
    Outcome outcome;
    outcome.report = reach(graph_, {{"main", target.get()}}, goal, silent, quick(options_.transaction_mode, stop));
    outcome.writes = counter.writes();
    outcome.struck = counter.struck();
    return outcome;
}

void Sweep::prepare() {
    fixture_.reset();
    if (options_.direction == Direction::kUp) return;
    const Outcome up = travel(Direction::kUp, kNoFault);
    if (up.report.error) throw std::runtime_error("the way up fails undisturbed: " + failure_of(up.report));
}

std::string Sweep::everything() {
    std::string text = fixture_.contents();
    const Result<Ledger> ledger = fixture_.open()->read_ledger();
    if (!ledger) return text + "the record cannot be read: " + ledger.error().message;
    for (const LedgerEntry& entry : ledger->entries()) {
        text += fmt::format("{} {} {} {}\n", entry.version, static_cast<int>(entry.state), entry.checksum, entry.description);
    }
    return text;
}

// Empty when the way back leaves nothing, where the record alone knows it.
std::string Sweep::return_failure() {
    if (!options_.by_inverses || options_.direction == Direction::kDown) return "";
    const Outcome down = travel(Direction::kDown, kNoFault);
    if (down.report.error) return "the way back: " + failure_of(down.report);
    const std::string left = everything();
    return left == empty_ ? "" : "the way back leaves " + left;
}

// Empty when the second run has put everything right.
std::string Sweep::judge(const Report& again) {
    if (again.error) return failure_of(again);
    const std::string got = everything();
    if (got == wanted_) return return_failure();
    const auto differ = std::mismatch(got.begin(), got.end(), wanted_.begin(), wanted_.end());
    const size_t at = static_cast<size_t>(differ.first - got.begin());
    const size_t line = at == 0 ? 0 : got.rfind('\n', at - 1) + 1;
    const auto line_of = [&](const std::string& text) { return text.substr(line, text.find('\n', line) - line); };
    return fmt::format("differs: \"{}\" instead of \"{}\"", line_of(got), line_of(wanted_));
}

// Each insert of the migrations has a value of its own.
std::string Sweep::find_repeated_insert() {
    const std::string contents = fixture_.contents();
    for (int32_t value = 1; value <= 6; ++value) {
        const std::string text = fmt::format("{},", value);
        const size_t first = contents.find(text);
        if (first != std::string::npos && contents.find(text, first + 1) != std::string::npos) return "inserted twice: " + text;
    }
    return "";
}

void Sweep::try_fault(const Fault& fault, Tally& tally) {
    prepare();
    const Outcome disturbed = travel(options_.direction, fault);
    if (!disturbed.struck) return;
    const Outcome again = travel(options_.direction, kNoFault);
    ++tally.tried;
    const bool doubt = again.report.error && again.report.error->code == ErrorCode::kNeedsRepair;
    const std::string problem = doubt && options_.with_unknowable_steps ? find_repeated_insert() : judge(again.report);
    if (problem.empty()) {
        ++tally.survived;
        tally.recovered += disturbed.report.error ? 0 : 1;
        tally.left_to_a_person += doubt ? 1 : 0;
    } else if (tally.failures.size() < kFailuresKept) {
        tally.failures.push_back(fmt::format("write {} {}, {}: first {}; then {}", fault.at,
                                             fault.when == When::kBefore ? "before" : "after", to_string(fault.blow),
                                             disturbed.report.error ? failure_of(disturbed.report) : "done", problem));
    }
}

Tally Sweep::run() {
    fixture_.reset();
    empty_ = everything();
    prepare();
    const Outcome undisturbed = travel(options_.direction, kNoFault);
    if (undisturbed.report.error) throw std::runtime_error("fails undisturbed: " + failure_of(undisturbed.report));
    wanted_ = everything();
    Tally tally;
    for (const Blow blow : options_.blows) {
        for (const When when : {When::kBefore, When::kAfter}) {
            if (blow == Blow::kStop && when == When::kAfter) continue;
            for (int32_t at = 0; at < undisturbed.writes; ++at) try_fault({at, when, blow}, tally);
        }
    }
    return tally;
}

}  // namespace godwit::test
