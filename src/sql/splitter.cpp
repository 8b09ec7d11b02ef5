#include "sql/splitter.h"

#include <algorithm>
#include <cstring>

#include "sql/lexer.h"
#include "sql/line_counter.h"
#include "sql/psql_command.h"

namespace godwit {
namespace {

constexpr size_t kWindowBytes = 128 * 1024;

// The part of the input that is in memory: what has not been read yet, and
// before it what may still be asked for.
class Window {
public:
    Window(std::unique_ptr<ScriptSource> source, int64_t offset)
        : source_(std::move(source)), begin_(offset) {}

    int64_t begin() const { return begin_; }  // Offset of the first byte held.
    int64_t end() const { return begin_ + static_cast<int64_t>(size_); }
    std::string_view text() const { return {bytes_.get(), size_}; }
    std::string_view between(int64_t from, int64_t to) const {
        return text().substr(static_cast<size_t>(from - begin_), static_cast<size_t>(to - from));
    }

    // Drops what lies before `keep` and reads on. False at the end of the input,
    // and at a NUL byte, see has_nul().
    Result<bool> refill(int64_t keep) {
        if (has_nul_) return false;
        const auto dropped = static_cast<size_t>(keep - begin_);
        size_ -= dropped;
        begin_ = keep;
        if (dropped > 0 && size_ > 0) std::memmove(bytes_.get(), bytes_.get() + dropped, size_);
        if (size_ * 2 >= capacity_) grow();
        const size_t got = TRY(source_->read_into(bytes_.get() + size_, capacity_ - size_));
        const std::string_view fresh(bytes_.get() + size_, got);
        const size_t nul = fresh.find('\0');
        has_nul_ = nul != std::string_view::npos;
        size_ += has_nul_ ? nul : got;
        return has_nul_ ? nul > 0 : got > 0;
    }
    // The byte behind end() is NUL.
    bool has_nul() const { return has_nul_; }

private:
    void grow() {
        capacity_ = std::max(kWindowBytes, capacity_ * 2);
        auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
        if (size_ > 0) std::memcpy(larger.get(), bytes_.get(), size_);
        bytes_ = std::move(larger);
    }

    std::unique_ptr<ScriptSource> source_;
    std::unique_ptr<char[]> bytes_;
    size_t capacity_ = 0;
    size_t size_ = 0;
    int64_t begin_;
    bool has_nul_ = false;
};

class Splitter final : public StatementSplitter {
public:
    Splitter(std::unique_ptr<ScriptSource> source, const Script& script, Dialect dialect,
             std::function<void(const SourceSpan&, std::string)> note)
        : window_(std::move(source), script.begin),
          lexer_(make_lexer(dialect, script.begin)),
          lines_(script.begin, script.first_line),
          read_(script.begin),
          note_(std::move(note)) {
        statement_.where.file = script.file;
    }

    Result<const Statement*> next() override {
        if (failure_) return fail(*failure_);
        Result<const Statement*> result = find_statement();
        if (!result) failure_ = result.error();
        return result;
    }

    Result<std::string_view> read_data() override {
        if (failure_) return fail(*failure_);
        Result<std::string_view> result = find_data();
        if (!result) failure_ = result.error();
        return result;
    }

    bool data_was_closed() const override { return data_closed_; }

private:
    enum class Data : uint8_t { kNone, kAhead, kHere };

    Result<const Statement*> find_statement();
    Result<std::string_view> find_data();
    const Statement* found();
    Result<Stop> scan();
    Result<void> read_on(int64_t keep);
    Result<void> take_command();
    SourceSpan locate(int64_t offset) const;
    Error error_at(const Fault& fault) const;

    Window window_;
    std::unique_ptr<Lexer> lexer_;
    LineCounter lines_;  // Not beyond the first byte of the window that is still needed.
    int64_t read_;       // The lexer has read up to here.
    bool ended_ = false;
    size_t line_feeds_ = 0;  // Given to the lexer after the end.
    std::function<void(const SourceSpan&, std::string)> note_;

