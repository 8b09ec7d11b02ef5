#include "model/problems.h"

#include <algorithm>

namespace godwit {
namespace {

constexpr size_t kMaxListed = 100;

}  // namespace

Result<void> Problems::check() const {
    if (errors_.empty()) return {};
    Error error = errors_.front();
    const size_t listed = std::min(errors_.size(), kMaxListed);
    for (size_t place = 1; place < listed; ++place) {
        const Error& other = errors_[place];
        error.details.push_back((other.where.known() ? to_string(other.where) + ": " : "") + other.message);
    }
    if (errors_.size() > listed)
        error.details.push_back("and " + std::to_string(errors_.size() - listed) + " more");
    return fail(std::move(error));
}

}  // namespace godwit
