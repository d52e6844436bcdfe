/// Half bytes of PIN blocks, from the left. Internal to emvcrypto.
#pragma once

#include "emvcrypto/secret.h"

namespace emvcrypto {

inline constexpr std::size_t kMinPin = 4;
inline constexpr std::size_t kMaxPin = 12;
inline constexpr std::size_t kHeadNibbles = 2;  ///< control digit and length

inline std::uint8_t nibble(ByteView block, std::size_t at) {
  return at % 2 == 0 ? block[at / 2] >> 4 : block[at / 2] & 0x0F;
}

inline void set_nibble(MutableBytes block, std::size_t at, unsigned value) {
  std::uint8_t& b = block[at / 2];
  b = static_cast<std::uint8_t>(at % 2 == 0 ? (b & 0x0F) | value << 4 : (b & 0xF0) | value);
}

/// Control digit, length and the digits of the PIN (ASCII) at the block's left end. Throws
/// std::invalid_argument unless it has 4 to 12 digits.
void place_pin(MutableBytes block, int format, const Secret& pin);

/// The PIN (ASCII) of a block that was checked.
Secret taken_pin(ByteView block);

}  // namespace emvcrypto
