// Writes an error the way a person reads it.
#pragma once

#include <string>

#include "base/error.h"

namespace godwit {

// error: file:12:9: message (42P01)
//     12 | the line
//        |     ^
//   details
//   What to do.
//
// The line is read from the file now; a file that is gone is left out.
std::string error_text(const Error& error, bool colour);

}  // namespace godwit
