// What the tests need to know of a kind of target: how to come by a fresh
// database, what to say to it, and what stands in it afterwards. One class per
// target; the conformance suite and the fault sweeps run over all of them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/target.h"

namespace godwit::test {

// What a test may need that not every target has.
enum class Ability : uint8_t {
    kTransactions,    // in_transaction() keeps or drops steps and record together.
    kAloneSteps,      // Statements that no transaction accepts.
    kScripts,         // Reads Script bodies: files with comments, quotes, BEGIN and COMMIT.
    kData,            // Data after a statement: COPY … FROM stdin.
    kSlowSteps,       // A statement that takes as long as is asked for.
    kNotices,
    kSqlHistory,      // The history is a table that the tests can make and read themselves.
    kFreedByForce,    // release_lock(force) takes the lock from a living holder.
    kDisconnects,     // Connections that can be cut from outside.
    kPasswords,
    kInverses,        // inverse_of() is answered, and the record keeps the answers.
    kRefusedRepeats,  // create() and drop() are refused where there is nothing left to do.
    kFile,            // The database is a file that read_only must not create.
};

const char* to_string(Ability ability);

// A body and where each of its statements starts.
struct WrittenBody {
    Body body;
    std::vector<SourceSpan> places;
};

class TargetFixture {
public:
    virtual ~TargetFixture() = default;

    virtual bool can(Ability ability) const = 0;

    // For this fixture's database, with the defaults of a run.
    virtual TargetConfig config() const = 0;
    // A handle as another process would hold it. Not connected yet.
    virtual std::unique_ptr<Target> open(const TargetConfig& config) = 0;
    std::unique_ptr<Target> open() { return open(config()); }
    // Makes the database as it was at first: empty. No handle may be open.
    virtual void reset() = 0;

    // Statements in the target's language, complete with their terminator.
    virtual std::string create(const std::string& name) const = 0;  // Refused when it is there.
    virtual std::string drop(const std::string& name) const = 0;    // Refused when it is not.
    virtual std::string insert(const std::string& name, const std::string& value) const = 0;
    // Idempotent by nature, whatever was done before.
    virtual std::string ensure(const std::string& name) const = 0;
    virtual std::string rejected() const = 0;                       // Reads well, fails when run.
    // kAlone; needs `name` to be there. `undo_alone` takes it back and is kAlone too.
    virtual std::string alone(const std::string& name) const = 0;
    virtual std::string undo_alone(const std::string& name) const = 0;
    virtual std::string load(const std::string& name, const std::vector<std::string>& rows) const = 0;
    virtual std::string slow(int32_t seconds) const = 0;
    virtual std::string notice(const std::string& text) const = 0;
    virtual std::string insert_version(const std::string& version) const = 0;  // Into config().history.
    virtual std::string unreadable() const = 0;                     // read_steps() must refuse it.
    // A statement of at least `bytes`, which creates `name`.
    virtual std::string large(const std::string& name, size_t bytes) const = 0;

    // A body of these statements, each at the start of a line of a file called
    // `file`. Valid for as long as the fixture.
    virtual WrittenBody write(const std::vector<std::string>& statements, const std::string& file = "0001_case.sql") = 0;
    // kScripts: the body is exactly this text.
    virtual Body write_text(const std::string& text, const std::string& file = "0001_case.sql") = 0;

    // What users see: all but the record, sorted, with rows. Equal texts mean
    // equal databases.
    virtual std::string contents() = 0;
    // The names of the tool's own tables that are there.
    virtual std::vector<std::string> own_tables() = 0;
    // Rows of the audit: "command|user|host|pid|result|error", in order.
    virtual std::vector<std::string> audit_rows() = 0;

    // kSqlHistory: carries out SQL by a connection of the fixture's own; gives
    // the rows, columns parted by `|`.
    virtual std::vector<std::string> sql(const std::string& text) = 0;
    // kSqlHistory: the columns of a table, in order.
    virtual std::vector<std::string> columns(const std::string& table) = 0;

    // kDisconnects: cuts every connection to the database but the fixture's own.
    virtual void disconnect_all() = 0;
    // A configuration whose server or file cannot be reached; nothing where that cannot be.
    virtual std::optional<TargetConfig> unreachable() const = 0;
};

// A kind of target as the tests list it.
struct FixtureKind {
    std::string name;
    // Fails with kUnavailable, saying what to set, when its server is not there.
    std::function<Result<std::unique_ptr<TargetFixture>>()> make;
};

// All kinds: memory, memory_step_by_step, sqlite, postgresql, postgresql_other, dynamodb.
const std::vector<FixtureKind>& fixture_kinds();

// Whether a missing server is a failure: CI=true.
bool servers_are_required();

Result<std::unique_ptr<TargetFixture>> make_memory_fixture();
Result<std::unique_ptr<TargetFixture>> make_step_by_step_memory_fixture();
Result<std::unique_ptr<TargetFixture>> make_sqlite_fixture();
// `variable` of the environment holds the URL of a superuser's connection.
Result<std::unique_ptr<TargetFixture>> make_postgres_fixture(const char* variable);

}  // namespace godwit::test
