/// The stations of a server's machine, wherever they are.
#pragma once

#include <vector>

#include "kpd/serve/server_config.h"
#include "kpd/station/slot_place.h"

namespace kpd {

/// Throws Failure(away) when a place has no such reader, cps::SlotGone when it cannot be reached.
std::vector<SlotPlace> open_slots(const ServerMachine& machine);

}  // namespace kpd
