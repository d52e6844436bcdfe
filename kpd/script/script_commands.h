/// Commands as scripts write them. Internal to kpd/script.
#pragma once

#include "kpd/script/script_run.h"

namespace kpd::script {

/// The command that stands as a table in the first argument.
SendRequest read_command(lua_State* state, bool secured);

}  // namespace kpd::script
