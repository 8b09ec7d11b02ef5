// The makers of the operations, one for each "type"; what one is about stands in its
// own file. Each takes a request that fits its shape, and checks what a shape cannot say.
#pragma once

#include <memory>
#include <string>

#include "target/dynamodb/operation.h"
#include "target/dynamodb/request.h"

namespace godwit::dynamodb {

using Made = Result<std::unique_ptr<Operation>>;

Made make_create_table(RequestPtr request);
Made make_delete_table(RequestPtr request);
Made make_create_index(RequestPtr request);
Made make_delete_index(RequestPtr request);
Made make_update_billing(RequestPtr request);
Made make_update_ttl(RequestPtr request);
Made make_update_stream(RequestPtr request);
Made make_update_pitr(RequestPtr request);
Made make_update_deletion_protection(RequestPtr request);
Made make_tag(RequestPtr request);
Made make_put_items(RequestPtr request);
Made make_delete_items(RequestPtr request);
Made make_restore_items(RequestPtr request);
Made make_update_items(RequestPtr request);
Made make_partiql(RequestPtr request);
Made make_nothing(RequestPtr request);

// The inverse of a step that has nothing to change.
std::string nothing_operation();

}  // namespace godwit::dynamodb