    Statement statement_;
    std::string kept_text_;  // Of a statement with data, which moves the window on.
    Data data_ = Data::kNone;
    int64_t data_from_ = 0;  // Not given away yet.
    bool data_closed_ = false;
    bool last_given_ = false;
    SourceSpan comment_;  // Where the comment was opened that left the window.
    std::optional<Error> failure_;
};

Result<const Statement*> Splitter::find_statement() {
    while (data_ != Data::kNone) TRY(find_data());
    const Stop stop = TRY(scan());
    if (stop == Stop::kStatement) return found();
    if (const std::optional<Fault> fault = lexer_->unclosed()) return fail(error_at(*fault));
    if (!lexer_->in_statement() || last_given_) return nullptr;
    last_given_ = true;
    return found();
}

const Statement* Splitter::found() {
    const int64_t begin = lexer_->statement_begin();
    lines_.advance(window_.between(lines_.offset(), begin));
    statement_.where.line = lines_.line();
    statement_.where.column = lines_.column();
    statement_.where.offset = begin;
    statement_.text = window_.between(begin, lexer_->statement_end());
    statement_.end_offset = read_;
    statement_.words.clear();
    for (size_t i = 0; i < lexer_->words().count(); ++i) statement_.words.push_back(lexer_->words()[i]);
    statement_.has_data = lexer_->has_data();
    statement_.prints_data = lexer_->prints_data();
    if (statement_.has_data) {
        kept_text_ = statement_.text;
        statement_.text = kept_text_;
        data_ = Data::kAhead;
        data_closed_ = false;
    }
    return &statement_;
}

Result<std::string_view> Splitter::find_data() {
    if (data_ == Data::kAhead) {
        data_ = TRY(scan()) == Stop::kData ? Data::kHere : Data::kNone;
        data_from_ = read_;
    }
    while (data_ == Data::kHere) {
        if (read_ == window_.end() && !ended_) CHECK(read_on(data_from_));
        size_t at = static_cast<size_t>(read_ - window_.begin());
        if (ended_) {
            data_closed_ = lexer_->scan("\n", line_feeds_) == Stop::kDataEnd;
            data_ = Data::kNone;
        } else if (lexer_->scan(window_.text(), at) == Stop::kDataEnd) {
            data_closed_ = true;
            data_ = Data::kNone;
        }
        read_ = window_.begin() + static_cast<int64_t>(at);
        const int64_t from = data_from_;
        data_from_ = std::max(from, std::min(lexer_->data_end(), window_.end()));
        if (data_from_ > from) return window_.between(from, data_from_);
    }
    statement_.end_offset = read_;
    return std::string_view();
}

// Reads on to the end of a statement or the beginning of data; kInput at the
// end of the input.
Result<Stop> Splitter::scan() {
    while (true) {
        Stop stop = Stop::kInput;
        if (read_ < window_.end()) {
            auto at = static_cast<size_t>(read_ - window_.begin());
            stop = lexer_->scan(window_.text(), at);
            read_ = window_.begin() + static_cast<int64_t>(at);
        } else if (!ended_) {
            CHECK(read_on(lexer_->needed_from()));
        } else if (line_feeds_ == 0) {
            stop = lexer_->scan("\n", line_feeds_);
        } else {
            return Stop::kInput;
        }
        if (stop == Stop::kStatement || stop == Stop::kData) return stop;
        if (stop == Stop::kCommand) CHECK(take_command());
        if (stop == Stop::kFault) return fail(error_at(lexer_->fault()));
    }
}

Result<void> Splitter::read_on(int64_t keep) {
    if (lexer_->in_comment() && !lexer_->in_statement() && lexer_->opened() >= lines_.offset()) {
        comment_ = locate(lexer_->opened());
    }
    if (keep > lines_.offset()) lines_.advance(window_.between(lines_.offset(), keep));
    if (TRY(window_.refill(keep))) return {};
    if (window_.has_nul()) {
        return fail(error_at({window_.end(), "a NUL byte, which cannot be part of a script",
                              "Save the file as UTF-8 text, without NUL bytes."}));
    }
    ended_ = true;
    lexer_->end_input();
    return {};
}

Result<void> Splitter::take_command() {
    const PsqlCommand& command = lexer_->command();
    Result<std::string> note = judge_psql_command(command);
    if (!note) return fail(std::move(note).error().at(locate(command.offset)));
    if (note_) note_(locate(command.offset), std::move(*note));
    return {};
}

SourceSpan Splitter::locate(int64_t offset) const {
    LineCounter lines = lines_;
    lines.advance(window_.between(lines.offset(), offset));
    return {statement_.where.file, lines.line(), lines.column(), offset};
}

Error Splitter::error_at(const Fault& fault) const {
    const bool left_window = fault.offset == comment_.offset;
    return make_error(ErrorCode::kInvalidInput, fault.message)
        .at(left_window ? comment_ : locate(fault.offset))
        .with_remedy(fault.remedy);
}

}  // namespace

Result<std::unique_ptr<StatementSplitter>> StatementSplitter::open(
    const Script& script, Dialect dialect, std::function<void(const SourceSpan&, std::string)> note) {
    return over(TRY(ScriptSource::open(script)), script, dialect, std::move(note));
}

std::unique_ptr<StatementSplitter> StatementSplitter::over(
    std::unique_ptr<ScriptSource> source, const Script& script, Dialect dialect,
    std::function<void(const SourceSpan&, std::string)> note) {
    return std::make_unique<Splitter>(std::move(source), script, dialect, std::move(note));
}

}  // namespace godwit
