// The shapes of the operations: AWS's own requests with a "type" in front.
// Source: the API reference of DynamoDB, version 2012-08-10.
#pragma once

#include "target/dynamodb/shape.h"

namespace godwit::dynamodb::shapes {

extern const Shape kCreateTable, kDeleteTable, kCreateIndex, kDeleteIndex, kUpdateBilling, kUpdateTtl,
    kUpdateStream, kUpdatePitr, kUpdateDeletionProtection, kTag, kPutItems, kDeleteItems, kUpdateItems,
    kPartiql, kRestoreItems, kNothing;
// One element of Updates, and of Statements.
extern const Shape kUpdate, kStatement;

}  // namespace godwit::dynamodb::shapes
