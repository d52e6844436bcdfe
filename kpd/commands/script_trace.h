/// kpd script trace: sessions of scripts that are kept.
#pragma once

#include "kpd/commands/command.h"

namespace kpd {

void add_script_trace(CLI::App& parent, Invocation& invocation);

}  // namespace kpd
