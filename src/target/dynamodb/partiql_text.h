// PartiQL statements as far as a migration has to understand them: what kind one is,
// and which tables it names.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::dynamodb {

struct PartiqlStatement {
    std::string verb;                 // First word, in upper case: INSERT, UPDATE, DELETE, EXISTS, SELECT, …
    std::string text;                 // With the tables' real names.
    std::vector<std::string> tables;  // As the statement named them.
};

// Table names stand after FROM and INTO, and after UPDATE at the start; quoted
// ("EchoesTable") or not. All else stays as it is, strings and comments too.
PartiqlStatement with_real_names(std::string_view statement,
                                 const std::function<std::string(std::string_view)>& real);

}  // namespace godwit::dynamodb
