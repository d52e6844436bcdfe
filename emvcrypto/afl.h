/// The application file locator (EMV 4.4 Book 3, 10.2).
#pragma once

#include <vector>

#include "emvcrypto/bytes.h"
#include "emvcrypto/fault.h"

namespace emvcrypto {

struct AflEntry {
  std::uint8_t sfi = 0;    ///< 1-30
  std::uint8_t first = 0;  ///< first record, 1-255
  std::uint8_t last = 0;
  std::uint8_t signed_count = 0;  ///< leading records that data authentication covers
  bool operator==(const AflEntry&) const = default;
};

Bytes encode_afl(std::span<const AflEntry> entries);

/// Fault "afl" when the length is no multiple of 4 or an entry contradicts itself.
Expected<std::vector<AflEntry>> parse_afl(ByteView afl);

}  // namespace emvcrypto
