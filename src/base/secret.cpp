#include "base/secret.h"

#include <cstring>

namespace godwit {

Secret::~Secret() {
    if (!text_.empty()) explicit_bzero(text_.data(), text_.size());
}

}  // namespace godwit
