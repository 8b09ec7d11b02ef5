// Splits the named PostgreSQL scripts and prints, for psql_splits.py, one line for
// each finding:
//
//     file PATH
//     statement BEGIN END VERDICT    END is behind the `;`; VERDICT is what PostgreSQL's
//                                    parser finds in it: "1" statement, "0", "many", or "error"
//     error OFFSET LINE:COLUMN MESSAGE
#include <pg_query.h>

#include <cstdio>
#include <fstream>

#include "support/sql_split.h"

namespace godwit {
namespace {

std::string verdict(const std::string& statement) {
    const PgQuerySplitResult result = pg_query_split_with_parser(statement.c_str());
    const std::string found = result.error != nullptr ? "error"
                              : result.n_stmts > 1    ? "many"
                                                      : std::to_string(result.n_stmts);
    pg_query_free_split_result(result);
    return found;
}

void dump(const char* path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    fmt::print("file {}\n", path);
    for (const Found& found : split_script(text, Dialect::kPostgres, 1 << 20)) {
        if (found.kind == Found::Kind::kStatement) {
            fmt::print("statement {} {} {}\n", found.where.offset, found.end_offset, verdict(found.text));
        } else if (found.kind == Found::Kind::kError) {
            fmt::print("error {} {}:{} {}\n", found.where.offset, found.where.line, found.where.column,
                       found.text);
        }
    }
}

}  // namespace
}  // namespace godwit

int main(int count, char** arguments) {
    for (int i = 1; i < count; ++i) godwit::dump(arguments[i]);
    return 0;
}
