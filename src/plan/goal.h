// Where a user wants the databases to be, in the words of the command line.
//
// An address, as Alembic and the contract define them:
//   head, heads      the newest migration, or all of them, of each database
//   base             before the first
//   current          the newest applied ones
//   0007, 7, e6239   a version, one that compares equal in a line of versions,
//                    a branch label, or an unambiguous beginning of a version
//   +2, -1           from where the database stands, up or down
//   e6239+1, head-2  from a migration, up or down
//   LABEL@ADDRESS    only what shares the lineage of LABEL (or of a version)
//   DATABASE:ADDRESS only this database
// A version that several databases have means all of them: one release over
// several databases. Everything else that could mean several things fails.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/graph.h"
#include "plan/state.h"

namespace godwit {

// What to reach, before it is resolved against a graph and a state.
struct Goal {
    Direction direction = Direction::kUp;
    // Empty: for up `head` of every selected database; for down "-1".
    std::string address;
    std::vector<std::string> databases;  // Names that are selected; empty: all.
    // Set by pin() where the address is relative to the state, which it then
    // replaces: for up the migrations to reach, for down those to revert (and
    // with them whatever cannot stay applied without them).
    std::optional<std::vector<MigrationId>> pinned;
};

// Resolves a single address to migrations, in graph order; none for `base`.
// `state` gives the meaning of relative addresses ("-1": what remains applied
// after one step down); `databases` are those selected, empty for all. Fails
// with kInvalidInput when nothing or more than one thing is meant, with
// kConflict for `head` where there are several; the message lists the
// candidates.
Result<std::vector<Graph::Index>> resolve(const Graph& graph, const State& state, std::string_view address,
                                          const std::vector<std::string>& databases);

// A range "a:b" for `history -r`, both ends included, in graph order: what
// descends from a and leads to b. Either side may be empty (base, heads) and
// either may be qualified ("main:1:main:3", or "main:1:3"); "-3:b" is relative
// to b, "a:+3" to a. Fails as resolve() does, and when a does not lead to b.
Result<std::vector<Graph::Index>> resolve_range(const Graph& graph, const State& state,
                                                std::string_view range,
                                                const std::vector<std::string>& databases);

}  // namespace godwit
