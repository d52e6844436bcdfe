#include "emvcrypto/pinblock.h"

#include <algorithm>
#include <stdexcept>

#include "emvcrypto/nibbles.h"

namespace emvcrypto {
namespace {

constexpr std::size_t kBlock = 8;
constexpr std::size_t kNibbles = 2 * kBlock;

/// 0000 | the 12 rightmost digits of the PAN without its check digit, zeros on the left.
Bytes pan_field(std::string_view pan) {
  if (pan.size() < 2 || pan.size() > 19)
    throw std::invalid_argument("a PIN block is bound to a PAN of 2 to 19 digits");
  const std::string_view body = pan.substr(0, pan.size() - 1);
  return numeric(body.size() > 12 ? body.substr(body.size() - 12) : body, kBlock);
}

void combine(MutableBytes block, ByteView mask) {
  for (std::size_t i = 0; i < block.size(); ++i) block[i] ^= mask[i];
}

/// Control digit, length and PIN; the fill stays zero.
Secret start_of_block(int format, const Secret& pin) {
  Secret block(kBlock);
  place_pin(block.expose_mutable(), format, pin);
  return block;
}

void require_random(ByteView random, std::size_t size) {
  if (random.size() < size) throw std::invalid_argument("too few random bytes for a PIN block");
}

Secret filled_with_f(int format, const Secret& pin) {
  Secret block = start_of_block(format, pin);
  for (std::size_t i = kHeadNibbles + pin.size(); i < kNibbles; ++i)
    set_nibble(block.expose_mutable(), i, 0xF);
  return block;
}

bool is_fill(int format, std::uint8_t value) {
  switch (format) {
    case 1:
      return true;
    case 3:
      return value >= 0xA;
    default:
      return value == 0xF;
  }
}

/// The block with the PAN taken out, checked digit by digit.
Expected<Secret> open_block(int format, const Secret& block, std::string_view pan) {
  if (format < 0 || format > 3) throw std::invalid_argument("PIN block formats are 0 to 3");
  if (block.size() != kBlock) return fault("pin-format", "a PIN block has 8 bytes");
  Secret open = block.duplicate();
  if (format == 0 || format == 3) combine(open.expose_mutable(), pan_field(pan));
  const ByteView clear = open.expose();
  if (nibble(clear, 0) != format)
    return fault("pin-format", "the PIN block has another format, or its key is another");
  const std::size_t length = nibble(clear, 1);
  if (length < kMinPin || length > kMaxPin)
    return fault("pin-length", "the PIN block says a length that is not 4 to 12");
  bool good = true;
  for (std::size_t i = kHeadNibbles; i < kNibbles; ++i)
    good &= i < kHeadNibbles + length ? nibble(clear, i) <= 9 : is_fill(format, nibble(clear, i));
  if (!good)
    return fault("pin-block",
                 "the PIN block's digits or fill are wrong: it is for another PAN, "
                 "or its key is another");
  return open;
}

}  // namespace

Secret pin_block_0(const Secret& pin, std::string_view pan) {
  Secret block = filled_with_f(0, pin);
  combine(block.expose_mutable(), pan_field(pan));
  return block;
}

Secret pin_block_1(const Secret& pin, ByteView random) {
  require_random(random, kBlock - 1);
  Secret block = start_of_block(1, pin);
  for (std::size_t i = kHeadNibbles + pin.size(); i < kNibbles; ++i)
    set_nibble(block.expose_mutable(), i, nibble(random, i - kHeadNibbles));
  return block;
}

Secret pin_block_2(const Secret& pin) {
  return filled_with_f(2, pin);
}

Secret pin_block_3(const Secret& pin, std::string_view pan, ByteView random) {
  require_random(random, kNibbles - kHeadNibbles - kMinPin);
  Secret block = start_of_block(3, pin);
  for (std::size_t i = kHeadNibbles + pin.size(), used = 0; i < kNibbles; ++i, ++used)
    set_nibble(block.expose_mutable(), i, 0xAU + random[used] % 6U);
  combine(block.expose_mutable(), pan_field(pan));
  return block;
}

Expected<Secret> read_pin_block(int format, const Secret& block, std::string_view pan) {
  auto open = open_block(format, block, pan);
  if (!open) return tl::unexpected(open.error());
  return taken_pin(open->expose());
}

}  // namespace emvcrypto
