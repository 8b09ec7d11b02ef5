// Percent-encoding (RFC 3986) as Amazon's signatures require it.
#pragma once

#include <string>
#include <string_view>

namespace godwit::net {

// Every byte but letters, digits and -._~ becomes %XX in upper case; with
// `keep_slash`, '/' stays as it is.
std::string percent_encode(std::string_view text, bool keep_slash = false);
// %XX becomes its byte; a % without two hexadecimal digits stays.
std::string percent_decode(std::string_view text);

}  // namespace godwit::net
