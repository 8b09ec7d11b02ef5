// Several problems as one error.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"

namespace godwit {

// Collects problems of one kind, so that a person can mend all of them at once.
class Problems {
public:
    void add(Error error) { errors_.push_back(std::move(error)); }
    size_t size() const { return errors_.size(); }

    // The first problem is the error; its details are what it had and the
    // others, each with its place. Beyond 100 they are only counted.
    Result<void> check() const;

private:
    std::vector<Error> errors_;
};

}  // namespace godwit
