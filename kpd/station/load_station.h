/// Personalising the cards of a file on several readers at once.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cps/loader.h"
#include "hsm/token.h"
#include "kpd/keys/host_window.h"
#include "kpd/keys/key_roles.h"
#include "kpd/script/script.h"
#include "kpd/station/card_queue.h"
#include "kpd/station/slot_place.h"

namespace kpd {

/// How the stations work.
struct StationOptions {
  std::vector<SlotPlace> slots;
  bool conveyor = false;       ///< the next chip comes by a cold reset, not by an operator's hand
  unsigned card_seconds = 60;  ///< how long an operator has to put in the next card
  cps::LoadOptions load;
  WindowPolicy windows;
  KeyRoles key_roles = default_key_roles();  ///< of the area
  /// Scripts by product; that of the empty name is for all others. Without one a record is loaded
  /// as EMV CPS has it.
  std::map<std::string, Script> scripts;
  std::map<std::string, std::string> parameters;       ///< that scripts may read
  std::function<void(const std::string&)> script_log;  ///< what scripts say, PANs masked
};

/// One card's end at a station.
struct StationResult {
  std::uint64_t index = 0;
  std::string record_id, product, reader;
  cps::LoadResult result;
};

/// Counts over all stations.
struct StationTotals {
  std::uint64_t loaded = 0, failed = 0;
  std::uint64_t untouched = 0;            ///< wanted, but no chip was there for them
  std::vector<std::string> idle_readers;  ///< where no (further) card came in time
  std::vector<std::string> windows;
  std::string stopped_because;  ///< empty: every card was tried
};

/// Checks the whole file first, then runs one thread and one key service a reader over a shared
/// token until no card is left. A chip that does not share our keys, or a script at fault, stops
/// every station before a second one is put at risk. `report` is called for each card, one at a
/// time. Throws cps::FileError before the first chip when the file is not sound, Failure when a
/// device breaks.
StationTotals load_cards(const std::string& file, CardSelection selection,
                         std::shared_ptr<hsm::Token> token, const StationOptions& options,
                         const std::function<void(const StationResult&)>& report);

}  // namespace kpd
