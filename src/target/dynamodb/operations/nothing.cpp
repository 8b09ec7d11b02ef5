// nothing: what takes back a step that found all as it wanted it.
#include "target/dynamodb/operations/operations.h"

namespace godwit::dynamodb {
namespace {

class Nothing final : public Operation {
public:
    bool destructive() const override { return false; }
    Result<void> apply(Service&, const ItemSource&) override { return {}; }
    Result<Effect> effect(Service&) override { return Effect::kPresent; }
    Result<std::string> inverse(Service&, const ItemSource&) override { return nothing_operation(); }
};

}  // namespace

std::string nothing_operation() { return R"({"type":"nothing"})"; }

Made make_nothing(RequestPtr) { return std::make_unique<Nothing>(); }

}  // namespace godwit::dynamodb
