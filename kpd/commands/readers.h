/// Choosing readers on the command line.
#pragma once

#include <string>
#include <vector>

#include "kpd/commands/command.h"
#include "kpd/station/slot_place.h"

namespace kpd {

struct ReaderArguments {
  std::vector<std::string> names;
  bool conveyor = false;

  void add_to(CLI::App& command);

  /// The readers whose names hold one of the given texts; all of them when none is given. Throws
  /// Failure(away) when there is none.
  std::vector<SlotPlace> chosen() const;
};

}  // namespace kpd
