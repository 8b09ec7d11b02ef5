// Several statements in one message, and which of them an error is about.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/source_span.h"

namespace godwit::postgres {

enum class Origin : uint8_t {
    kScript,  // From the user's file.
    kOwn,     // BEGIN, settings, COMMIT.
    kRecord,  // Writes to the tool's own tables.
    kFence,   // Fails when the runner's lease is gone.
};

class Batch {
public:
    void add(std::string_view sql, Origin origin, const SourceSpan& where);
    void clear();

    bool empty() const { return statements_.empty(); }
    const std::string& text() const { return text_; }

    struct Place {
        Origin origin = Origin::kOwn;
        SourceSpan where;           // Known for kScript only.
        std::string_view statement; // Valid until the batch changes.
    };
    // The statement that failed after `completed` others had not, and the very
    // place in it where the server gives a position (in characters, from 1, of the
    // whole text). A position wins: a syntax error is found before anything runs.
    Place locate(size_t completed, std::optional<int64_t> position) const;

private:
    struct Entry {
        size_t begin;
        size_t end;
        int64_t offset;
        int32_t line;
        int32_t column;
        uint32_t file;  // Index in files_.
        Origin origin;
    };

    uint32_t index_of(const std::string& file);

    std::string text_;
    std::vector<Entry> statements_;
    std::vector<std::string> files_;
};

}  // namespace godwit::postgres
