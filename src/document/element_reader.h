// Reads the elements of a JSON array one at a time, in flat memory: what is huge
// within them can be left out, and read by itself.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/source_span.h"
#include "sql/line_counter.h"
#include "sql/script_source.h"

namespace godwit::document {

// The elements of an array that was left out: where they stand.
struct Cut {
    std::string member;
    int64_t begin = 0;  // Byte offset of what follows `[`.
    int64_t end = 0;    // Of `]`.
    int32_t line = 1;   // Of `begin`.
    int32_t column = 1;
};

// Looks at brackets, quotes and commas only: that an element is JSON is found out by
// whoever parses it. Not thread-safe.
class ElementReader {
public:
    // `source` gives what stands between the brackets of the array; `start` is the place of
    // its first byte. An element that is an object loses the elements of those of its
    // members that are arrays and called as `cut_members` say (line ends stay, so that the
    // places of what follows stay too).
    ElementReader(std::unique_ptr<ScriptSource> source, SourceSpan start, std::vector<std::string> cut_members = {});

    // False at the end. kInvalidInput with the place: no comma between elements, one too
    // many, an element that does not end.
    Result<bool> next();

    // Of the element that was read; valid until the next call.
    std::string_view text() const { return text_; }
    const SourceSpan& where() const { return where_; }
    int64_t end_offset() const { return place_.offset(); }
    const std::vector<Cut>& cuts() const { return cuts_; }

private:
    Result<bool> fill();             // False at the end of the source.
    Result<bool> skip_blanks();      // False at the end.
    Result<void> take_element();
    bool take_bytes();               // To the end of the piece or of the element, which it tells.
    bool take_structure(size_t at);  // Likewise one byte outside quotes.
    void take_in_quotes(char c);
    void flush(size_t end);          // Moves on to `end`, keeping or leaving out what is passed.
    void begin_cut();
    void end_cut();
    SourceSpan here() const;
    tl::unexpected<Error> refuse(SourceSpan where, std::string message, std::string remedy) const;

    std::unique_ptr<ScriptSource> source_;
    std::string file_;
    std::vector<std::string> cut_members_;
    LineCounter place_;     // Of piece_[at_].
    int32_t first_line_;    // The columns of this line are counted from first_column_.
    int32_t first_column_;
    std::string_view piece_;
    size_t at_ = 0;
    bool first_ = true;

    std::string text_;
    SourceSpan where_;
    std::vector<Cut> cuts_;

    // Within an element.
    int depth_ = 0;
    bool in_quotes_ = false;
    bool escaped_ = false;
    bool scalar_ = false;      // A number or a word, which ends before the next comma or blank.
    bool expects_key_ = false; // Of the element's own members.
    bool in_key_ = false;
    bool cutting_ = false;
    std::string key_;
};

}  // namespace godwit::document
