/// Where a station is: known by name, opened when it is needed.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cps/slot.h"

namespace kpd {

struct SlotPlace {
  std::string name;                                  ///< as cps::Slot has it
  std::function<std::unique_ptr<cps::Slot>()> open;  ///< throws cps::SlotGone
};

}  // namespace kpd
