// Takes the runner's locks of several databases, waiting politely.
#pragma once

#include <memory>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "events/event.h"
#include "run/run.h"
#include "target/target.h"

namespace godwit {

using Leases = std::vector<std::unique_ptr<Lease>>;

// Always in the order of the databases' names, so that two runners cannot wait
// for each other. Polls instead of waiting inside the server: a session that
// waits there would hold up concurrent index builds. kLocked, naming the
// holder, when `wait` has passed.
Result<Leases> lock_all(const Targets& targets, std::chrono::milliseconds wait, EventSink& events,
                        const Cancellation* cancellation);

// Sleeps in small pieces; returns early when a stop is requested.
void pause_for(std::chrono::milliseconds time, const Cancellation* cancellation);

// The pause before try `attempt` (from 0): doubles from `first` up to `most`,
// with up to a quarter taken off at random so that runners do not march in step.
std::chrono::milliseconds backoff(int attempt, std::chrono::milliseconds first, std::chrono::milliseconds most);

}  // namespace godwit
