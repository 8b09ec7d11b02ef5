// Reads a file once, from its first byte to its last, in flat memory: checksum,
// UTF-8, NUL bytes, byte-order mark, and its lines with their places.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/directory.h"
#include "model/checksum.h"
#include "sql/dialect.h"
#include "sql/lexical_state.h"

namespace godwit::format {

// A place in the file that is being read.
struct Spot {
    int32_t line = 0;
    int32_t column = 0;
    int64_t offset = -1;

    bool known() const { return line > 0; }
    SourceSpan in(const std::string& file) const { return {file, line, column, offset}; }
};

// A line, or a piece of one that is longer than the scan's buffer.
struct Line {
    std::string_view text;  // Without its line end. Valid during the call.
    int64_t begin = 0;      // Byte offset of `text` in the file.
    int64_t next = 0;       // Byte offset of what follows the line end.
    int32_t number = 1;
    bool starts = true;  // `text` begins where the line begins,
    bool ends = true;    // and ends where it ends.
    bool plain_text =
        true;  // At its start, as LexicalState sees it; told only for lines that begin with `--`.

    bool whole() const { return starts && ends; }
    // Whether its first characters after blanks are `--`.
    bool is_comment() const;
};

class LineHandler {
public:
    virtual ~LineHandler() = default;
    // An error ends the scan.
    virtual Result<void> on_line(const Line& line) = 0;

    // False: only lines that begin with `--` are handed over.
    bool every_line = true;
    // False: what is read is prose. It is kept from the LexicalState, and each line counts as plain text.
    bool lexical = true;
};

// Where the text of a file stands once it has been read.
struct FileFacts {
    std::string path;
    std::string shown;
    int64_t begin = 0;  // After a byte-order mark.
    int64_t size = 0;
    int64_t mtime_ns = 0;
    int32_t lines = 0;
};

// One scan reads many files, one after the other, with the same buffer. Not
// thread-safe.
class FileScan {
public:
    explicit FileScan(Dialect dialect);

    // Starts on a file and reads its first stretch.
    Result<void> open(OpenFile file);
    // The first stretch: at least 64 KiB or the whole file, without a
    // byte-order mark. Valid until run(). Not yet checked.
    std::string_view head() const;

    // Reads the file to its end and adds its bytes to `checksum`. kInvalidInput
    // with the place: bytes that are not UTF-8, a NUL byte, a file that changes
    // meanwhile; and what `handler` returns.
    Result<FileFacts> run(LineHandler& handler, ChecksumBuilder& checksum);

    Dialect dialect() const { return dialect_; }
    const std::string& shown() const { return file_.shown; }
    // A place in the line; `at` counts bytes of its text.
    Spot spot(const Line& line, size_t at) const;
    SourceSpan place(const Line& line, size_t at) const { return spot(line, at).in(file_.shown); }

private:
    Result<void> fill();
    size_t usable() const;
    Result<void> check_bytes(std::string_view text);
    Result<void> hand_over(std::string_view text, LineHandler& handler);
    void feed_until(int64_t offset, std::string_view text);
    bool is_plain_at(int64_t offset, std::string_view text);
    static bool may_open(std::string_view text);
    SourceSpan place_of_byte(std::string_view text, size_t at) const;

    Dialect dialect_;
    std::unique_ptr<char[]> buffer_;
    OpenFile file_;
    size_t filled_ = 0;                    // Bytes in the buffer.
    bool at_end_ = false;                  // Nothing of the file is left to read.
    int64_t read_ = 0;                     // Bytes read from the file.
    int64_t text_begin_ = 0;               // Offset of the buffer's first byte that is not yet handed over.
    int64_t fed_ = 0;                      // Offset up to which `lexical_` has seen the file,
    bool plain_at_fed_ = true;             // and what it says there.
    int64_t harmless_until_ = 0;           // Up to here what it has not seen leaves plain text plain.
    int32_t line_number_ = 1;              // Of the line at `text_begin_`.
    size_t line_columns_ = 0;              // Characters of that line already handed over.
    bool line_starts_ = true;              // No part of that line was handed over.
    std::optional<LexicalState> lexical_;  // Made when it is first needed.
};

// The error that every reader of text gives: at `place`, kInvalidInput.
tl::unexpected<Error> refuse(SourceSpan place, std::string message, std::string remedy);

}  // namespace godwit::format
