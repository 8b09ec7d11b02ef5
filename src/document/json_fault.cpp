#include "document/json_fault.h"

#include <rapidjson/error/en.h>

#include "base/text.h"

namespace godwit::document {

std::string json_fault(rapidjson::ParseErrorCode code) {
    std::string text = rapidjson::GetParseError_En(code);
    while (text.ends_with('.')) text.pop_back();
    if (text.size() > 1 && text[1] >= 'a' && text[1] <= 'z') text[0] = to_lower(text.substr(0, 1)).front();
    return text;
}

}  // namespace godwit::document
