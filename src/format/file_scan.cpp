#include "format/file_scan.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace godwit::format {
namespace {

// Also the longest line that is handed over in one piece.
constexpr size_t kBufferBytes = 64 * 1024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The bytes that begin a quote, comment or command in any dialect; `y` ends COPY.
constexpr std::array<bool, 256> kSuspicious = [] {
    std::array<bool, 256> table{};
    for (const char c : {'\'', '"', '/', '`', '[', '$', '\\', 'y', 'Y'})
        table[static_cast<uint8_t>(c)] = true;
    return table;
}();

// Offset of the first byte that is NUL or not ASCII, or the size. Eight bytes at
// a time: migrations are mostly ASCII, and this runs over all of them.
size_t find_unusual(std::string_view text) {
    constexpr uint64_t kHighBits = 0x8080808080808080U;
    constexpr uint64_t kLowBits = 0x0101010101010101U;
    size_t at = 0;
    for (; at + sizeof(uint64_t) <= text.size(); at += sizeof(uint64_t)) {
        uint64_t word = 0;
        std::memcpy(&word, text.data() + at, sizeof word);
        // A borrow into the high bit happens for a zero byte (and for bytes over 0x80).
        if (((word | (word - kLowBits)) & kHighBits) != 0) break;
    }
    while (at < text.size() && static_cast<int8_t>(text[at]) > 0) ++at;
    return at;
}

// Length of `text` without a last character that is cut in the middle.
size_t without_cut_character(std::string_view text) {
    for (size_t back = 1; back <= std::min<size_t>(3, text.size()); ++back) {
        const auto byte = static_cast<uint8_t>(text[text.size() - back]);
        if ((byte & 0xC0U) == 0x80U) continue;
        const size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
        return length > back ? text.size() - back : text.size();
    }
    return text.size();
}

std::string_view without_mark(std::string_view text) {
    return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

}  // namespace

bool Line::is_comment() const {
    size_t at = 0;
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
    return text.substr(at).starts_with("--");
}

tl::unexpected<Error> refuse(SourceSpan place, std::string message, std::string remedy) {
    return fail(make_error(ErrorCode::kInvalidInput, std::move(message))
                    .at(std::move(place))
                    .with_remedy(std::move(remedy)));
}

FileScan::FileScan(Dialect dialect)
    : dialect_(dialect), buffer_(std::make_unique_for_overwrite<char[]>(kBufferBytes)) {}

Result<void> FileScan::open(OpenFile file) {
    file_ = std::move(file);
    filled_ = 0;
    at_end_ = false;
    read_ = 0;
    return fill();
}

std::string_view FileScan::head() const { return without_mark({buffer_.get(), filled_}); }

Result<FileFacts> FileScan::run(LineHandler& handler, ChecksumBuilder& checksum) {
    const bool marked = std::string_view(buffer_.get(), filled_).starts_with(kByteOrderMark);
    const size_t mark_bytes = marked ? kByteOrderMark.size() : 0;
    text_begin_ = static_cast<int64_t>(mark_bytes);
    fed_ = text_begin_;
    line_number_ = 1;
    line_columns_ = 0;
    line_starts_ = true;
    lexical_.reset();
    plain_at_fed_ = true;
    harmless_until_ = fed_;
    filled_ -= mark_bytes;
    std::memmove(buffer_.get(), buffer_.get() + mark_bytes, filled_);
    while (true) {
        CHECK(fill());
        const std::string_view text(buffer_.get(), usable());
        if (text.empty()) break;
        CHECK(check_bytes(text));
        checksum.update(text);
        CHECK(hand_over(text, handler));
        text_begin_ += static_cast<int64_t>(text.size());
        filled_ -= text.size();
        std::memmove(buffer_.get(), buffer_.get() + text.size(), filled_);
    }
    FileFacts facts{file_.path, file_.shown,    static_cast<int64_t>(mark_bytes),
                    read_,      file_.mtime_ns, line_number_};
    if (line_starts_ && facts.lines > 1) --facts.lines;
    return facts;
}

// Reads until the buffer is full or the file ends. The size from fstat() says
// where that is, which saves a call per file.
Result<void> FileScan::fill() {
    while (!at_end_ && filled_ < kBufferBytes) {
        const ssize_t got = ::read(file_.descriptor.get(), buffer_.get() + filled_, kBufferBytes - filled_);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            return refuse({file_.shown}, fmt::format("cannot be read: {}", std::strerror(errno)),
                          "Check the disk and the file's rights.");
        }
        filled_ += static_cast<size_t>(got);
        read_ += got;
        at_end_ = got == 0 || read_ == file_.size;
    }
    if (at_end_ && read_ != file_.size) {
        return refuse({file_.shown}, "the file changed while it was read", "Run the command again.");
    }
    return {};
}

// How much of the buffer ends with a line, or else with a whole character.
size_t FileScan::usable() const {
    const std::string_view text(buffer_.get(), filled_);
    if (at_end_) return text.size();
    const size_t line_end = text.rfind('\n');
    if (line_end != std::string_view::npos) return line_end + 1;
    return without_cut_character(text);
}

