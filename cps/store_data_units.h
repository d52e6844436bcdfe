/// DGIs that stay together on their way into the card, in the order in which they go; internal to
/// the STORE DATA planner.
#pragma once

#include <map>

#include "cps/record.h"

namespace cps {

/// One DGI, or one GROUP of them.
struct StoreDataUnit {
  std::vector<std::size_t> dgis;  ///< indices in Application::dgis
  std::size_t size = 0;           ///< bytes of their encodings
  bool enciphered = false;
  bool refusable = false;  ///< VERCNTL
};

/// Where each DGI of the application stands. Fault "store-data" when one comes twice.
Expected<std::map<DgiId, std::size_t>> index_dgis(const Application& application);

/// The units in order; secrets fill whole blocks of so many bytes. Fault "store-data" on groups and
/// orders that cannot be kept.
Expected<std::vector<StoreDataUnit>> ordered_units(const Application& application,
                                                   const DeviceInstructions& instructions,
                                                   std::size_t block);

}  // namespace cps
