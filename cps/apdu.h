/// Command APDUs (ISO/IEC 7816-4, short form) and status words.
#pragma once

#include <optional>
#include <string>

#include "emvcrypto/bytes.h"

namespace cps {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

struct Command {
  std::uint8_t cla = 0, ins = 0, p1 = 0, p2 = 0;
  Bytes data;                             ///< up to 255 bytes
  std::optional<std::uint16_t> expected;  ///< Le, 1-256; nothing: none

  Bytes header() const { return {cla, ins, p1, p2}; }
  /// The bytes on the wire. Throws std::length_error when the data is longer than 255.
  Bytes encode() const;
};

/// "6985 conditions of use not satisfied": a status word in words.
std::string status_text(std::uint16_t status);

}  // namespace cps
