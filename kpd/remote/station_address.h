/// Where a station host is and how it is reached.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "kpd/station/slot_place.h"

namespace kpd {

struct StationAddress {
  std::string address;        ///< "HOST:PORT" for TLS, or "unix:/PATH"
  std::filesystem::path tls;  ///< folder with ca.pem, client.pem, client.key; none for a socket
  std::string label;          ///< stands before the readers' names; empty: the address
  /// How long a broken link may last before a card on it is given up.
  std::chrono::milliseconds patience{60'000};
  std::shared_ptr<const void> owner;  ///< what must live as long as the slots: the host's process
};

/// The readers of a station host, named "LABEL/READER". Asks the host once, now. Throws
/// cps::SlotGone when it cannot be reached or does not know us, Failure(hold) for unusable TLS
/// files. The places' open() throws cps::SlotGone when a reader is held by another client.
std::vector<SlotPlace> station_slots(const StationAddress& address);

}  // namespace kpd
