// Splits text for tests, and writes down what was found, one line per finding.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "sql/splitter.h"

namespace godwit {

// Gives out a text in pieces of `step` bytes.
class TextSource final : public ScriptSource {
public:
    TextSource(std::string_view text, size_t step) : text_(text), step_(step) {}
    Result<size_t> read_into(char* buffer, size_t capacity) override {
        const size_t size = std::min({capacity, step_, text_.size()});
        if (size > 0) std::memcpy(buffer, text_.data(), size);
        text_.remove_prefix(size);
        return size;
    }

private:
    std::string_view text_;
    size_t step_;
};

struct Found {
    enum class Kind : uint8_t { kStatement, kData, kNote, kError };
    Kind kind = Kind::kStatement;
    SourceSpan where;        // Not of data.
    int64_t end_offset = 0;  // Of statements and data.
    std::string words;
    std::string text;  // The statement, data, note, or message.
    bool has_data = false;
};

inline std::vector<Found> split_script(std::string_view text, Dialect dialect, size_t step,
                                       int64_t begin = 0) {
    Script script;
    script.begin = begin;
    std::vector<Found> all;
    const auto note = [&](const SourceSpan& where, std::string said) {
        all.push_back({Found::Kind::kNote, where, 0, "", std::move(said)});
    };
    const auto error = [&](const Error& failure) {
        all.push_back({Found::Kind::kError, failure.where, 0, "", failure.message});
    };
    auto splitter = StatementSplitter::over(std::make_unique<TextSource>(text, step), script, dialect, note);
    while (true) {
        const Result<const Statement*> next = splitter->next();
        if (!next) {
            error(next.error());
            return all;
        }
        const Statement* const statement = *next;
        if (statement == nullptr) return all;
        all.push_back({Found::Kind::kStatement, statement->where, statement->end_offset,
                       fmt::format("{}", fmt::join(statement->words, " ")), std::string(statement->text),
                       statement->has_data});
        if (!statement->has_data) continue;
        std::string data;
        while (true) {
            const Result<std::string_view> piece = splitter->read_data();
            if (!piece) {
                error(piece.error());
                return all;
            }
            if (piece->empty()) break;
            data += *piece;
        }
        all.push_back({Found::Kind::kData, {}, statement->end_offset, "", std::move(data)});
    }
}

// Without line feeds and other control characters, and reversible.
inline std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\')
            out += "\\\\";
        else if (c == '\n')
            out += "\\n";
        else if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F)
            out += fmt::format("\\x{:02x}", static_cast<uint8_t>(c));
        else
            out += c;
    }
    return out;
}

inline std::string to_line(const Found& found) {
    const std::string place = fmt::format("{}:{}", found.where.line, found.where.column);
    switch (found.kind) {
        case Found::Kind::kStatement:
            return fmt::format("{} {}-{} {}{}| {}\n", place, found.where.offset, found.end_offset,
                               found.words, found.words.empty() ? "" : " ", escaped(found.text));
        case Found::Kind::kData:
            return fmt::format("data -{} | {}\n", found.end_offset, escaped(found.text));
        case Found::Kind::kNote:
            return fmt::format("note {} {}\n", place, found.text);
        case Found::Kind::kError:
            return fmt::format("error {} {} {}\n", place, found.where.offset, found.text);
    }
    return {};
}

inline std::string to_text(const std::vector<Found>& all) {
    std::string out;
    for (const Found& found : all) out += to_line(found);
    return out;
}

}  // namespace godwit
