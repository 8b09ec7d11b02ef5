// Finds text in the XML that S3 and the query services answer with.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::net {

// What stands between the first <name …> and its </name>, entities decoded and
// blanks around it removed; nothing when there is none. Enough for the flat
// replies of these services: an element never holds another of its own name.
std::optional<std::string> xml_text(std::string_view xml, std::string_view name);
// The same of every such element, still encoded, for elements that hold others.
std::vector<std::string_view> xml_elements(std::string_view xml, std::string_view name);

}  // namespace godwit::net
