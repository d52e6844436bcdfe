#include "emvcrypto/pinblock_aes.h"

#include <algorithm>
#include <stdexcept>

#include "emvcrypto/nibbles.h"

namespace emvcrypto {
namespace {

constexpr int kFormat = 4;
constexpr std::size_t kField = 16;
constexpr std::size_t kHalf = kField / 2;  // PIN and fill, then random bytes
constexpr unsigned kFill = 0xA;
constexpr std::size_t kShortestPan = 12;

void combine(MutableBytes fields, ByteView mask) {
  for (std::size_t i = 0; i < fields.size(); ++i) fields[i] ^= mask[i];
}

void check_sizes(MutableBytes fields, ByteView pan_fields) {
  if (fields.size() != pan_fields.size() || fields.size() % kField != 0)
    throw std::invalid_argument("PIN and PAN fields have 16 bytes each, and are as many");
}

}  // namespace

Secret pin_field_4(const Secret& pin, ByteView random) {
  if (random.size() < kHalf)
    throw std::invalid_argument("too few random bytes for a PIN block of format 4");
  Secret field(kField);
  const MutableBytes out = field.expose_mutable();
  place_pin(out, kFormat, pin);
  for (std::size_t i = kHeadNibbles + pin.size(); i < 2 * kHalf; ++i) set_nibble(out, i, kFill);
  std::ranges::copy(random.first(kHalf), out.begin() + kHalf);
  return field;
}

Bytes pan_field_4(std::string_view pan) {
  if (pan.empty() || pan.size() > 19 ||
      pan.find_first_not_of("0123456789") != std::string_view::npos)
    throw std::invalid_argument("a PIN block is bound to a PAN of 1 to 19 digits");
  std::string digits = pan.size() < kShortestPan ? "0" + std::string(kShortestPan - pan.size(), '0')
                                                 : std::to_string(pan.size() - kShortestPan);
  digits += pan;
  digits.resize(2 * kField, '0');
  return from_hex(digits);
}

void encipher_fields_4(BlockCipher& aes, MutableBytes pin_fields, ByteView pan_fields) {
  check_sizes(pin_fields, pan_fields);
  aes.encrypt(pin_fields);
  combine(pin_fields, pan_fields);
  aes.encrypt(pin_fields);
}

void decipher_fields_4(BlockCipher& aes, MutableBytes blocks, ByteView pan_fields) {
  check_sizes(blocks, pan_fields);
  aes.decrypt(blocks);
  combine(blocks, pan_fields);
  aes.decrypt(blocks);
}

Expected<Secret> read_pin_field_4(const Secret& field) {
  if (field.size() != kField) return fault("pin-format", "a PIN block of format 4 has 16 bytes");
  const ByteView clear = field.expose();
  if (nibble(clear, 0) != kFormat)
    return fault("pin-format", "the PIN block has another format, or its PAN or key is another");
  const std::size_t length = nibble(clear, 1);
  if (length < kMinPin || length > kMaxPin)
    return fault("pin-length", "the PIN block says a length that is none of a PIN");
  bool good = true;
  for (std::size_t i = kHeadNibbles; i < 2 * kHalf; ++i)
    good &= i < kHeadNibbles + length ? nibble(clear, i) <= 9 : nibble(clear, i) == kFill;
  if (!good)
    return fault("pin-block",
                 "the PIN block's digits or fill are wrong: it is for another PAN, or its key is "
                 "another");
  return taken_pin(clear);
}

}  // namespace emvcrypto
