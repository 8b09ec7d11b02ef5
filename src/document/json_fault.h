// What is wrong with a text that is not JSON, in the words of this program's errors.
#pragma once

#include <rapidjson/error/error.h>

#include <string>

namespace godwit::document {

// "missing a comma or } after an object member"
std::string json_fault(rapidjson::ParseErrorCode code);

}  // namespace godwit::document
