/// How the stations of a run work.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "cps/loader.h"
#include "kpd/keys/host_window.h"
#include "kpd/keys/key_roles.h"
#include "kpd/script/script.h"
#include "kpd/station/card_books.h"
#include "kpd/station/slot_place.h"

namespace kpd {

/// Which cards are made again although a chip may hold something of them.
struct Remake {
  bool failed = false;            ///< those that failed
  bool doubt = false;             ///< those in doubt: their chips must have been destroyed
  bool all = false;               ///< finished ones too
  std::set<std::string> records;  ///< these, whatever their state

  bool covers(const CardEntry& entry) const;
};

/// How often what fails is tried.
struct RetryPolicy {
  unsigned chips = 1;  ///< that a card may meet in one run; never after it came into doubt
  unsigned failures_in_a_row = 10;  ///< of all stations together, then all stop; 0: never
};

/// How the stations work.
struct StationOptions {
  std::vector<SlotPlace> slots;
  bool conveyor = false;       ///< the next chip comes by a cold reset, not by an operator's hand
  unsigned card_seconds = 60;  ///< how long a card, or a reader that is gone, is waited for
  cps::LoadOptions load;
  WindowPolicy windows;
  KeyRoles key_roles = default_key_roles();  ///< of the area
  /// Scripts by product; that of the empty name is for all others. Without one a record is loaded
  /// as EMV CPS has it.
  std::map<std::string, Script> scripts;
  std::map<std::string, std::string> parameters;       ///< that scripts may read
  std::function<void(const std::string&)> script_log;  ///< what scripts say, PANs masked
  std::filesystem::path books;                         ///< folder of the stations' books
  Remake remake;
  RetryPolicy retry;
  std::function<bool()> stop_wanted;  ///< asked between cards; nothing: never
};

}  // namespace kpd
