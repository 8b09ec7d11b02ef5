#include "target/postgres/places.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/text.h"

namespace godwit::postgres {
namespace {

// The number after `words` in the first line of `context` that holds them.
std::optional<int32_t> number_after(std::string_view context, std::string_view words) {
    const size_t at = context.find(words);
    if (at == std::string_view::npos) return std::nullopt;
    return static_cast<int32_t>(std::strtol(context.data() + at + words.size(), nullptr, 10));
}

// The start of what stands in line `number` (from 1) of `text`, in bytes.
size_t start_of_line(std::string_view text, int32_t number) {
    size_t at = 0;
    for (int32_t line = 1; line < number; ++line) {
        const size_t end = text.find('\n', at);
        if (end == std::string_view::npos) return at;
        at = end + 1;
    }
    const size_t first = text.find_first_not_of(" \t", at);
    return first == std::string_view::npos ? at : first;
}

// The server counts the lines of a block from the one where its quote opens.
std::optional<SourceSpan> line_of_block(const Batch::Place& place, const std::string& context) {
    if (!equal_ignoring_case(place.statement.substr(0, 2), "DO")) return std::nullopt;
    const auto line = number_after(context, "PL/pgSQL function inline_code_block line ");
    const size_t body = place.statement.find_first_of("$'");
    if (!line || *line < 2 || body == std::string_view::npos) return std::nullopt;
    const size_t inside = body + start_of_line(place.statement.substr(body), *line);
    return advance(place.where, place.statement.substr(0, inside));
}

// Data starts on the line after its statement.
std::optional<SourceSpan> line_of_data(const Batch::Place& place, const std::string& context) {
    if (!context.starts_with("COPY ")) return std::nullopt;
    const auto line = number_after(context.substr(0, context.find('\n')), ", line ");
    if (!line) return std::nullopt;
    return SourceSpan{place.where.file, advance(place.where, place.statement).line + *line, 1, -1};
}

}  // namespace

SourceSpan refine(const Batch::Place& place, const ServerError& error) {
    if (!place.where.known() || error.position) return place.where;
    if (const auto data = line_of_data(place, error.context)) return *data;
    return line_of_block(place, error.context).value_or(place.where);
}

}  // namespace godwit::postgres
