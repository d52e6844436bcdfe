#include "emvcrypto/pin_translation.h"

#include <stdexcept>

#include "emvcrypto/pinblock.h"
#include "emvcrypto/pinblock_aes.h"

namespace emvcrypto {

ClearPinBlock make_pin_block(int format, const Secret& pin, std::string_view pan, ByteView random) {
  switch (format) {
    case 0:
      return {format, pin_block_0(pin, pan)};
    case 1:
      return {format, pin_block_1(pin, random)};
    case 2:
      return {format, pin_block_2(pin)};
    case 3:
      return {format, pin_block_3(pin, pan, random)};
    case 4:
      return {format, pin_field_4(pin, random)};
    default:
      throw std::invalid_argument("PIN block formats are 0 to 4");
  }
}

Expected<Secret> read_any_pin_block(const ClearPinBlock& block, std::string_view pan) {
  if (block.format == 4) return read_pin_field_4(block.block);
  return read_pin_block(block.format, block.block, pan);
}

Expected<ClearPinBlock> translate_pin_block(const ClearPinBlock& from, std::string_view from_pan,
                                            int to_format, std::string_view to_pan,
                                            ByteView random) {
  const auto pin = read_any_pin_block(from, from_pan);
  if (!pin) return tl::unexpected(pin.error());
  return make_pin_block(to_format, *pin, to_pan, random);
}

}  // namespace emvcrypto
