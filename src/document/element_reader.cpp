#include "document/element_reader.h"

#include <algorithm>
#include <utility>

namespace godwit::document {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
// Where the next quote or backslash stands, or the end.
size_t end_of_plain_text(std::string_view text, size_t at) {
    const std::string_view rest = text.substr(at);
    const size_t quote = std::min(rest.find('"'), rest.size());
    return at + std::min(rest.substr(0, quote).find('\\'), quote);
}

bool ends_scalar(char c) { return is_blank(c) || c == ',' || c == ']' || c == '}'; }

}  // namespace

ElementReader::ElementReader(std::unique_ptr<ScriptSource> source, SourceSpan start, std::vector<std::string> cut_members)
    : source_(std::move(source)),
      file_(std::move(start.file)),
      cut_members_(std::move(cut_members)),
      place_(start.offset, start.line),
      first_line_(start.line),
      first_column_(start.column) {}

SourceSpan ElementReader::here() const {
    const int32_t before = place_.line() == first_line_ ? first_column_ - 1 : 0;
    return {file_, place_.line(), place_.column() + before, place_.offset()};
}

tl::unexpected<Error> ElementReader::refuse(SourceSpan where, std::string message, std::string remedy) const {
    return fail(make_error(ErrorCode::kInvalidInput, std::move(message)).at(std::move(where)).with_remedy(std::move(remedy)));
}

Result<bool> ElementReader::fill() {
    if (at_ < piece_.size()) return true;
    piece_ = TRY(source_->read());
    at_ = 0;
    return !piece_.empty();
}

Result<bool> ElementReader::skip_blanks() {
    while (TRY(fill())) {
        size_t end = at_;
        while (end < piece_.size() && is_blank(piece_[end])) ++end;
        place_.advance(piece_.substr(at_, end - at_));
        at_ = end;
        if (at_ < piece_.size()) return true;
    }
    return false;
}

Result<bool> ElementReader::next() {
    text_.clear();
    cuts_.clear();
    if (!TRY(skip_blanks())) return false;
    if (!std::exchange(first_, false)) {
        if (piece_[at_] != ',') return refuse(here(), "a comma is missing between two elements", "Put one before it.");
        const SourceSpan comma = here();
        place_.advance(piece_.substr(at_++, 1));
        if (!TRY(skip_blanks())) return refuse(comma, "a comma is followed by no element", "Remove it.");
    }
    where_ = here();
    CHECK(take_element());
    return true;
}

Result<void> ElementReader::take_element() {
    const char first = piece_[at_];
    if (first == ',' || first == ']' || first == '}')
        return refuse(here(), std::string("an element is missing before ") + first, "Remove the comma, or add the element.");
    depth_ = 0;
    in_quotes_ = escaped_ = in_key_ = cutting_ = false;
    expects_key_ = first == '{';
    scalar_ = first != '{' && first != '[' && first != '"';
    while (TRY(fill())) {
        if (take_bytes()) return {};
    }
    if (scalar_) return {};
    return refuse(where_, in_quotes_ ? "a string of this element is not closed" : "this element is not closed",
                  "Close its quotes and brackets.");
}

bool ElementReader::take_bytes() {
    for (size_t at = at_; at < piece_.size(); ++at) {
        const char c = piece_[at];
        if (scalar_) {
            if (!ends_scalar(c)) continue;
            flush(at);
            return true;
        }
        if (in_quotes_) {
            if (!escaped_ && !in_key_) at = end_of_plain_text(piece_, at);
            if (at == piece_.size()) break;
            take_in_quotes(piece_[at]);
            if (in_quotes_ || depth_ > 0) continue;
            flush(at + 1);
            return true;
        }
        if (take_structure(at)) return true;
    }
    flush(piece_.size());
    return false;
}

void ElementReader::take_in_quotes(char c) {
    if (escaped_) {
        escaped_ = false;
    } else if (c == '\\') {
        escaped_ = true;
    } else if (c == '"') {
        in_quotes_ = in_key_ = false;
        return;
    }
    if (in_key_) key_ += c;
}

bool ElementReader::take_structure(size_t at) {
    switch (piece_[at]) {
        case '"':
            in_quotes_ = true;
            in_key_ = depth_ == 1 && expects_key_;
            if (in_key_) key_.clear();
            return false;
        case ',':
            if (depth_ == 1) expects_key_ = !cutting_;
            return false;
        case ':':
            if (depth_ == 1) expects_key_ = false;
            return false;
        case '[':
        case '{':
            if (++depth_ == 1) return false;
            if (depth_ == 2 && piece_[at] == '[' && !expects_key_ &&
                std::count(cut_members_.begin(), cut_members_.end(), key_) > 0) {
                flush(at + 1);
                begin_cut();
            }
            return false;
        case ']':
        case '}':
            if (--depth_ == 1 && cutting_) {
                flush(at);
                end_cut();
            }
            if (depth_ > 0) return false;
            flush(at + 1);
            return true;
        default: return false;
    }
}

void ElementReader::flush(size_t end) {
    const std::string_view passed = piece_.substr(at_, end - at_);
    if (cutting_)
        text_.append(static_cast<size_t>(std::count(passed.begin(), passed.end(), '\n')), '\n');
    else
        text_ += passed;
    place_.advance(passed);
    at_ = end;
}

void ElementReader::begin_cut() {
    cutting_ = true;
    const SourceSpan begin = here();
    cuts_.push_back({key_, begin.offset, begin.offset, begin.line, begin.column});
}

// A member that stands in the same line as the end keeps its place as well.
void ElementReader::end_cut() {
    constexpr int32_t kWidest = 1'000;
    cutting_ = false;
    cuts_.back().end = place_.offset();
    const SourceSpan end = here();
    const bool one_line = end.line == cuts_.back().line;
    const int32_t blanks = one_line ? end.column - cuts_.back().column : end.column - 1;
    if (blanks <= kWidest) text_.append(static_cast<size_t>(blanks), ' ');
}

}  // namespace godwit::document