Result<void> FileScan::check_bytes(std::string_view text) {
    size_t at = find_unusual(text);
    if (at == text.size()) return {};
    const size_t nul = std::min(text.find('\0', at), text.size());
    const std::string_view rest = text.substr(at, nul - at);
    const std::optional<size_t> invalid = find_invalid_utf8(rest);
    if (!invalid && nul == text.size()) return {};
    at = invalid ? at + *invalid : nul;
    const SourceSpan place = place_of_byte(text, at);
    if (text_begin_ == 0 && (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))) {
        return refuse(place, "the file is UTF-16, not UTF-8", "Save it as UTF-8.");
    }
    if (!invalid) {
        return refuse(place, fmt::format("a NUL byte at offset {}", place.offset),
                      "Remove it: SQL text cannot hold NUL. Write binary data in hexadecimal.");
    }
    return refuse(
        place,
        fmt::format("byte 0x{:02x} at offset {} is not UTF-8", static_cast<uint8_t>(text[at]), place.offset),
        "Save the file as UTF-8, for example with `iconv -f LATIN1 -t UTF-8`.");
}

Result<void> FileScan::hand_over(std::string_view text, LineHandler& handler) {
    const int64_t end = text_begin_ + static_cast<int64_t>(text.size());
    size_t at = 0;
    while (at < text.size()) {
        const void* found = std::memchr(text.data() + at, '\n', text.size() - at);
        const bool ends = found != nullptr;
        const size_t line_end =
            ends ? static_cast<size_t>(static_cast<const char*>(found) - text.data()) : text.size();
        Line line;
        line.text = text.substr(at, line_end - at);
        if (line.text.ends_with('\r') && (ends || at_end_)) line.text.remove_suffix(1);
        line.begin = text_begin_ + static_cast<int64_t>(at);
        at = line_end + (ends ? 1 : 0);
        line.next = text_begin_ + static_cast<int64_t>(at);
        line.number = line_number_;
        line.starts = line_starts_;
        line.ends = ends || at_end_;
        const bool comment = line.starts && line.is_comment();
        if (comment || handler.every_line) {
            if (!handler.lexical)
                fed_ = harmless_until_ = line.next;
            else if (comment)
                line.plain_text = is_plain_at(line.begin, text);
            if (comment && line.plain_text && line.ends) harmless_until_ = line.next;
            CHECK(handler.on_line(line));
        }
        line_columns_ = ends ? 0 : line_columns_ + code_points(line.text);
        line_number_ += ends ? 1 : 0;
        line_starts_ = ends;
    }
    if (!at_end_) feed_until(end, text);
    return {};
}

// Shows the file up to `offset` to the LexicalState; `text` is what begins at text_begin_.
void FileScan::feed_until(int64_t offset, std::string_view text) {
    if (fed_ >= offset) return;
    if (!lexical_) lexical_.emplace(dialect_);
    lexical_->feed(text.substr(static_cast<size_t>(fed_ - text_begin_), static_cast<size_t>(offset - fed_)));
    plain_at_fed_ = lexical_->in_plain_text();
    fed_ = harmless_until_ = offset;
}

// Most migrations hold no quote at all between their comments: a look for the
// few bytes that could open one costs a twentieth of what lexing does.
bool FileScan::is_plain_at(int64_t offset, std::string_view text) {
    if (plain_at_fed_) {
        const auto from = static_cast<size_t>(harmless_until_ - text_begin_);
        if (!may_open(text.substr(from, static_cast<size_t>(offset - harmless_until_)))) {
            harmless_until_ = offset;
            return true;
        }
    }
    feed_until(offset, text);
    return plain_at_fed_;
}

// Whether the text may open a quote, a block comment or COPY data.
bool FileScan::may_open(std::string_view text) {
    for (size_t at = 0; at < text.size(); ++at) {
        if (!kSuspicious[static_cast<uint8_t>(text[at])]) continue;
        const bool slash = text[at] == '/';
        const bool letter = text[at] == 'y' || text[at] == 'Y';
        if (slash && at + 1 < text.size() && text[at + 1] != '*') continue;
        if (letter && (at < 3 || !equal_ignoring_case(text.substr(at - 3, 3), "cop"))) continue;
        return true;
    }
    return false;
}

SourceSpan FileScan::place_of_byte(std::string_view text, size_t at) const {
    const std::string_view before = text.substr(0, at);
    const size_t line_end = before.rfind('\n');
    const bool first_line = line_end == std::string_view::npos;
    const std::string_view in_line = first_line ? before : before.substr(line_end + 1);
    SourceSpan place;
    place.file = file_.shown;
    place.line = line_number_ + static_cast<int32_t>(std::count(before.begin(), before.end(), '\n'));
    place.column = static_cast<int32_t>((first_line ? line_columns_ : 0) + code_points(in_line) + 1);
    place.offset = text_begin_ + static_cast<int64_t>(at);
    return place;
}

Spot FileScan::spot(const Line& line, size_t at) const {
    const size_t before = (line.starts ? 0 : line_columns_) + code_points(line.text.substr(0, at));
    return {line.number, static_cast<int32_t>(before + 1), line.begin + static_cast<int64_t>(at)};
}

}  // namespace godwit::format
