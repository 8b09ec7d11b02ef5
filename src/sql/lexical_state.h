// Tells, line by line, whether a place in a script is plain text or lies inside
// a quoted string, a dollar-quoted body, a block comment or COPY data. For
// finding section markers, which count only in plain text.
#pragma once

#include <memory>
#include <string_view>

#include "sql/dialect.h"

namespace godwit {

class LexicalState {
public:
    explicit LexicalState(Dialect dialect);
    ~LexicalState();
    LexicalState(LexicalState&&) noexcept;
    LexicalState& operator=(LexicalState&&) noexcept;

    // Any pieces, in order.
    void feed(std::string_view text);
    // Whether what comes next is neither quoted, nor comment, nor data. A `--`
    // comment ends with its line, so at the start of a line it does not count.
    bool in_plain_text() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace godwit
