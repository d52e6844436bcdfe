#include "emvcrypto/nibbles.h"

#include <algorithm>
#include <stdexcept>

namespace emvcrypto {

void place_pin(MutableBytes block, int format, const Secret& pin) {
  const ByteView digits = pin.expose();
  const bool numeric_pin =
      std::ranges::all_of(digits, [](std::uint8_t c) { return c >= '0' && c <= '9'; });
  if (digits.size() < kMinPin || digits.size() > kMaxPin || !numeric_pin)
    throw std::invalid_argument("a PIN has 4 to 12 digits");
  set_nibble(block, 0, static_cast<unsigned>(format));
  set_nibble(block, 1, static_cast<unsigned>(digits.size()));
  for (std::size_t i = 0; i < digits.size(); ++i)
    set_nibble(block, kHeadNibbles + i, digits[i] - unsigned{'0'});
}

Secret taken_pin(ByteView block) {
  Secret pin(std::size_t{nibble(block, 1)});
  for (std::size_t i = 0; i < pin.size(); ++i)
    pin.expose_mutable()[i] = static_cast<std::uint8_t>('0' + nibble(block, kHeadNibbles + i));
  return pin;
}

}  // namespace emvcrypto
