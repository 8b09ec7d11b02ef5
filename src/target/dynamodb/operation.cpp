#include "target/dynamodb/operation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "target/dynamodb/operations/operations.h"
#include "target/dynamodb/request.h"
#include "target/dynamodb/shapes.h"

namespace godwit::dynamodb {
namespace {

struct Kind {
    std::string_view type;
    const Shape* shape;
    Made (*make)(RequestPtr request);
    // Members that may be handed over apart; the first that is there counts.
    std::array<std::string_view, 2> streamed = {};
};

constexpr std::array<Kind, 16> kKinds{{
    {"create_table", &shapes::kCreateTable, make_create_table},
    {"delete_table", &shapes::kDeleteTable, make_delete_table},
    {"create_index", &shapes::kCreateIndex, make_create_index},
    {"delete_index", &shapes::kDeleteIndex, make_delete_index},
    {"update_billing", &shapes::kUpdateBilling, make_update_billing},
    {"update_ttl", &shapes::kUpdateTtl, make_update_ttl},
    {"update_stream", &shapes::kUpdateStream, make_update_stream},
    {"update_pitr", &shapes::kUpdatePitr, make_update_pitr},
    {"update_deletion_protection", &shapes::kUpdateDeletionProtection, make_update_deletion_protection},
    {"tag", &shapes::kTag, make_tag},
    {"put_items", &shapes::kPutItems, make_put_items, {"Items"}},
    {"delete_items", &shapes::kDeleteItems, make_delete_items, {"Keys", "Items"}},
    {"update_items", &shapes::kUpdateItems, make_update_items, {"Updates"}},
    {"partiql", &shapes::kPartiql, make_partiql, {"Statements"}},
    {"restore_items", &shapes::kRestoreItems, make_restore_items},
    {"nothing", &shapes::kNothing, make_nothing},
}};

tl::unexpected<Error> unknown_type(const Step& step) {
    std::vector<std::string> known;
    for (const Kind& kind : kKinds) known.emplace_back(kind.type);
    const std::string_view type = net::json_raw(members_of(step.body), "type");
    const auto meant = nearest(step.verb, known);
    return fail(make_error(ErrorCode::kInvalidInput,
                           fmt::format("\"{}\" is no operation of DynamoDB", printable(step.verb)))
                    .at(type.empty() ? step.where : TextPlace(step.body, step.where).of(type))
                    .with_remedy(meant ? fmt::format("Did you mean {}?", *meant)
                                       : fmt::format("Known are {}.", join(known, ", "))));
}

std::string_view streamed_member(const Kind& kind, std::string_view body) {
    const Members members = members_of(body);
    for (const std::string_view name : kind.streamed) {
        if (!name.empty() && !net::json_raw(members, name).empty()) return name;
    }
    return kind.streamed.front();
}

}  // namespace

Result<std::unique_ptr<Operation>> parse_operation(const Step& step) {
    const auto kind = std::find_if(kKinds.begin(), kKinds.end(),
                                   [&](const Kind& known) { return known.type == step.verb; });
    if (kind == kKinds.end()) return unknown_type(step);
    return kind->make(TRY(Request::read(step, *kind->shape, streamed_member(*kind, step.body))));
}

}  // namespace godwit::dynamodb
