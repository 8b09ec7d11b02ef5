// Remembers what reading a folder's files gave, so that files which have not
// changed since need not be opened again. See docs/decisions/0004.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "format/folder.h"
#include "format/source.h"

namespace godwit::format {

class FolderIndex {
public:
    // For `migrations` of them. An index that cannot be used (another program's,
    // damaged, writable by other users) counts as none.
    FolderIndex(const Directory& directory, const FolderOptions& options, size_t migrations);

    // Fills `out`, unless one of the files has changed or the source is not known.
    // Safe from several threads.
    bool recall(const Source& source, ReadMigration& out) const;

    // To be taken before the files of `source` are read, so that what changes
    // meanwhile will differ. Empty when a file is no plain file, or so young that
    // one more change could bear the same time.
    std::vector<Stamp> stamps(const Source& source) const;

    // What save() is to write: that reading `source` gave `read` when its files
    // were as stamped, or what recall() found for it.
    void note(const Source& source, const std::vector<Stamp>& stamps, ReadMigration& read);
    void keep(const Source& source);
    // Replaces the index in one step. That it cannot be written is no fault.
    void save() const;

private:
    bool load();
    void add(std::string_view key, std::string_view entry);

    const FolderCache& cache_;
    std::string path_;     // Of the index; empty when there is to be none.
    std::string heading_;  // What an index must begin with to be used.
    std::string kept_;     // The index as it was loaded.
    std::unordered_map<std::string_view, std::string_view>
        entries_;        // Of it: by files, what reading them gave.
    std::string noted_;  // What save() writes.
};

}  // namespace godwit::format
