// One function for each command's entry in the table of app/commands.cpp.
#pragma once

#include "app/command.h"

namespace godwit {

CommandSpec init_command();
CommandSpec new_command();
CommandSpec revision_command();
CommandSpec merge_command();
CommandSpec status_command();
CommandSpec plan_command();
CommandSpec up_command();
CommandSpec down_command();
CommandSpec redo_command();
CommandSpec current_command();
CommandSpec history_command();
CommandSpec heads_command();
CommandSpec branches_command();
CommandSpec show_command();
CommandSpec stamp_command();
CommandSpec validate_command();
CommandSpec repair_command();
CommandSpec lock_command();
CommandSpec setup_command();
CommandSpec seed_command();
CommandSpec version_command();
CommandSpec completion_command();
CommandSpec help_command();

}  // namespace godwit
