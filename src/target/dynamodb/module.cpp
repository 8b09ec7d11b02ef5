// The module's one exported symbol.
#include "target/dynamodb/dynamodb_target.h"
#include "target/module.h"

extern "C" __attribute__((visibility("default"))) const godwit::TargetModule godwit_target_module;

const godwit::TargetModule godwit_target_module = {GODWIT_MODULE_ABI, &godwit::dynamodb::open_target};
