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

// Ends the run that holds the lock. That is noted in the audit first, so that it
// does not take its session's end for a broken line and go on. Says what was done.
Result<std::string> force_unlock(const std::string& database, Target& target, AuditRecord audit, EventSink& events);

// Sleeps in small pieces; returns early when a stop is requested.
void pause_for(std::chrono::milliseconds time, const Cancellation* cancellation);

// The pause before try `attempt` (from 0): doubles from `first` up to `most`,
// with up to a quarter taken off at random so that runners do not march in step.
std::chrono::milliseconds backoff(int attempt, std::chrono::milliseconds first, std::chrono::milliseconds most);

}  // namespace godwit
