// One JSON object a line for every event: --log-format json and -o ndjson.
#pragma once

#include <cstdio>
#include <string>

#include "events/event.h"

namespace godwit {

// Keys: time (ISO 8601, UTC, milliseconds), level (info, warning, error), event
// (migration_finished, remark, …), then those of the event: database, version,
// direction, step, steps, duration_ms, text, error {code, message, …}.
class JsonSink final : public EventSink {
public:
    JsonSink(FILE* out, bool verbose) : out_(out), verbose_(verbose) {}
    void on(const Event& event) override;

private:
    FILE* out_;
    bool verbose_;  // Steps, progress and statements too.
};

// A line as JsonSink writes it, for the error that a command ends with: "event":"failed".
std::string failure_line(const Error& error);

// {"code":"rejected","message":…,"native_code":…,"file":…,"line":…,"column":…,
// "details":[…],"remedy":…}, without the members that are empty.
std::string to_json(const Error& error);

}  // namespace godwit
