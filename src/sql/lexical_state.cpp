#include "sql/lexical_state.h"

#include "sql/lexer.h"

namespace godwit {

struct LexicalState::State {
    std::unique_ptr<Lexer> lexer;
};

LexicalState::LexicalState(Dialect dialect)
    : state_(std::make_unique<State>(State{make_lexer(dialect, 0)})) {}
LexicalState::~LexicalState() = default;
LexicalState::LexicalState(LexicalState&&) noexcept = default;
LexicalState& LexicalState::operator=(LexicalState&&) noexcept = default;

void LexicalState::feed(std::string_view text) {
    for (size_t at = 0; at < text.size();) state_->lexer->scan(text, at);
}

bool LexicalState::in_plain_text() const { return state_->lexer->in_plain_text(); }

}  // namespace godwit
