// The databases of a project as references speak of them: by name, or by kind.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace godwit {

struct DatabaseName {
    std::string name;  // "main"
    std::string kind;  // "postgresql", "sqlite": a URL's scheme without what follows its `+`.
};

// The names of the databases that `word` means: the one that is called so, else
// all of that kind, in any case; `postgres` and `sqlite3` are read as kinds, too.
std::vector<std::string> databases_meant(std::string_view word, const std::vector<DatabaseName>& databases);

}  // namespace godwit
