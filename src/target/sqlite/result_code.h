// What SQLite's result codes are called, and what a person can do about them.
#pragma once

#include <string>

namespace godwit::sqlite {

// "SQLITE_BUSY_SNAPSHOT": of an extended code or a primary one. The number, where
// this version of SQLite has no name for it.
std::string name_of_code(int code);

// A sentence; empty when the message says all there is to say. `code` may be extended.
std::string remedy_for_code(int code);

}  // namespace godwit::sqlite
