// Owners for what libpq hands out.
#pragma once

#include <libpq-fe.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace godwit::postgres {

struct FreeResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
struct FreeConnection {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct FreeCancel {
    void operator()(PGcancel* cancel) const { PQfreeCancel(cancel); }
};

using ResultHandle = std::unique_ptr<PGresult, FreeResult>;
using ConnectionHandle = std::unique_ptr<PGconn, FreeConnection>;
using CancelHandle = std::unique_ptr<PGcancel, FreeCancel>;

// A field of a result in text format; empty for NULL.
inline std::string_view field(const ResultHandle& result, int row, int column) {
    return {PQgetvalue(result.get(), row, column), static_cast<size_t>(PQgetlength(result.get(), row, column))};
}
inline std::string text_field(const ResultHandle& result, int row, int column) {
    return std::string(field(result, row, column));
}
inline bool bool_field(const ResultHandle& result, int row, int column) { return field(result, row, column) == "t"; }
inline int64_t number_field(const ResultHandle& result, int row, int column) {
    return std::strtoll(PQgetvalue(result.get(), row, column), nullptr, 10);
}
inline bool is_null(const ResultHandle& result, int row, int column) {
    return PQgetisnull(result.get(), row, column) != 0;
}

}  // namespace godwit::postgres
