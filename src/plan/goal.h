// Where a user wants the databases to be, in the words of the command line.
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
    // An address as Alembic and the contract define them: "", "head", "heads",
    // "base", "+2", "-1", "rev+1", "label@head", "label@base", a version, a unique
    // prefix, "database:version". Empty: for up `heads` of every selected
    // database (and an error where a database has several heads and the
    // address is `head`); for down "-1".
    std::string address;
    std::vector<std::string> databases;  // Names that are selected; empty: all.
};

// Resolves a single address to migrations. `state` gives the meaning of
// relative addresses. Fails with kInvalidInput when nothing or more than one
// thing is meant; the message lists the candidates.
Result<std::vector<Graph::Index>> resolve(const Graph& graph, const State& state, std::string_view address,
                                          const std::vector<std::string>& databases);

// A range "a:b" (either side may be empty) for `history -r`, in graph order.
Result<std::vector<Graph::Index>> resolve_range(const Graph& graph, const State& state, std::string_view range,
                                                const std::vector<std::string>& databases);

}  // namespace godwit
