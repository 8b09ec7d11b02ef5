// The place in the user's file that a server's error is about.
#pragma once

#include "base/source_span.h"
#include "target/postgres/batch.h"
#include "target/postgres/errors.h"

namespace godwit::postgres {

// Within `place`, which holds the failing statement: the line of COPY data, the
// line of a DO block, where the server's CONTEXT tells; else the place itself.
SourceSpan refine(const Batch::Place& place, const ServerError& error);

}  // namespace godwit::postgres
