#include "kpd/chip/pin_block.h"

namespace kpd::chip {
namespace {

constexpr std::size_t kBlockLength = 8;

std::uint8_t nibble(ByteView block, std::size_t at) {
  return at % 2 == 0 ? block[at / 2] >> 4 : block[at / 2] & 0x0F;
}

/// Whether a block of this format has a length of 4-12 and as many decimal digits.
bool has_pin(ByteView block, std::uint8_t format) {
  if (block.size() != kBlockLength || nibble(block, 0) != format) return false;
  const std::size_t length = nibble(block, 1);
  if (length < 4 || length > 12) return false;
  for (std::size_t i = 0; i < length; ++i)
    if (nibble(block, 2 + i) > 9) return false;
  return true;
}

}  // namespace

bool is_format_2(ByteView block) {
  if (!has_pin(block, 2)) return false;
  for (std::size_t at = 2 + std::size_t{nibble(block, 1)}; at < 2 * kBlockLength; ++at)
    if (nibble(block, at) != 0x0F) return false;
  return true;
}

std::optional<Secret> reference_pin_block(ByteView block) {
  if (is_format_2(block)) return Secret(block);
  if (!has_pin(block, 1)) return std::nullopt;
  Secret result(block);
  const auto bytes = result.expose_mutable();
  bytes[0] = static_cast<std::uint8_t>(0x20 | nibble(block, 1));
  for (std::size_t at = 2 + std::size_t{nibble(block, 1)}; at < 2 * kBlockLength; ++at)
    bytes[at / 2] |= at % 2 == 0 ? 0xF0 : 0x0F;
  return result;
}

}  // namespace kpd::chip
