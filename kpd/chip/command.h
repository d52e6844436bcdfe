/// A command APDU taken apart.
#pragma once

#include <optional>

#include "kpd/chip/status.h"

namespace kpd::chip {

/// One short command APDU (ISO/IEC 7816-4, 5.1).
struct Command {
  std::uint8_t cla = 0;
  std::uint8_t ins = 0;
  std::uint8_t p1 = 0;
  std::uint8_t p2 = 0;
  Bytes data;
  std::size_t le = 0;  ///< most bytes wanted back, 1-256; 0: not said

  /// P1 and P2 as one number.
  std::uint16_t p1p2() const { return static_cast<std::uint16_t>(p1 << 8 | p2); }
};

/// Reads the four short cases. Nothing when the lengths do not fit together or are extended.
std::optional<Command> parse_command(ByteView apdu);

}  // namespace kpd::chip
