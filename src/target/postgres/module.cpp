// The module's one exported symbol.
#include "target/module.h"
#include "target/postgres/postgres_target.h"

extern "C" __attribute__((visibility("default"))) const godwit::TargetModule godwit_target_module;

const godwit::TargetModule godwit_target_module = {GODWIT_MODULE_ABI, &godwit::postgres::open_target};
