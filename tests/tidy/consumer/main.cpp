#include <cstdio>

#include "base/url.h"
#include "format/folder.h"
#include "target/registry.h"

// Reads a folder of migrations and asks a database for its history.
int main(int count, char** words) {
    if (count != 3) return 2;
    const auto url = godwit::parse_database_url(words[1]);
    if (!url) return 3;
    godwit::FolderOptions options;
    options.dialect = godwit::Dialect::kSqlite;
    const auto folder = godwit::read_folder(words[2], options);
    if (!folder) return 4;
    godwit::TargetConfig config;
    config.url = *url;
    const auto target = godwit::open_target(config);
    if (!target) return 5;
    const auto ledger = (*target)->read_ledger();
    if (!ledger) return 6;
    std::printf("%zu migrations, %zu applied\n", folder->migrations.size(), ledger->entries.size());
    return 0;
}
