// Reads the bytes of a Script in pieces, in flat memory.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "model/migration.h"

namespace godwit {

// Refuses with kInvalidInput, before the first byte, a file whose size or time
// of change is not what Script says: the checksum would not be that of what is
// run. Where Script::commented_out, the `--` that starts each line reads as two
// spaces, so offsets and columns stay those of the file; a line without it is
// an error, unless it is blank.
class ScriptSource {
public:
    static Result<std::unique_ptr<ScriptSource>> open(const Script& script);
    virtual ~ScriptSource() = default;

    // Fills `buffer` with the next 1 to `capacity` bytes and tells how many;
    // none at the end.
    virtual Result<size_t> read_into(char* buffer, size_t capacity) = 0;

    // The next piece, empty at the end. Valid until the next call.
    Result<std::string_view> read();

private:
    std::unique_ptr<char[]> buffer_;
};

}  // namespace godwit
