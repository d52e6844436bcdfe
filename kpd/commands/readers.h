/// Choosing readers on the command line.
#pragma once

#include <string>
#include <vector>

#include "kpd/commands/command.h"
#include "kpd/station/slot_place.h"

namespace kpd {

struct ReaderArguments {
  std::vector<std::string> names;
  std::vector<std::string> pcscds;    ///< sockets of pcscd instances
  std::vector<std::string> stations;  ///< HOST:PORT
  std::string station_tls;
  unsigned station_patience = 60;
  bool conveyor = false;

  void add_to(CLI::App& command);

  /// The readers of all the pcscd instances and stations given, or of the default pcscd when none
  /// is; of them those whose names hold one of the given texts, all when none is given. Throws
  /// Failure(away) when there is none, Failure(usage), cps::SlotGone.
  std::vector<SlotPlace> chosen() const;

 private:
  std::vector<SlotPlace> all() const;
};

}  // namespace kpd
