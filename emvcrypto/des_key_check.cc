#include "emvcrypto/des_key_check.h"

#include <algorithm>
#include <array>
#include <bit>
#include <stdexcept>

namespace emvcrypto {
namespace {

constexpr std::size_t kHalf = 8;
constexpr std::uint8_t kWithoutParity = 0xFE;

// Weak, then semi-weak keys (NIST SP 800-67, 3.3.2), with odd parity.
constexpr std::array<std::uint64_t, 16> kWeak{
    0x0101010101010101, 0xFEFEFEFEFEFEFEFE, 0xE0E0E0E0F1F1F1F1, 0x1F1F1F1F0E0E0E0E,
    0x011F011F010E010E, 0x1F011F010E010E01, 0x01E001E001F101F1, 0xE001E001F101F101,
    0x01FE01FE01FE01FE, 0xFE01FE01FE01FE01, 0x1FE01FE00EF10EF1, 0xE01FE01FF10EF10E,
    0x1FFE1FFE0EFE0EFE, 0xFE1FFE1FFE0EFE0E, 0xE0FEE0FEF1FEF1FE, 0xFEE0FEE0FEF1FEF1};

/// Equality but for the parity bits.
bool is_same_half(ByteView half, ByteView other) {
  return std::ranges::equal(half, other, [](std::uint8_t a, std::uint8_t b) {
    return (a & kWithoutParity) == (b & kWithoutParity);
  });
}

}  // namespace

bool has_odd_parity(ByteView key) {
  return std::ranges::all_of(key, [](std::uint8_t b) { return std::popcount(b) % 2 == 1; });
}

bool is_weak_des_part(ByteView part) {
  if (part.size() != kHalf) throw std::invalid_argument("a DES key has 8 bytes");
  return std::ranges::any_of(kWeak, [part](std::uint64_t weak) {
    Bytes key;
    append_number(key, weak, kHalf);
    return is_same_half(part, key);
  });
}

bool is_weak_des2_key(ByteView key) {
  if (key.size() != 2 * kHalf) throw std::invalid_argument("a double-length key has 16 bytes");
  const ByteView left = key.first(kHalf), right = key.last(kHalf);
  return is_weak_des_part(left) || is_weak_des_part(right) || is_same_half(left, right);
}

}  // namespace emvcrypto
