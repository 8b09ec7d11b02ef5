// The one way functions report failure: a value, or an Error.
//
//     Result<int> parse(std::string_view text);
//     ...
//     const int count = TRY(parse(text));          // or returns the Error
//     return fail(ErrorCode::kInvalidInput, "not a number");
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "base/error.h"

namespace godwit {

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
    return fail(make_error(code, std::move(message)));
}

}  // namespace godwit

// Unwraps a Result, or returns its Error from the enclosing function. A
// statement expression (gcc and clang); it yields a value, never a reference.
// For Result<void> use CHECK.
#define TRY(expression) GODWIT_TRY_AS(expression, GODWIT_JOIN(try_result_, __COUNTER__))
#define CHECK(expression) GODWIT_CHECK_AS(expression, GODWIT_JOIN(check_result_, __COUNTER__))

#define GODWIT_JOIN(a, b) GODWIT_JOIN_NOW(a, b)
#define GODWIT_JOIN_NOW(a, b) a##b
#define GODWIT_TRY_AS(expression, name)                     \
    __extension__({                                         \
        auto name = (expression);                           \
        if (!name.has_value()) [[unlikely]]                 \
            return ::godwit::fail(std::move(name).error()); \
        std::move(name).value();                            \
    })
#define GODWIT_CHECK_AS(expression, name)                   \
    do {                                                    \
        auto name = (expression);                           \
        if (!name.has_value()) [[unlikely]]                 \
            return ::godwit::fail(std::move(name).error()); \
    } while (false)
