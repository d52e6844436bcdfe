/// What `kpd machine` prints.
#pragma once

#include "kpd/machine/what_if.h"

namespace kpd {

/// The line as a picture, and what each module does, on standard output.
void show_machine(const MachineModel& machine);

/// The answer to a what-if question, as tables or as JSON, on standard output.
void report_what_if(const MachineModel& machine, const Batch& batch, const WhatIf& answer,
                    bool json);

}  // namespace kpd
